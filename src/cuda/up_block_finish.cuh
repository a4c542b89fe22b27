// What up_block does between its passes: sums over blocks in double, and per-channel results.
#pragma once

#include "cuda/magnitude.cuh"
#include "cuda/up_block_walk.cuh"

namespace hikaku::cuda {

__device__ inline double bias_of(const BatchNormState& state, int c) {
  return state.shift != nullptr ? static_cast<double>(state.shift[c]) : 0.0;
}

/// From the sums of v - level and its square to mean (less level) and deviation; the running
/// statistics are of v.
struct FinishedMoments {
  double mean, inverse;

  __device__ FinishedMoments(const double (&sums)[2], double count, double level, float eps,
                             float momentum, const BatchNormState& state, int c) {
    mean = sums[0] / count;
    const double deviation = fmax(sums[1] - sums[0] * mean, 0.0);
    inverse = rsqrt(deviation / count + static_cast<double>(eps));
    if (state.running_mean == nullptr) return;
    const double unbiased = deviation / (count > 1 ? count - 1 : count);
    const auto found = static_cast<float>(level + mean + bias_of(state, c));
    state.running_mean[c] += momentum * (found - state.running_mean[c]);
    state.running_var[c] += momentum * (static_cast<float>(unbiased) - state.running_var[c]);
  }
};

static __global__ void finish_norm1(UpPlan plan, Partial<float> partial, double count,
                                    BatchNormState state) {
  const int c = finish_channel();
  double sums[2];
  sum_splits(partial, c, sums);
  if (threadIdx.y != 0 || c >= plan.c_in) return;
  const UpArrays& to = plan.arrays;
  const auto shift = static_cast<double>(to.shift1[c]);
  const FinishedMoments found(sums, count, shift, plan.eps, plan.momentum, state, c);
  to.mean1[c] = static_cast<float>(shift + found.mean);
  to.inverse1[c] = static_cast<float>(found.inverse);
  to.scale1[c] = static_cast<float>(static_cast<double>(state.gamma[c]) * found.inverse);
}

__device__ inline void write_norm2(const UpArrays& to, const BatchNormState& state, double mean,
                                   double inverse, int c) {
  const double scale = static_cast<double>(state.gamma[c]) * inverse;
  to.mean2[c] = static_cast<float>(mean);
  to.inverse2[c] = static_cast<float>(inverse);
  to.scale2[c] = static_cast<float>(scale);
  to.offset2[c] = static_cast<float>(static_cast<double>(state.beta[c]) - mean * scale);
}

static __global__ void finish_norm2(UpPlan plan, Partial<float> partial, double count,
                                    BatchNormState state, std::uint32_t* largest) {
  const int c = finish_channel();
  double sums[2];
  sum_splits(partial, c, sums);
  if (threadIdx.y != 0 || c >= plan.c_out) return;
  publish_norm_bound(state.gamma[c], state.beta[c], count, largest);
  const auto level = static_cast<double>(plan.arrays.level[c]);
  const FinishedMoments found(sums, count, level, plan.eps, plan.momentum, state, c);
  write_norm2(plan.arrays, state, found.mean, found.inverse, c);
}

static __global__ void running_norm1(UpPlan plan, BatchNormState state) {
  const int c = finish_channel();
  if (threadIdx.y != 0 || c >= plan.c_in) return;
  const double inverse =
      1.0 / sqrt(static_cast<double>(state.running_var[c]) + static_cast<double>(plan.eps));
  plan.arrays.mean1[c] =
      static_cast<float>(static_cast<double>(state.running_mean[c]) - bias_of(state, c));
  plan.arrays.inverse1[c] = static_cast<float>(inverse);
  plan.arrays.scale1[c] = static_cast<float>(static_cast<double>(state.gamma[c]) * inverse);
}

static __global__ void running_norm2(UpPlan plan, BatchNormState state) {
  const int c = finish_channel();
  if (threadIdx.y != 0 || c >= plan.c_out) return;
  const double inverse =
      1.0 / sqrt(static_cast<double>(state.running_var[c]) + static_cast<double>(plan.eps));
  const double mean = static_cast<double>(state.running_mean[c]) - bias_of(state, c) -
                      static_cast<double>(plan.arrays.level[c]);
  write_norm2(plan.arrays, state, mean, inverse, c);
}

/// dgamma2, dbeta2 and what the gradient of the maps needs, from the sums of send_gradient;
/// activations carry the loss scale.
static __global__ void finish_gradient2(UpPlan plan, Partial<float> sent, Partial<float> border,
                                        double count, BatchNormState state, float* dgamma,
                                        float* dbeta) {
  const int c = finish_channel();
  double sums[2], edge[6];
  sum_splits(sent, c, sums);
  sum_splits(border, c, edge);
  if (threadIdx.y != 0 || c >= plan.c_out) return;
  const UpArrays& to = plan.arrays;
  // By tap: how much of dy is where the tap is inside.
  const double inside[up_taps] = {sums[0], sums[0] - edge[2], sums[0] - edge[0],
                                  sums[0] - edge[0] - edge[2] + edge[4]};
  const double mean = to.mean2[c], inverse = to.inverse2[c];
  double product = sums[1] - mean * sums[0], all_borders = 0;  // sum of dy * (z - mean)
  for (int tap = 0; tap < up_taps; ++tap) {
    const auto constant = static_cast<double>(to.border[tap * plan.c_out + c]);
    product += inside[tap] * (constant + static_cast<double>(to.centre[tap * plan.c_out + c]));
    all_borders += constant;
  }
  const double scale = static_cast<double>(state.gamma[c]) * inverse;
  const double slope = -scale * product * inverse * inverse / count;
  const double constant = -scale * sums[0] / count - slope * mean;
  const auto true_part = static_cast<double>(plan.loss_scale->inverse);
  dgamma[c] = static_cast<float>(product * inverse * true_part);
  dbeta[c] = static_cast<float>(sums[0] * true_part);
  to.slope_dy[c] = static_cast<float>(scale);
  to.slope_z[c] = static_cast<float>(slope);
  to.constant2[c] = static_cast<float>(constant + slope * all_borders);
  // The sum of all dz is 0, so the sums without a row or a column are minus those of the border.
  const double wide = 2.0 * plan.n * plan.columns.size, high = 2.0 * plan.n * plan.rows.size;
  const double last_row = scale * edge[0] + slope * edge[1] + constant * wide;
  const double last_column = scale * edge[2] + slope * edge[3] + constant * high;
  const double corner = scale * edge[4] + slope * edge[5] + constant * plan.n;
  to.taps[c] = 0;
  to.taps[plan.c_out + c] = static_cast<float>(-last_column);
  to.taps[2 * plan.c_out + c] = static_cast<float>(-last_row);
  to.taps[3 * plan.c_out + c] = static_cast<float>(corner - last_row - last_column);
}

static __global__ void finish_sent_sums(UpPlan plan, Partial<float> partial) {
  const int c = finish_channel();
  double sums[up_taps];
  sum_splits(partial, c, sums);
  if (threadIdx.y != 0 || c >= plan.c_out) return;
  for (int tap = 0; tap < up_taps; ++tap) {
    plan.arrays.sent_sums[tap * plan.c_out + c] = static_cast<float>(sums[tap]);
  }
}

}  // namespace hikaku::cuda
