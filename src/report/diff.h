// Two sets of results: which of their times became faster, slower, stayed the same, or cannot be
// told.
#pragma once

#include <string>
#include <vector>

#include "report/figures.h"
#include "report/texts.h"

namespace hikaku {

enum class Verdict { faster, slower, same, unsure };

struct DiffOptions {
  double effect = 0.05;  ///< smaller changes are of no interest: 0.05 is 5 %
  double level = 0.05;   ///< of the test
};

struct FigureDiff {
  std::string name;
  Samples before, after;
  Interval ratio;  ///< after / before: above 1 is slower
  double p_value = 1;
  Verdict verdict = Verdict::unsure;
};

/// What each run tells once (single_figures_of): shown, not judged.
struct SingleDiff {
  std::string name, unit;
  double before = 0, after = 0;  ///< medians over the runs
};

struct Diff {
  std::vector<FigureDiff> figures;       ///< in the order of `before`
  std::vector<SingleDiff> singles;       ///< of those that both sides have
  std::vector<std::string> only_before;  ///< figures without a counterpart
  std::vector<std::string> only_after;
  bool same_machine = true;
  std::size_t runs = 1;  ///< of each side
};

[[nodiscard]] const char* name_of(Verdict verdict);

/// Slower or faster: the rank test says that the sides differ (p < level), the 95 % interval of the
/// ratio of medians leaves out 1, and the ratio passes the effect. Same: both sides have five
/// samples or more and the interval lies within the effect. Else unsure. Samples of one run follow
/// each other and share its disturbances: with five runs or more of each side, the medians of the
/// runs are compared, else the samples together. Samples that are not finite are left out.
[[nodiscard]] Diff compare_results(const std::vector<Result>& before,
                                   const std::vector<Result>& after, const DiffOptions& options);

[[nodiscard]] int count(const Diff& diff, Verdict verdict);

/// A table of at most 80 columns and a line that sums it up.
[[nodiscard]] std::string render_diff(const Diff& diff, Language language);
/// {"figures": [{"what", "verdict", "ratio", "p_value", ...}], "measured_once": [...], ...}
[[nodiscard]] std::string diff_json(const Diff& diff);

}  // namespace hikaku
