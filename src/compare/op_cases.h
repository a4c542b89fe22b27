// One table of op cases for everything that runs single ops: each backend against the reference, in
// each precision. A case is an op's parameters; its inputs are seeded by its name, so that whoever
// runs it computes the same thing.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ops/backend.h"

namespace hikaku {

struct AdamCase {
  AdamParams params;
  std::int64_t count = 1;
};

/// Two gradients of `count` floats, each with its share.
struct AccumulateCase {
  std::int64_t count = 1;
};

using OpParams = std::variant<Conv2dParams, BatchNormParams, MaxPoolParams, UpBlockParams,
                              HeadLossParams, AdamCase, AccumulateCase>;

struct OpCase {
  std::string name;  ///< "conv2d_3x3_64_128_16x16_batch2"
  OpParams params;
  /// The inputs are integers in [-8, 8] and every sum stays below 2^24: a convolution by the
  /// definition gets the same result in any order and with any precision, without rounding.
  bool exact = false;
  /// Activations that a concatenation would hold are channels [c, 2c) of a tensor of 2c.
  bool slice = false;
};

/// Works on parameters and gradients, which are f32 in every precision.
[[nodiscard]] inline bool is_of_parameters(const OpCase& op_case) {
  return std::holds_alternative<AdamCase>(op_case.params) ||
         std::holds_alternative<AccumulateCase>(op_case.params);
}

[[nodiscard]] std::string kind_of(const OpCase& op_case);  ///< "conv2d", "batch_norm", ...

/// The U-Net's layers at small sizes, odd sizes, batch 1, and channels from 3 to 1024.
[[nodiscard]] const std::vector<OpCase>& op_cases();

struct OpOutput {
  std::string name;  ///< "y", "dx", "dweight", ...
  std::vector<double> values;
};
using OpOutputs = std::vector<OpOutput>;

/// All passes of the op on a backend. Every array lies between guard zones, outputs start as NaN;
/// throws ExitCode::internal if the op wrote outside of what it was given.
[[nodiscard]] OpOutputs run_case(const OpCase& op_case, Backend& backend);
/// The same outputs, in the same order, from the reference in double, whose inputs are rounded to
/// `type`.
[[nodiscard]] OpOutputs reference_case(const OpCase& op_case, DType type = DType::f32);

/// The element of the backend's activations.
[[nodiscard]] DType activation_type(const Backend& backend);

/// The largest allowed relative L2 difference of an output from the reference. Zero: not one bit.
/// `direct`: the backend takes no convolution by Winograd's algorithm, whose transforms divide, so
/// that integers do not help it.
[[nodiscard]] double op_limit(const OpCase& op_case, std::string_view output, Precision precision,
                              bool direct = false);

}  // namespace hikaku
