#include "reference/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "reference/max_pool.h"

namespace hikaku::reference {
namespace {

/// body(index) for each element of channel c.
template <class Body>
void for_each_element(const Shape& shape, std::int64_t c, const Body& body) {
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t pixel = 0; pixel < shape.pixels(); ++pixel) body(at(shape, n, c, 0, pixel));
  }
}

/// y = gamma * (z - mean) * inverse_deviation + beta, ReLU, pool: what both modes end with.
void normalise(const BatchNormParams& params, In z, const BatchNormArrays& arrays, In mean,
               In inverse_deviation, Out y, Out pooled) {
  for (std::int64_t c = 0; c < params.shape.c; ++c) {
    const auto k = static_cast<std::size_t>(c);
    for_each_element(params.shape, c, [&](std::size_t i) {
      y[i] = arrays.gamma[k] * (z[i] - mean[k]) * inverse_deviation[k] + arrays.beta[k];
      if (params.relu) y[i] = std::max(y[i], 0.0);
    });
  }
  if (params.pool) max_pool_forward({params.shape}, y, pooled);
}

}  // namespace

void batch_norm_forward(const BatchNormParams& params, In z, const BatchNormArrays& arrays,
                        const BatchNormSaves& saves, Out y, Out pooled) {
  const auto count = static_cast<double>(params.shape.n * params.shape.pixels());
  for (std::int64_t c = 0; c < params.shape.c; ++c) {
    const auto k = static_cast<std::size_t>(c);
    double sum = 0, squares = 0;
    for_each_element(params.shape, c, [&](std::size_t i) { sum += z[i]; });
    const double mean = sum / count;
    for_each_element(params.shape, c,
                     [&](std::size_t i) { squares += (z[i] - mean) * (z[i] - mean); });
    saves.mean[k] = mean;
    saves.inverse_deviation[k] = 1.0 / std::sqrt(squares / count + params.eps);
    if (!arrays.running_mean.empty()) {
      const double shift = arrays.shift.empty() ? 0.0 : arrays.shift[k];
      arrays.running_mean[k] += params.momentum * (mean + shift - arrays.running_mean[k]);
      arrays.running_var[k] += params.momentum * (squares / (count - 1) - arrays.running_var[k]);
    }
  }
  normalise(params, z, arrays, saves.mean, saves.inverse_deviation, y, pooled);
}

void batch_norm_infer(const BatchNormParams& params, In z, const BatchNormArrays& arrays, Out y,
                      Out pooled) {
  const std::size_t channels = arrays.gamma.size();
  std::vector<double> mean(channels), inverse_deviation(channels);
  for (std::size_t k = 0; k < channels; ++k) {
    mean[k] = arrays.running_mean[k] - (arrays.shift.empty() ? 0.0 : arrays.shift[k]);
    inverse_deviation[k] = 1.0 / std::sqrt(arrays.running_var[k] + params.eps);
  }
  normalise(params, z, arrays, mean, inverse_deviation, y, pooled);
}

void batch_norm_backward(const BatchNormParams& params, In z, const BatchNormArrays& arrays,
                         const BatchNormSaves& saves, In dy, In dpooled, Out dgamma, Out dbeta,
                         Out dz) {
  const auto count = static_cast<double>(params.shape.n * params.shape.pixels());
  std::vector<double> y(z.size()), pooled(dpooled.size()), g(dy.begin(), dy.end());
  normalise(params, z, arrays, saves.mean, saves.inverse_deviation, y, pooled);
  if (params.pool) {
    std::vector<double> from_pool(z.size());
    max_pool_backward({params.shape}, y, dpooled, from_pool);
    for (std::size_t i = 0; i < g.size(); ++i) g[i] += from_pool[i];
  }
  for (std::int64_t c = 0; c < params.shape.c; ++c) {
    const auto k = static_cast<std::size_t>(c);
    const auto xhat = [&](std::size_t i) {
      return (z[i] - saves.mean[k]) * saves.inverse_deviation[k];
    };
    dgamma[k] = dbeta[k] = 0;
    for_each_element(params.shape, c, [&](std::size_t i) {
      if (params.relu && y[i] <= 0) g[i] = 0;
      dgamma[k] += g[i] * xhat(i);
      dbeta[k] += g[i];
    });
    const double scale = arrays.gamma[k] * saves.inverse_deviation[k];
    for_each_element(params.shape, c, [&](std::size_t i) {
      dz[i] = scale * (g[i] - dbeta[k] / count - xhat(i) * dgamma[k] / count);
    });
  }
}

}  // namespace hikaku::reference
