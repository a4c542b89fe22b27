// The page and the plain tables: their text, their safety, their honesty about what is missing.
#include "report/page/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/encode.h"
#include "base/sha256.h"
#include "count.h"
#include "golden.h"
#include "report/page/roofline.h"
#include "report/page/sweep.h"
#include "report/plain.h"
#include "report/terminal.h"
#include "sample_result.h"

namespace hikaku {
namespace {

/// With both devices, so that every chart has something to show.
Sources sample_sources() {
  Result result = sample_result();
  UnetResult gpu = result.unet[0];
  gpu.device = "cuda:0";
  gpu.train.seconds = 1.5;
  gpu.train.projected = false;
  gpu.train.losses = {3.1, 2.2, not_measured};
  gpu.train.step_seconds = {{0.07, 0.071, 0.072}};
  gpu.eval.seconds = 0.4;
  result.unet.push_back(gpu);
  return {{"result.json", result}};
}

/// What is between data: URLs.
std::string without_data(std::string page) {
  const std::string_view mark = "base64,";
  for (auto at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1)) {
    page.erase(at + mark.size(), page.find('"', at) - at - mark.size());
  }
  return page;
}

std::string body(const std::string& page) { return page.substr(page.find("<body>")); }

TEST(Page, IsAsItWasLookedAt) {
  expect_golden(body(without_data(render_page(sample_sources(), Language::en))), "report.html");
}

TEST(Plain, IsAsItWasLookedAt) {
  expect_golden(render_markdown(sample_sources()), "report.md");
  expect_golden(render_csv(sample_sources()), "report.csv");
}

TEST(Terminal, IsAsItWasLookedAt) {
  const Result result = sample_sources()[0].result;
  expect_golden(render_terminal(result, {Language::en}), "terminal.en.txt");
  expect_golden(render_terminal(result, {Language::ja}), "terminal.ja.txt");
}

TEST(Page, AllowsNothingButItsOwnStyle) {
  const std::string page = render_page(sample_sources(), Language::en);
  const auto begin = page.find("<style>") + 7;
  const auto digest = sha256(page.substr(begin, page.find("</style>") - begin));
  const std::string named = base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  EXPECT_NE(page.find("default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-" + named),
            std::string::npos);
  for (const char* forbidden : {"<script", " style=", "http://", "https://", "unsafe", "<link",
                                "<iframe", "@import", "onload", "onclick"}) {
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
  }
}

TEST(Page, BeginsInTheLanguageThatIsAskedFor) {
  for (const auto& [language, id] :
       {std::pair{Language::en, "lang-en"}, {Language::ja, "lang-ja"}}) {
    const std::string page = render_page(sample_sources(), language);
    EXPECT_EQ(count(page, "checked=\"\""), 1);
    const auto at = page.find(fmt::format("id=\"{}\"", id));
    EXPECT_LT(page.find("checked=\"\"", at), page.find('>', at));
  }
}

TEST(Page, SaysEverythingInBothLanguages) {
  const std::string page = body(render_page(sample_sources(), Language::en));
  EXPECT_EQ(count(page, "<span lang=\"en\">"), count(page, "<span lang=\"ja\">"));
  EXPECT_EQ(count(page, "<tspan lang=\"en\">"), count(page, "<tspan lang=\"ja\">"));
  EXPECT_EQ(count(page, "<span lang=\"en\"></span>"), 0);
}

TEST(Page, TheVerdictComesFirstAndNamesTheWinner) {
  Sources sources = sample_sources();
  const auto title = [&] {
    const std::string page = render_page(sources, Language::en);
    const auto at = page.find("<h1");
    return page.substr(at, page.find("</h1>") - at);
  };
  EXPECT_NE(title().find("the GPU is 68.3 times as fast as the CPU"), std::string::npos) << title();
  EXPECT_EQ(title().find("GPU in"), std::string::npos);
  sources[0].result.unet[1].precision = "tf32";
  EXPECT_NE(title().find("(CPU in f32, GPU in tf32): the GPU is 68.3"), std::string::npos);
  sources[0].result.unet[1].train.seconds = 205;
  EXPECT_NE(title().find("the CPU wins here. It is 2.00 times"), std::string::npos) << title();
  sources[0].result.unet.pop_back();
  EXPECT_NE(title().find("takes this CPU 102 s"), std::string::npos) << title();
  sources[0].result.unet.clear();
  sources[0].result.matmul.pop_back();
  EXPECT_NE(title().find("multiplies two 8000 x 8000 matrices in 2.95 s"), std::string::npos);
  sources[0].result.matmul.clear();
  EXPECT_NE(title().find("no comparison yet"), std::string::npos) << title();
}

TEST(Page, ShowsTheSpeedupsThatTheResultTells) {
  Sources sources = sample_sources();
  Speedup told{"train f32", "cpu", "cuda:0", {42.4, not_measured, not_measured}};
  told.baseline_precision = told.device_precision = "f32";
  sources[0].result.speedups.push_back(told);
  const std::string page = render_page(sources, Language::en);
  EXPECT_NE(page.find("the GPU is 42.4 times as fast"), std::string::npos);
  EXPECT_NE(page.find("<b><span lang=\"en\">42.4x"), std::string::npos);
  EXPECT_EQ(page.find(">68.3x"), std::string::npos) << "reckoned again";
  // Of two results of one machine neither tells it.
  sources.push_back(sources[0]);
  std::erase_if(sources[0].result.unet,
                [](const UnetResult& unet) { return unet.device != "cpu"; });
  std::erase_if(sources[1].result.unet,
                [](const UnetResult& unet) { return unet.device == "cpu"; });
  EXPECT_NE(render_page(sources, Language::en).find("the GPU is 68.3 times"), std::string::npos);
}

TEST(Page, TellsBothPrecisionsAndWhereTheGpuDoesNotPay) {
  Sources sources = sample_sources();
  UnetResult fast = sources[0].result.unet[1];
  fast.precision = "bf16";
  fast.train.seconds = 0.5;
  sources[0].result.unet.push_back(fast);
  const std::string page = render_page(sources, Language::en);
  for (const char* part :
       {"2 h 51 min on this CPU and 2 min 30 s on this GPU, 50.0 s in bf16.", "205x",
        "CPU in f32, GPU in bf16; measured once", "up to n = 85 the CPU multiplies"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

TEST(Page, DrawsWhatALongerTrainingLearnt) {
  Sources sources = sample_sources();
  UnetResult& unet = sources[0].result.unet[0];
  unet.epochs = {{1, 2.0, 3.0, 0.7, 0.03}};
  EXPECT_EQ(render_page(sources, Language::en).find("by epoch"), std::string::npos);
  unet.epochs.push_back({2, 1.5, 1.6, 0.75, 0.05});
  EXPECT_EQ(count(render_page(sources, Language::en), "Mean IoU by epoch</span>"), 1);
}

TEST(Page, LabelsWhatAnotherMachineMeasured) {
  Sources sources{{"result.json", sample_result()},
                  {"other.json", sample_sources()[0].result, true}};
  sources[1].result.machine.cpu.model = "Another CPU";
  const std::string page = render_page(sources, Language::en);
  EXPECT_NE(page.find("takes this CPU 102 s"), std::string::npos);
  EXPECT_NE(
      page.find("a record of another machine (Another CPU, 2 threads), made by this program on "
                "2026-01-31"),
      std::string::npos);
  EXPECT_NE(page.find("recorded: other"), std::string::npos);
  EXPECT_NE(page.find("recorded machine"), std::string::npos);
  EXPECT_GE(count(page, "url(#hatch)"), 2);
  EXPECT_EQ(count(render_page(sample_sources(), Language::en), "url(#hatch)"), 0);
}

TEST(Page, ShowsWhatIsMissingAsMissing) {
  for (const Result& result : {Result{}, sample_result()}) {
    Result holes = result;
    for (MatmulResult& product : holes.matmul) {
      product.seconds.values.clear();
      product.flops_per_second = product.fraction_of_peak = not_measured;
    }
    for (UnetResult& unet : holes.unet) {
      unet.train = {};
      unet.eval = {};
    }
    const std::string page = body(without_data(render_page({{"r.json", holes}}, Language::en)));
    EXPECT_EQ(page.find("nan"), std::string::npos) << page.substr(page.find("nan") - 100, 200);
    EXPECT_EQ(page.find("inf "), std::string::npos);
  }
}

TEST(Page, InfiniteAndNegativeValuesBreakNothing) {
  Sources sources = sample_sources();
  sources[0].result.unet[0].train.seconds = HUGE_VAL;
  sources[0].result.unet[0].train.losses = {HUGE_VAL, -1, 0};
  sources[0].result.unet[1].train.seconds = 0;
  sources[0].result.matmul[0].seconds.values = {-1, 0, HUGE_VAL, not_measured};
  EXPECT_FALSE(render_page(sources, Language::en).empty());
}

/// What a file, a class, a device or a library might be called by somebody who means harm.
std::vector<std::string> hostile_names() {
  std::vector<std::string> names{
      "<script>alert(1)</script>",
      "</title><script>alert(1)</script>",
      "\"><img src=x onerror=alert(1)>",
      "' onmouseover='alert(1)",
      "</style><script>alert(1)</script>",
      "<svg onload=alert(1)>",
      "<!--",
      "-->",
      "]]>",
      "<![CDATA[",
      "javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "&lt;script&gt;",
      "&#60;script&#62;",
      "&amp;",
      "%3Cscript%3E",
      "\\u003cscript\\u003e",
      "`;alert(1)//",
      "${alert(1)}",
      "{{7*7}}",
      "{}",
      "{0}",
      "%s%s%n",
      std::string("\0hidden", 7),  // NOLINT(bugprone-string-literal-with-embedded-nul)
      "\x1b[31mred",
      "a\r\nContent-Type: text/html",
      "a\nb",
      "\u202egnp.exe",
      "\xe2\x81\xa6x",
      "\xff\xfe",
      "\xc0\xbcscript\xc0\xbe",
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",
      "\xe2\x80\xa8",
      "=cmd|' /C calc'!A0",
      "+1+1",
      "-2",
      "@SUM(A1)",
      "../../../etc/passwd",
      "C:\\con",
      "| a | b |",
      "[x](javascript:alert(1))",
      "![x](http://evil)",
      "**bold**",
      "# title",
      "```",
      "~~~",
      "<a href=//evil>",
      "\"",
      "'",
      ";drop table",
      "<b"};
  names.emplace_back(5000, 'A');
  return names;
}

Result named(const std::string& name) {
  Result result = sample_sources()[0].result;
  result.command = {name, name};
  result.program.version = result.program.started = name;
  result.machine.cpu.model = result.machine.os = result.machine.cpu.governor = name;
  result.machine.cpu.isa = {name};
  result.machine.gpus = {{name, name, 1, name}};
  result.machine.no_gpu = NoGpu{name, name};
  result.machine.libraries = {{name, {name, name, name}}};
  result.caveats = {{name, name, name, name}};
  for (MatmulResult& product : result.matmul) product.implementation = product.dtype = name;
  result.bench[0].what = result.bench[0].device = name;
  result.unet[0].precision = name;
  result.speedups[0].what = name;
  result.pictures[0].name = result.pictures[0].truth_png = name;
  result.fooled[0].id = result.sweep[0].device = name;
  result.energy->currency = result.energy->work[0].device = result.energy->work[0].reason = name;
  result.energy->meters[2] = {name, "unavailable", name, name, name, name};
  return result;
}

/// What a browser would take for markup: a tag's name that the page itself does not use.
bool has_foreign_tag(const std::string& page) {
  for (auto at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::string_view rest = std::string_view(page).substr(at + 1);
    for (const char* foreign :
         {"script", "img src=x", "svg onload", "!--", "![CDATA", "a href=//", "b\"", "b<"}) {
      if (rest.starts_with(foreign)) return true;
    }
  }
  return false;
}

TEST(Page, HostileNamesStayText) {
  ASSERT_GE(hostile_names().size(), 50U);
  for (const std::string& name : hostile_names()) {
    const Sources sources{{name, named(name)}};
    const std::string page = without_data(render_page(sources, Language::en));
    EXPECT_FALSE(has_foreign_tag(page)) << name;
    EXPECT_EQ(page.find("onerror=alert(1)>"), std::string::npos) << name;
    EXPECT_EQ(count(page, "</html>"), 1) << name;
    EXPECT_EQ(count(page, "</style>"), 1) << name;
    for (const char* hidden : {"\x1b", "\xe2\x80\xae", "\xff", "\xc0", "\r"}) {
      EXPECT_EQ(page.find(hidden), std::string::npos) << name;
    }
    EXPECT_EQ(page.find('\0'), std::string::npos);
  }
}

TEST(Roof, IsTheLowerOfMemoryAndArithmetic) {
  EXPECT_EQ(roof(100, 10, 2), 20);
  EXPECT_EQ(roof(100, 10, 50), 100);
}

TEST(Page, TellsTheStepByItsPartsAndTheRooflineOnlyWhereTheyWereMeasured) {
  Sources sources = sample_sources();
  const std::string both = render_page(sources, Language::en);
  for (const char* part : {"(profiled)", "The roofline", "CPU f32: roof", "is 12.5x (",
                           "faster than the CPU from n ="}) {
    EXPECT_NE(both.find(part), std::string::npos) << part;
  }
  sources[0].result.bandwidth.clear();
  for (UnetResult& unet : sources[0].result.unet) unet.train.profile.reset();
  const std::string none = render_page(sources, Language::en);
  EXPECT_EQ(none.find("(profiled)"), std::string::npos);
  EXPECT_EQ(none.find("CPU f32: roof"), std::string::npos);
  EXPECT_NE(none.find("The roofline needs the memory"), std::string::npos);
}

TEST(Crossover, LiesBetweenTheSizesWhereTheLeadChanges) {
  EXPECT_DOUBLE_EQ(crossover({{10, 1}, {1000, 100}}, {{10, 10}, {1000, 10}}), 100);
  // A lead that is lost again does not count.
  EXPECT_DOUBLE_EQ(crossover({{1, 9}, {10, 1}, {1000, 100}}, {{1, 8}, {10, 10}, {1000, 10}}), 100);
  EXPECT_TRUE(std::isnan(crossover({{1, 9}, {10, 1}}, {{1, 10}, {10, 2}})));
  EXPECT_TRUE(std::isnan(crossover({{10, 1}, {100, 1}}, {{10, 2}, {100, 2}})));
  EXPECT_TRUE(std::isnan(crossover({{10, 3}, {100, 3}}, {{10, 2}, {100, 2}})));
  EXPECT_TRUE(std::isnan(crossover({{10, 1}}, {})));
}

TEST(Plain, HostileNamesStayInTheirCell) {
  for (const std::string& name : hostile_names()) {
    const Sources sources{{name, named(name)}};
    const std::string csv = render_csv(sources);
    for (auto at = csv.find("\r\n"); at + 2 < csv.size(); at = csv.find("\r\n", at + 2)) {
      EXPECT_EQ(std::string("=+-@").find(csv[at + 2]), std::string::npos) << name;
    }
    const std::string markdown = render_markdown(sources);
    EXPECT_EQ(markdown.find("<script"), std::string::npos) << name;
    EXPECT_EQ(markdown.find("](j"), std::string::npos) << name;
    EXPECT_EQ(markdown.find("](h"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace hikaku
