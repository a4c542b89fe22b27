// Adam over the flat array of all parameters: one pass, bound by memory.
#include "cpu/simd/table.h"

namespace hikaku::cpu::HIKAKU_ISA {
namespace {

double power(double base, std::int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}

}  // namespace

void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays) {
  const double correction1 = 1 - power(params.beta1, step);
  const double correction2 = 1 - power(params.beta2, step);
  const auto rate = static_cast<float>(params.learning_rate / correction1);
  const auto inverse_root = static_cast<float>(1 / __builtin_sqrt(correction2));
  const auto b1 = static_cast<float>(params.beta1), rest1 = static_cast<float>(1 - params.beta1);
  const auto b2 = static_cast<float>(params.beta2), rest2 = static_cast<float>(1 - params.beta2);
  const auto eps = static_cast<float>(params.eps);
  const auto decay = static_cast<float>(params.weight_decay);
  float* __restrict p = arrays.parameter;
  float* __restrict m = arrays.first_moment;
  float* __restrict v = arrays.second_moment;
  const float* __restrict gradient = arrays.gradient;
#pragma omp parallel for simd schedule(static)
  for (std::int64_t i = 0; i < arrays.count; ++i) {
    const float g = gradient[i] + decay * p[i];
    m[i] = b1 * m[i] + rest1 * g;
    v[i] = b2 * v[i] + rest2 * g * g;
    p[i] -= rate * m[i] / (__builtin_sqrtf(v[i]) * inverse_root + eps);
  }
}

}  // namespace hikaku::cpu::HIKAKU_ISA
