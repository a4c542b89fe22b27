#include "report/page/phases.h"

#include <array>
#include <cmath>

#include "report/page/sections.h"
#include "report/row_chart.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {
namespace {

struct Part {
  const char* name;
  std::string_view colour;
};

/// Decoding is none of them: the loader's threads do it beside.
constexpr std::array parts{Part{"wait", "fifth"},    Part{"copy", "fourth"},
                           Part{"forward", "third"}, Part{"loss", "bad"},
                           Part{"backward", "link"}, Part{"adam", "rest"}};

Phrase name_of(const char* part) {
  const std::string key = fmt::format("step.{}", part);
  return {std::string(text(key, Language::en)), std::string(text(key, Language::ja))};
}

double seconds_of(const ProfileResult& profile, const char* part) {
  const auto found = profile.phase_seconds.find(part);
  return found == profile.phase_seconds.end() ? not_measured : found->second;
}

ChartRow row_of(const Sources& sources, const Found<UnetResult>& found) {
  const ProfileResult& profile = *found.item->train.profile;
  double whole = 0;
  for (const Part& part : parts) whole += seconds_of(profile, part.name);
  ChartRow row{.name = device_and_type(found.item->device, found.item->precision),
               .note = source_note(sources, *found.source),
               .segments = {},
               .value = say("{} a step", "1 ステップ {}", pretty_seconds(whole)),
               .samples = {},
               .recorded = found.source->recorded};
  for (const Part& part : parts) {
    row.segments.push_back(
        {100 * seconds_of(profile, part.name) / whole, part.colour, name_of(part.name)});
  }
  return row;
}

Cells cells_of(const Sources& sources, const Found<UnetResult>& found) {
  const UnetResult& unet = *found.item;
  const ProfileResult& profile = *unet.train.profile;
  Cells cells{noted(sources, *found.source, device_and_type(unet.device, unet.precision))};
  for (const char* part : step_phases) {
    cells.push_back(Phrase::same(pretty_seconds(seconds_of(profile, part))));
  }
  cells.push_back(Phrase::same(pretty_median(profile.step_seconds)));
  cells.push_back(say("{}x of {}", "{1} の {0} 倍", pretty_number(profile.over_unprofiled),
                      pretty_median(unet.train.step_seconds)));
  return cells;
}

}  // namespace

Markup phases_chart(const Sources& sources, const Workload& group) {
  Markup out;
  RowChart chart{{"Where the time of a training step goes (profiled)",
                  "学習 1 ステップの時間の内訳（分けて測定）"},
                 {"share of the step", "ステップに占める割合"},
                 [](double percent) { return pretty_percent(percent / 100); },
                 {}};
  Cells heading{{"device and type", "デバイスと型"}};
  for (const char* part : step_phases) heading.push_back(name_of(part));
  heading.push_back({"forward to Adam", "順伝播から Adam まで"});
  heading.push_back({"against the undivided step", "分けないステップに対して"});
  std::vector<Cells> rows;
  for (const Found<UnetResult>& found : group) {
    if (!found.item->train.profile || found.item->train.profile->steps == 0) continue;
    chart.rows.push_back(row_of(sources, found));
    rows.push_back(cells_of(sources, found));
  }
  if (rows.empty()) return out;
  out.add(draw(chart));
  table(out, workload_title(group) + Phrase{": the parts of a step", "：ステップの内訳"}, heading,
        rows);
  out.open("p")
      .element(
          "small",
          Phrase{"These come from some steps of their own, in which each part is waited for "
                 "before the next begins; the last column tells how far their sum is from a "
                 "step that is left alone. Decoding is the work of the loader's threads for "
                 "one batch; it goes on beside, so it is in no bar: only waiting for it is.",
                 "各部分が終わるのを待つ、別の実行で測りました。最後の列は、その合計が、分けずに"
                 "測った 1 ステップからどれだけ離れているかを表します。デコードは 1 バッチ分の"
                 "読み込みスレッドの仕事です。並行して進むので棒には入れず、それを待った時間だけ"
                 "を入れてあります。"})
      .close("p");
  return out;
}

}  // namespace hikaku
