#include "base/error.h"
#include "ops/backend.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/head_loss.h"
#include "ops/up_block.h"

namespace hikaku {
namespace {

void require_shape(const char* op, const Shape& shape) {
  require(shape.n > 0 && shape.c > 0 && shape.h > 0 && shape.w > 0, "[{}] empty input {}", op,
          to_string(shape));
}

}  // namespace

const char* name_of(Precision precision) {
  constexpr const char* names[] = {"f32", "f32x", "tf32", "bf16", "f16"};
  return names[static_cast<std::size_t>(precision)];
}

void validate(const Conv2dParams& params) {
  require_shape("conv2d", params.input);
  require(params.kernel >= 1 && params.kernel <= 3, "[conv2d] kernel {} is not 1, 2 or 3",
          params.kernel);
  require(params.out_channels > 0, "[conv2d] {} output channels", params.out_channels);
}

void validate(const BatchNormParams& params) {
  require_shape("batch_norm", params.shape);
  require(!params.pool || (params.shape.h >= 2 && params.shape.w >= 2),
          "[batch_norm] {} is too small for a 2x2 pool", to_string(params.shape));
}

void validate(const UpBlockParams& params) {
  require_shape("up_block", params.input);
  require(params.out_channels > 0, "[up_block] {} output channels", params.out_channels);
}

void validate(const HeadLossParams& params) {
  require_shape("head_loss", params.input);
  require(params.classes >= 2 && params.classes <= 255, "[head_loss] {} classes, allowed 2..255",
          params.classes);
  require(params.class_weights.empty() ||
              static_cast<std::int64_t>(params.class_weights.size()) == params.classes,
          "[head_loss] {} class weights for {} classes", params.class_weights.size(),
          params.classes);
}

}  // namespace hikaku
