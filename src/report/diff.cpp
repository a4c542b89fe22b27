#include "report/diff.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "measure/rank_test.h"
#include "report/columns.h"
#include "report/page/sources.h"
#include "report/units.h"

namespace hikaku {
namespace {

using Json = nlohmann::ordered_json;

/// A figure of one side, run by run.
struct Collected {
  std::string name, unit;
  std::vector<Samples> runs;
};

std::vector<Collected> collect(const std::vector<Result>& results,
                               std::vector<Figure> (*list)(const Result&)) {
  std::vector<Collected> all;
  for (const Result& result : results) {
    for (Figure& figure : list(result)) {
      std::erase_if(figure.values.values, [](double value) { return !std::isfinite(value); });
      const auto known = std::find_if(all.begin(), all.end(), [&](const Collected& other) {
        return other.name == figure.name;
      });
      auto& place = known == all.end() ? all.emplace_back() : *known;
      place.name = figure.name;
      place.unit = figure.unit;
      place.runs.push_back(std::move(figure.values));
    }
  }
  return all;
}

Samples merge(const std::vector<Samples>& runs, bool medians) {
  Samples merged;
  for (const Samples& run : runs) {
    if (medians) {
      if (!run.values.empty()) merged.values.push_back(run.median());
    } else {
      merged.values.insert(merged.values.end(), run.values.begin(), run.values.end());
    }
  }
  return merged;
}

Verdict judge(const FigureDiff& figure, const DiffOptions& options) {
  const Interval& ratio = figure.ratio;
  const double slower = 1 + options.effect, faster = 1 / slower;
  const bool differs = figure.p_value < options.level;
  if (differs && ratio.low > 1 && ratio.median >= slower) return Verdict::slower;
  if (differs && ratio.high < 1 && ratio.median <= faster) return Verdict::faster;
  const bool enough = figure.before.values.size() >= 5 && figure.after.values.size() >= 5;
  return enough && ratio.low > faster && ratio.high < slower ? Verdict::same : Verdict::unsure;
}

FigureDiff compare(const Collected& before, const Collected& after, const DiffOptions& options) {
  constexpr std::size_t independent_runs = 5;
  const bool medians = std::min(before.runs.size(), after.runs.size()) >= independent_runs;
  FigureDiff figure{before.name, merge(before.runs, medians), merge(after.runs, medians), {}};
  figure.ratio = ratio_of_medians(figure.after, figure.before);
  figure.p_value = mann_whitney_p(figure.before.values, figure.after.values);
  figure.verdict = judge(figure, options);
  return figure;
}

std::vector<SingleDiff> compare_singles(const std::vector<Collected>& before,
                                        const std::vector<Collected>& after) {
  std::vector<SingleDiff> singles;
  for (const Collected& old : before) {
    for (const Collected& one : after) {
      if (one.name != old.name) continue;
      singles.push_back(
          {old.name, old.unit, merge(old.runs, true).median(), merge(one.runs, true).median()});
    }
  }
  return singles;
}

std::string pretty(double value, const std::string& unit) {
  return unit == "J" ? pretty_joules(value) : pretty_seconds(value);
}

std::string percent_change(const Interval& ratio) {
  if (!std::isfinite(ratio.median)) return "-";
  return fmt::format("{:+.1f}% ({:+.1f} .. {:+.1f})", 100 * (ratio.median - 1),
                     100 * (ratio.low - 1), 100 * (ratio.high - 1));
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json json_of(const Samples& samples) {
  return {{"samples", samples.values.size()}, {"median", number(samples.median())}};
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster:
      return "faster";
    case Verdict::slower:
      return "slower";
    case Verdict::same:
      return "same";
    case Verdict::unsure:
      return "unsure";
  }
  return "";
}

namespace {

/// Where one of the two tells of none, its figures are of the CPU alone.
bool same_gpus(const Machine& one, const Machine& other) {
  return one.gpus.empty() || other.gpus.empty() ||
         std::ranges::equal(one.gpus, other.gpus, {}, &GpuFacts::name, &GpuFacts::name);
}

}  // namespace

Diff compare_results(const std::vector<Result>& before, const std::vector<Result>& after,
                     const DiffOptions& options) {
  Diff diff;
  diff.runs = std::min(before.size(), after.size());
  for (const Result& one : before) {
    for (const Result& other : after) {
      diff.same_machine = diff.same_machine && same_machine(one.machine, other.machine) &&
                          same_gpus(one.machine, other.machine);
    }
  }
  const auto old_figures = collect(before, figures_of);
  auto new_figures = collect(after, figures_of);
  for (const Collected& old : old_figures) {
    const auto match = std::find_if(new_figures.begin(), new_figures.end(),
                                    [&](const Collected& one) { return one.name == old.name; });
    if (match == new_figures.end()) {
      diff.only_before.push_back(old.name);
      continue;
    }
    diff.figures.push_back(compare(old, *match, options));
    new_figures.erase(match);
  }
  for (const Collected& left : new_figures) diff.only_after.push_back(left.name);
  diff.singles =
      compare_singles(collect(before, single_figures_of), collect(after, single_figures_of));
  return diff;
}

int count(const Diff& diff, Verdict verdict) {
  return static_cast<int>(
      std::count_if(diff.figures.begin(), diff.figures.end(),
                    [&](const FigureDiff& figure) { return figure.verdict == verdict; }));
}

std::string render_diff(const Diff& diff, Language language) {
  const auto word = [&](const char* key) { return std::string(text(key, language)); };
  std::string out;
  // Names are long: each has a line of its own, so that the rest fits on a terminal.
  for (const FigureDiff& figure : diff.figures) {
    out += fmt::format("{}\n    {}: {}, {} -> {}, p = {:.2g}\n", figure.name,
                       word(fmt::format("diff.{}", name_of(figure.verdict)).c_str()),
                       percent_change(figure.ratio), pretty_seconds(figure.before.median()),
                       pretty_seconds(figure.after.median()), figure.p_value);
  }
  if (!diff.singles.empty()) out += word("diff.once") + "\n";
  for (const SingleDiff& single : diff.singles) {
    out += fmt::format("{}\n    {:+.1f}%, {} -> {}\n", single.name,
                       100 * (single.after / single.before - 1), pretty(single.before, single.unit),
                       pretty(single.after, single.unit));
  }
  const auto list = [&](const std::vector<std::string>& names, const char* key) {
    for (const std::string& name : names) out += fmt::format("{}\n    {}\n", name, word(key));
  };
  list(diff.only_before, "diff.only_before");
  list(diff.only_after, "diff.only_after");
  const auto note = [&](const char* key) {
    for (const std::string& line : wrap(word(key), 80)) out += line + "\n";
  };
  if (!diff.same_machine) note("diff.other_machine");
  if (diff.runs < 5) note("diff.one_run");
  return out +
         fmt::format(fmt::runtime(text("diff.sum", language)), count(diff, Verdict::faster),
                     count(diff, Verdict::slower), count(diff, Verdict::same),
                     count(diff, Verdict::unsure)) +
         "\n";
}

std::string diff_json(const Diff& diff) {
  Json figures = Json::array();
  for (const FigureDiff& figure : diff.figures) {
    figures.push_back({{"what", figure.name},
                       {"verdict", name_of(figure.verdict)},
                       {"before_seconds", json_of(figure.before)},
                       {"after_seconds", json_of(figure.after)},
                       {"ratio",
                        {{"median", number(figure.ratio.median)},
                         {"low", number(figure.ratio.low)},
                         {"high", number(figure.ratio.high)}}},
                       {"p_value", number(figure.p_value)}});
  }
  Json singles = Json::array();
  for (const SingleDiff& single : diff.singles) {
    singles.push_back({{"what", single.name},
                       {"unit", single.unit},
                       {"before", single.before},
                       {"after", single.after}});
  }
  const Json json{{"schema_version", 1},
                  {"figures", figures},
                  {"measured_once", singles},
                  {"only_before", diff.only_before},
                  {"only_after", diff.only_after},
                  {"same_machine", diff.same_machine},
                  {"runs", diff.runs}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hikaku
