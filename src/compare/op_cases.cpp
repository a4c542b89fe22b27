#include "compare/op_cases.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace hikaku {
namespace {

std::string text_of(const Shape& shape) {
  return fmt::format("{}x{}_batch{}", shape.h, shape.w, shape.n);
}

OpCase conv(const Shape& input, std::int64_t out_channels, std::int64_t kernel,
            bool exact = false) {
  // Pictures have three channels; all other counts of a network share a divisor.
  const std::int64_t unit = input.c == 3 ? out_channels : std::gcd(input.c, out_channels);
  require(!exact || std::max(input.c * kernel * kernel, input.n * input.pixels()) * 64 < 1 << 24,
          "[op_cases] a sum of {} is not exact in f32", to_string(input));
  return {fmt::format("conv2d_{}{}x{}_{}_{}_{}", exact ? "exact_" : "", kernel, kernel, input.c,
                      out_channels, text_of(input)),
          Conv2dParams{input, out_channels, kernel, unit}, exact, false};
}

OpCase norm(const Shape& shape, bool relu, bool pool, bool slice = false) {
  BatchNormParams params;
  params.shape = shape;
  params.relu = relu;
  params.pool = pool;
  return {fmt::format("batch_norm{}{}{}_{}_{}", relu ? "_relu" : "", pool ? "_pool" : "",
                      slice ? "_slice" : "", shape.c, text_of(shape)),
          params, false, slice};
}

OpCase pool(const Shape& input, bool slice) {
  return {fmt::format("max_pool{}_{}_{}", slice ? "_slice" : "", input.c, text_of(input)),
          MaxPoolParams{input}, false, slice};
}

OpCase up(const Shape& input, std::int64_t out_channels, bool slice) {
  UpBlockParams params;
  params.input = input;
  params.out_channels = out_channels;
  params.channel_unit = std::gcd(input.c, out_channels);
  return {fmt::format("up_block{}_{}_{}_{}", slice ? "_slice" : "", input.c, out_channels,
                      text_of(input)),
          params, false, slice};
}

OpCase head(const Shape& input, std::int64_t classes, const char* variant, float dice_share = 0.5f,
            int ignore = -1, bool weights = false) {
  HeadLossParams params;
  params.input = input;
  params.classes = classes;
  params.dice_share = dice_share;
  params.ignore = ignore;
  for (std::int64_t k = 0; weights && k < classes; ++k) {
    params.class_weights.push_back(0.25f + 0.25f * static_cast<float>(k));
  }
  return {fmt::format("head_loss{}_{}_{}_{}", variant, input.c, classes, text_of(input)), params,
          false, false};
}

OpCase adam(std::int64_t count, double weight_decay, double eps) {
  AdamParams params;
  params.eps = eps;
  params.weight_decay = weight_decay;
  return {fmt::format("adam{}_{}", weight_decay > 0 ? "_decay" : "", count),
          AdamCase{params, count}, false, false};
}

OpCase accumulate(std::int64_t count) {
  return {fmt::format("accumulate_{}", count), AccumulateCase{count}, false, false};
}

std::vector<OpCase> make_cases() {
  return {conv({2, 3, 16, 16}, 64, 3),
          conv({1, 3, 9, 7}, 16, 3),
          conv({2, 64, 16, 16}, 64, 3),
          conv({1, 64, 17, 13}, 128, 3),
          conv({2, 128, 8, 8}, 64, 3),
          conv({2, 256, 8, 8}, 512, 3),
          conv({1, 512, 4, 4}, 1024, 3),
          conv({2, 1024, 2, 2}, 1024, 3),
          conv({3, 8, 6, 10}, 8, 3),
          conv({2, 24, 5, 7}, 40, 3),
          conv({1, 32, 1, 1}, 32, 3),
          conv({1, 16, 1, 9}, 16, 3),
          conv({2, 48, 32, 20}, 16, 3),
          conv({2, 128, 8, 8}, 64, 2),
          conv({1, 32, 5, 7}, 16, 2),
          conv({2, 8, 3, 3}, 5, 2),
          conv({2, 64, 8, 8}, 22, 1),
          conv({1, 16, 5, 3}, 32, 1),
          conv({3, 5, 4, 4}, 7, 1),
          conv({2, 3, 9, 8}, 16, 3, true),
          conv({2, 12, 9, 7}, 20, 3, true),
          conv({2, 64, 12, 12}, 64, 3, true),
          conv({1, 256, 8, 8}, 128, 3, true),
          conv({2, 64, 8, 8}, 32, 2, true),
          conv({2, 64, 8, 8}, 22, 1, true),
          conv({1, 13, 11, 5}, 7, 2, true),
          norm({2, 64, 16, 16}, true, false),
          norm({2, 64, 16, 16}, true, true),
          norm({2, 32, 16, 16}, true, true, true),
          norm({2, 64, 8, 8}, false, false),
          norm({1, 1024, 2, 2}, true, false),
          norm({3, 8, 7, 5}, true, true),
          norm({2, 24, 9, 6}, true, false, true),
          norm({1, 16, 33, 31}, true, true),
          norm({2, 5, 6, 4}, true, true),
          norm({16, 512, 4, 4}, true, false, true),
          pool({2, 64, 16, 16}, true),
          pool({1, 16, 7, 9}, false),
          pool({3, 10, 5, 4}, true),
          up({2, 128, 8, 8}, 64, true),
          up({1, 64, 5, 7}, 32, true),
          up({2, 32, 16, 12}, 16, false),
          up({1, 1024, 2, 2}, 512, true),
          up({2, 16, 1, 3}, 8, false),
          up({3, 6, 4, 3}, 5, false),
          up({2, 24, 3, 3}, 8, true),
          head({2, 64, 16, 16}, 22, ""),
          head({1, 64, 9, 7}, 22, "_ignore", 0.5f, 255),
          head({2, 16, 8, 12}, 22, "_weights", 0.25f, -1, true),
          head({3, 8, 6, 5}, 5, "_weights_ignore", 0.75f, 255, true),
          head({2, 24, 4, 4}, 2, "_dice", 1),
          head({1, 32, 16, 16}, 21, "_ce", 0),
          adam(1, 0, 1e-8),
          adam(1000, 0, 0.1),
          adam(100003, 0.01, 1e-8),
          accumulate(1),
          accumulate(100003)};
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> cases = make_cases();
  return cases;
}

std::string kind_of(const OpCase& op_case) {
  constexpr const char* names[] = {"conv2d",    "batch_norm", "max_pool",  "up_block",
                                   "head_loss", "adam",       "accumulate"};
  return names[op_case.params.index()];
}

DType activation_type(const Backend& backend) { return backend.activation({1, 8, 1, 1}, 8).dtype; }

double op_limit(const OpCase& op_case, std::string_view output, Precision precision, bool direct) {
  if (is_of_parameters(op_case)) precision = Precision::f32;
  const bool f32 = precision == Precision::f32 || precision == Precision::f32x;
  const bool wide = f32 || precision == Precision::tf32;  // what is stored has f32's digits
  const auto* conv = std::get_if<Conv2dParams>(&op_case.params);
  // Only channel counts that fill the vectors (of 8 or 16) have Winograd's algorithm.
  const bool winograd = f32 && conv != nullptr && conv->kernel == 3 && conv->input.c % 8 == 0 &&
                        conv->out_channels % 8 == 0;
  if (op_case.exact && wide && (direct || !winograd)) return 0;
  if (kind_of(op_case) == "max_pool") return 0;
  // The largest of logits that are nearly equal may be another one.
  if (output == "classes") return f32 ? 0 : 0.1;
  if (precision == Precision::bf16) return 1e-2;
  if (!f32) return 1e-3;
  const bool parameter_gradient = output.starts_with("dweight") || output.starts_with("dgamma") ||
                                  output.starts_with("dbeta") || output.starts_with("dbias");
  if (parameter_gradient) return 4e-6;
  return winograd ? 2e-6 : 1e-6;
}

}  // namespace hikaku
