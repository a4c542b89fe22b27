// The figures of a result as lists: what diff compares, what the plain tables show, and what only
// the page shows.
#pragma once

#include <string>
#include <vector>

#include "report/result.h"

namespace hikaku {

struct Figure {
  std::string name;  ///< the same in every result that holds it: "matmul f32 n=8000 cpu"
  std::string device;
  Samples values;
  std::string unit = "s";  ///< or "J"
};

/// In the order of the result: products, training and evaluation steps, bench, sweep.
[[nodiscard]] std::vector<Figure> figures_of(const Result& result);

/// The samples that are in neither the plain tables nor diff, for they explain others: with copies,
/// of profiled steps, and measured wrongly on purpose with the right ones beside them.
[[nodiscard]] std::vector<Figure> further_figures_of(const Result& result);

/// What a run tells once, one value each: whole epochs that were not projected, the parts of a
/// step, energy.
[[nodiscard]] std::vector<Figure> single_figures_of(const Result& result);

}  // namespace hikaku
