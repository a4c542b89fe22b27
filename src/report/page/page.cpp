#include "report/page/page.h"

#include <algorithm>

#include "base/encode.h"
#include "base/sha256.h"
#include "report/page/sections.h"
#include "report/page/style.h"

namespace hikaku {
namespace {

struct Section {
  const char* id;
  Phrase title;  ///< in the navigation
  Markup (*make)(const Sources&);
};

std::vector<Section> all_sections() {
  return {{"verdict", {"In short", "まとめ"}, verdict_section},
          {"product", {"Matrix product", "行列の積"}, product_section},
          {"unet", {"U-Net", "U-Net"}, unet_section},
          {"quality", {"What it learnt", "何を学んだか"}, quality_section},
          {"fooled", {"How to be fooled", "だまされる方法"}, fooled_section},
          {"energy", {"Energy", "電力量"}, energy_section},
          {"machine", {"Machine and caveats", "マシンと注意"}, machine_section},
          {"samples", {"All samples", "すべての測定値"}, samples_section}};
}

/// Nothing may be loaded and no script may run; the one style is named by its digest.
std::string policy(const std::string& rules) {
  const auto digest = sha256(rules);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return fmt::format(
      "default-src 'none'; img-src data:; style-src 'sha256-{}'; base-uri 'none'; form-action "
      "'none'",
      base64(bytes));
}

void head(const Sources& sources, Language language, Markup& out) {
  const std::string rules = page_rules() + race_rules(sources);
  out.open("head").leaf("meta", {{"charset", "utf-8"}});
  out.leaf("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy(rules)}});
  out.leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  out.leaf("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  out.element(
      "title", {},
      language == Language::ja ? "hikaku 比較：CPU と GPU" : "hikaku: CPU and GPU compared");
  out.style(rules).close("head");
}

/// Two radio buttons that the rules of style read: the switch needs no script.
void language_choice(Language shown, Markup& out) {
  for (const auto& [language, id, label] :
       {std::tuple{Language::en, "lang-en", "English"}, {Language::ja, "lang-ja", "日本語"}}) {
    Markup::Attributes attributes{{"type", "radio"},
                                  {"name", "lang"},
                                  {"id", id},
                                  {"class", "choice"},
                                  {"aria-label", label}};
    if (language == shown) attributes.emplace_back("checked", "");
    out.leaf("input", attributes);
  }
}

void page_header(const std::vector<Section>& sections, Markup& out) {
  out.open("header").open("p", {{"class", "brand"}}).text("hikaku");
  out.element("small", Phrase{"比較: CPU and GPU, measured", "比較：CPU と GPU を測る"}).close("p");
  out.open("div", {{"class", "languages"}});
  out.element("label", {{"for", "lang-en"}, {"lang", "en-US"}}, "English");
  out.element("label", {{"for", "lang-ja"}, {"lang", "ja-JP"}}, "日本語");
  out.close("div").close("header");
  out.open("main").open("nav").open("ul");
  for (const Section& section : sections) {
    out.open("li")
        .element("a", {{"href", fmt::format("#{}", section.id)}}, section.title)
        .close("li");
  }
  out.close("ul").close("nav");
}

/// The stripes of a recorded bar.
void hatch(Markup& out) {
  out.open("svg", {{"class", "unseen"}, {"aria-hidden", "true"}}).open("defs");
  out.open("pattern", {{"id", "hatch"},
                       {"width", "8"},
                       {"height", "8"},
                       {"patternUnits", "userSpaceOnUse"},
                       {"patternTransform", "rotate(45)"}});
  out.leaf("line", {{"x1", "0"}, {"x2", "0"}, {"y1", "0"}, {"y2", "8"}, {"class", "hatch"}});
  out.close("pattern").close("defs").close("svg");
}

void page_footer(const Sources& sources, Markup& out) {
  out.open("footer").open("p", {{"class", "download"}});
  for (const Source& source : sources) {
    const std::string data = base64(write_result(source.result));
    out.open("a", {{"class", "button"},
                   {"download", source.name},
                   {"href", fmt::format("data:application/json;base64,{}", data)}});
    out.text(Phrase{"Save ", "保存："}).text(source.name).close("a");
  }
  out.close("p");
  paragraph(
      out, {"Every number on this page comes from these files, which it holds. It loads nothing "
            "and runs no script. How each number is taken: docs/measuring.md; the words "
            "explained: docs/lesson.md.",
            "このページの数値は、すべてページの中にある上のファイルから来ています。ページは何も読み"
            "込まず、スクリプトも動かしません。測り方は docs/measuring.md、用語の説明は "
            "docs/lesson.ja.md にあります。"});
  out.close("footer");
}

}  // namespace

std::string render_page(const Sources& sources, Language language) {
  const auto sections = all_sections();
  Markup out;
  out.open("html", {{"lang", language == Language::ja ? "ja" : "en"}});
  head(sources, language, out);
  out.open("body");
  language_choice(language, out);
  hatch(out);
  page_header(sections, out);
  for (const Section& section : sections) out.add(section.make(sources));
  out.close("main");
  page_footer(sources, out);
  out.close("body").close("html");
  return fmt::format("<!doctype html>\n{}", out.str());
}

}  // namespace hikaku
