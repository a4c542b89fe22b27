// Energy: joules of one epoch and one product, what they cost, and how that is known.
#include <algorithm>
#include <cmath>

#include "report/page/sections.h"
#include "report/row_chart.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {
namespace {

Phrase known(const EnergyResult& one) {
  const auto in = [&](Language language) {
    std::string kind = energy_reason(one.kind, language);
    if (one.reason.empty()) return kind;
    return language == Language::ja
               ? fmt::format("{}（{}）", kind, energy_reason(one.reason, language))
               : fmt::format("{}: {}", kind, energy_reason(one.reason, language));
  };
  return {in(Language::en), in(Language::ja)};
}

bool same_work(const EnergyResult& one, const EnergyResult& other) {
  return one.what == other.what && one.device == other.device && one.precision == other.precision;
}

/// The joules of a device's work, all its meters together; NaN where one of them is unavailable.
double joules_of(const EnergyReport& report, const EnergyResult& work) {
  double sum = 0;
  for (const EnergyResult& one : report.work) {
    if (same_work(one, work)) sum += one.net_joules_each;
  }
  return sum;
}

ChartRow row_of(const Source& source, const Sources& sources, const EnergyResult& work) {
  const EnergyReport& report = *source.result.energy;
  ChartRow row{.name = device_and_type(work.device, work.precision),
               .note = source_note(sources, source),
               .segments = {},
               .value = Phrase::same(pretty_joules(joules_of(report, work))),
               .samples = {},
               .recorded = source.recorded};
  for (const EnergyResult& one : report.work) {
    if (!same_work(one, work)) continue;
    row.segments.push_back(
        {one.net_joules_each, device_colour(one.meter), device_phrase(one.meter)});
    const Phrase how = known(one);
    if (one.kind != "measured" && row.note.en.find(how.en) == std::string::npos) {
      row.note = joined(row.note, how);
    }
  }
  return row;
}

void bars(const Sources& sources, const char* what, const Phrase& title, Markup& out) {
  RowChart chart{
      title, {"energy, idle subtracted", "電力量（アイドル分を除く）"}, pretty_joules, {}};
  for (const Source& source : sources) {
    if (!source.result.energy) continue;
    const auto& all = source.result.energy->work;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].what != what || (i > 0 && same_work(all[i - 1], all[i]))) continue;
      chart.rows.push_back(row_of(source, sources, all[i]));
    }
  }
  out.add(draw(chart));
}

/// "240", "2.31"
std::string in_works(double works) {
  return works == std::floor(works) ? pretty_count(works) : pretty_number(works);
}

Cells table_row(const Sources& sources, const Source& source, const EnergyResult& one) {
  const EnergyReport& report = *source.result.energy;
  const auto meter =
      std::find_if(report.meters.begin(), report.meters.end(),
                   [&](const EnergyMeter& other) { return other.device == one.meter; });
  const bool found = meter != report.meters.end();
  const Phrase what =
      one.what == "train" ? Phrase{"epoch", "1 エポック"} : Phrase{"product", "行列の積"};
  return {noted(sources, source,
                device_and_type(one.device, one.precision) + Phrase{", ", "、"} + what),
          device_phrase(one.meter),
          Phrase::same(pretty_joules(one.net_joules_each)),
          Phrase::same(pretty_watts(one.joules / one.seconds)),
          Phrase::same(pretty_watts(found ? meter->idle_watts : not_measured)),
          Phrase::same(
              fmt::format("{} {}", pretty_money(works_of_a_cost * one.cost_each), report.currency)),
          say("{} in {}", "{1} に {0} 回", in_works(one.works), pretty_seconds(one.seconds)),
          known(one) + (found ? Phrase{", ", "、"} + Phrase::same(meter->source) : Phrase{})};
}

/// The epoch on the CPU beside that on the GPU that takes the fewest joules.
void verdict(const Source& source, Markup& out) {
  const EnergyReport& report = *source.result.energy;
  const EnergyResult *cpu = nullptr, *gpu = nullptr;
  for (const EnergyResult& one : report.work) {
    if (one.what != "train" || !(joules_of(report, one) > 0)) continue;
    const EnergyResult*& best = is_gpu(one.device) ? gpu : cpu;
    if (best == nullptr || joules_of(report, one) < joules_of(report, *best)) best = &one;
  }
  if (cpu == nullptr || gpu == nullptr) return;
  constexpr double joules_per_kwh = 3.6e6, epochs = 100;
  const double slow = joules_of(report, *cpu), fast = joules_of(report, *gpu);
  const auto cost = [&](double joules) {
    return fmt::format("{} {}",
                       pretty_money(epochs * joules / joules_per_kwh * report.price_per_kwh),
                       report.currency);
  };
  paragraph(out,
            say("An epoch takes {0} on the CPU and {1} on the GPU with the CPU beside it: {2} "
                "times the energy. A hundred epochs cost {3} and {4}, at {5} {6} a kWh.",
                "1 エポックの電力量は CPU で {0}、GPU（と、それを助ける CPU）で {1} です。CPU は "
                "GPU の {2} 倍を使います。100 エポックの料金は {3} と {4}（1 kWh = {5} {6}）です。",
                pretty_joules(slow), pretty_joules(fast), pretty_number(slow / fast), cost(slow),
                cost(fast), pretty_number(report.price_per_kwh), report.currency));
}

void missing(const Sources& sources, const Source& source, Markup& out) {
  for (const EnergyMeter& meter : source.result.energy->meters) {
    if (meter.kind == "measured") continue;
    const auto in = [&](const char* kind, const std::string& english) {
      const auto key = fmt::format("{}.{}", kind, meter.reason);
      return Phrase{english, std::string(translated(key, english, Language::ja))};
    };
    const Phrase kind{energy_reason(meter.kind, Language::en),
                      energy_reason(meter.kind, Language::ja)};
    nothing_here(out, noted(sources, source, device_phrase(meter.device)) + Phrase{": ", "："} +
                          kind + Phrase{", ", "。"} + in("meter", meter.text) +
                          Phrase{". What to do: ", "。対策："} + in("meter_remedy", meter.remedy));
  }
}

}  // namespace

Markup energy_section(const Sources& sources) {
  Markup out;
  open_section(out, "energy", {"Energy", "電力量"});
  const auto told = [](const Source& source) {
    return source.result.energy && source.result.energy->window_seconds > 0;
  };
  if (std::none_of(sources.begin(), sources.end(), told)) {
    nothing_here(out, {"Energy was not looked at in this result. It is by: hikaku compare",
                       "この結果では電力量を調べていません。調べるには：hikaku compare"});
    out.close("section");
    return out;
  }
  paragraph(out,
            {"A watt is a joule a second. What the machine takes while it idles is measured first "
             "and subtracted: the rest is the price of the work. Processor (RAPL) and GPU (NVML) "
             "count themselves; the power supply, fans and disks are in neither.",
             "1 ワットは毎秒 1 ジュールです。何もしていないときの電力を先に測って引いてあります。"
             "残りが計算のための電力量です。CPU（RAPL）と GPU（NVML）がそれぞれ自分の分を数えます"
             "。電源、ファン、ディスクの分は含みません。"});
  std::vector<Cells> rows;
  for (const Source& source : sources) {
    if (!told(source)) continue;
    verdict(source, out);
    for (const EnergyResult& one : source.result.energy->work) {
      rows.push_back(table_row(sources, source, one));
    }
  }
  out.open("div", {{"class", "two"}});
  bars(sources, "train", {"One epoch of training", "学習 1 エポック"}, out);
  bars(sources, "matmul", {"One matrix product", "行列の積 1 回"}, out);
  out.close("div");
  table(out, {"Energy in numbers", "電力量の数値"},
        {{"work", "計算"},
         {"whose energy", "どの装置の"},
         {"energy of one", "1 回の電力量"},
         {"power, in all", "電力（全体）"},
         {"idle", "アイドル"},
         {"cost of 1000", "1000 回の料金"},
         {"measured over", "測った回数と時間"},
         {"how it is known", "根拠"}},
        rows);
  for (const Source& source : sources) {
    if (told(source)) missing(sources, source, out);
  }
  paragraph(out, {"NVML's samples of power cover about a quarter of the time on an H100; so the "
                  "GPU's own counter of energy is used where there is one, over 5 s at least.",
                  "NVML の電力の標本は、H100 では時間の約 4 分の 1 しか見ていません。そのため、GPU "
                  "に電力量のカウンタがあればそれを使い、5 秒以上測ります。"});
  out.close("section");
  return out;
}

}  // namespace hikaku
