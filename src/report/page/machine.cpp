// The machine, the libraries, the command, and what taints the numbers.
#include <fmt/ranges.h>

#include "report/page/sections.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {
namespace {

void caveats(const Result& result, Markup& out) {
  if (result.caveats.empty()) {
    paragraph(out, {"Nothing was found that taints these numbers.",
                    "この結果を損なうものは見つかりませんでした。"});
    return;
  }
  out.open("ul", {{"class", "caveats"}});
  for (const Caveat& caveat : result.caveats) {
    const auto both = [&](const char* kind, const std::string& english) {
      const std::string key = fmt::format("{}.{}", kind, caveat.id);
      return Phrase{english, std::string(translated(key, english, Language::ja))};
    };
    out.open("li");
    if (!caveat.subject.empty()) out.element("b", {}, caveat.subject + ": ");
    out.text(both("caveat", caveat.text)).open("small").text(Phrase{"What to do: ", "対策："});
    out.text(both("remedy", caveat.remedy)).close("small").close("li");
  }
  out.close("ul");
}

Phrase yes_no(bool yes) { return yes ? Phrase{"yes", "はい"} : Phrase{"no", "いいえ"}; }

void facts(const Source& source, Markup& out) {
  const Result& result = source.result;
  const Machine& machine = result.machine;
  std::vector<Cells> rows{
      {{"processor", "プロセッサ"}, Phrase::same(machine.cpu.model)},
      {{"cores, threads used", "コア、使ったスレッド"},
       Phrase::same(fmt::format("{}, {}", machine.cpu.cores, machine.cpu.threads))},
      {{"instruction sets", "命令セット"},
       Phrase::same(fmt::format("{}", fmt::join(machine.cpu.isa, ", ")))},
      {{"virtual machine", "仮想マシン"}, yes_no(machine.cpu.virtualised)},
      {{"memory", "メモリ"}, Phrase::same(pretty_bytes(static_cast<double>(machine.memory.total)))},
      {{"system", "OS"}, Phrase::same(fmt::format("{}, {}", machine.os, machine.kernel))}};
  for (const GpuFacts& gpu : machine.gpus) {
    rows.push_back(
        {Phrase::same("GPU"),
         say("{}, {}, {}, driver {}", "{}、{}、{}、ドライバ {}", gpu.name, gpu.architecture,
             pretty_bytes(static_cast<double>(gpu.memory_bytes)), gpu.driver)});
  }
  rows.push_back({{"program", "プログラム"},
                  Phrase::same(fmt::format("{} {}", result.program.name, result.program.version))});
  rows.push_back({{"started (UTC)", "開始（UTC）"}, Phrase::same(result.program.started)});
  rows.push_back(
      {{"seed of the random numbers", "乱数の種"}, Phrase::same(std::to_string(result.seed))});
  table(out, Phrase{"The machine, ", "マシン、"} + Phrase::same(source.name),
        {{"fact", "項目"}, {"value", "値"}}, rows);
}

void libraries(const Source& source, Markup& out) {
  std::vector<Cells> rows;
  for (const auto& [name, library] : source.result.machine.libraries) {
    rows.push_back({Phrase::same(name), Phrase::same(library.compiled),
                    Phrase::same(library.loaded), Phrase::same(library.detail)});
  }
  if (rows.empty()) return;
  const Phrase title{"Libraries and their versions", "ライブラリとバージョン"};
  out.open("details").element("summary", title);
  table(out, title + Phrase{", ", "、"} + Phrase::same(source.name),
        {{"library", "ライブラリ"},
         {"compiled with", "ビルド時"},
         {"loaded", "実行時"},
         {"detail", "詳細"}},
        rows);
  out.close("details");
}

}  // namespace

Markup machine_section(const Sources& sources) {
  Markup out;
  open_section(out, "machine", {"The machine, the command, the caveats", "マシン、コマンド、注意"});
  for (const Source& source : sources) {
    const Result& result = source.result;
    out.open("div", {{"class", "machine"}}).open("h3").text(source.name);
    if (source.recorded) out.text(Phrase{" (recorded, another machine)", "（記録、別のマシン）"});
    out.close("h3");
    out.element("pre", {}, fmt::format("{}", fmt::join(result.command, " ")));
    caveats(result, out);
    facts(source, out);
    libraries(source, out);
    out.close("div");
  }
  out.close("section");
  return out;
}

}  // namespace hikaku
