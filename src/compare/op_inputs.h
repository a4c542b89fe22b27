// The inputs of an op case, the same for every backend and for the reference.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compare/op_cases.h"

namespace hikaku {

class OpInputs {
 public:
  /// All numbers but Adam's are rounded to `type`, that of the activations, so that a comparison
  /// sees what an op does and not what its inputs had to lose.
  OpInputs(const OpCase& op_case, DType type);

  /// Uniform in [-1, 1), or integers in [-8, 8]; "gamma..." in [0.5, 1.5), "running_var..." in [1,
  /// 3).
  [[nodiscard]] std::vector<float> floats(std::string_view name, std::int64_t count) const;
  [[nodiscard]] std::vector<double> doubles(std::string_view name, std::int64_t count) const;
  /// Each below `classes` - 1 (the last class never occurs), every seventh `ignore` if that is >=
  /// 0.
  [[nodiscard]] std::vector<std::uint8_t> labels(const HeadLossParams& params) const;

 private:
  std::uint64_t seed_;
  bool integers_;
  DType type_;
};

}  // namespace hikaku
