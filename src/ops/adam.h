// adam: one step of Adam over a flat array of parameters, as torch.optim.Adam computes it:
//   g += weight_decay * p;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
//   p -= lr / (1 - b1^step) * m / (sqrt(v) / sqrt(1 - b2^step) + eps)
// Kingma & Ba, "Adam" (2015).
#pragma once

#include <cstdint>

namespace hikaku {

struct AdamParams {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;  ///< in double: 1 - 0.999f is off by 1.3e-5
  double eps = 1e-8;
  double weight_decay = 0;
};

/// Arrays of `count` f32 on the device; `gradient` is read only.
struct AdamArrays {
  float* parameter = nullptr;
  const float* gradient = nullptr;
  float* first_moment = nullptr;
  float* second_moment = nullptr;
  std::int64_t count = 0;
};

}  // namespace hikaku
