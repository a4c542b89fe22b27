// From the blocks' sums of head_loss to the loss, its gradient's factors, and dweight and dbias.
#pragma once

#include "cuda/head_loss_forward.cuh"

namespace hikaku::cuda {

constexpr int loss_threads = 1024;
constexpr int loss_lanes = 8;  ///< threads that add up one class of one image

struct LossShape {
  int images, blocks, classes, padded;
  double smooth, dice_share;
};

/// Sum over the block's threads, for all of them.
__device__ inline double sum_of_block(double value, double (&shared)[loss_threads / warp_size]) {
#pragma unroll
  for (int lanes = 1; lanes < warp_size; lanes *= 2) {
    value += __shfl_xor_sync(all_lanes, value, lanes);
  }
  __syncthreads();
  if (threadIdx.x % warp_size == 0) shared[threadIdx.x / warp_size] = value;
  __syncthreads();
  value = 0;
  for (const double part : shared) value += part;
  return value;
}

/// Dice of the pairs of image and class, each by loss_lanes threads; returns this thread's part.
__device__ inline double dice_of_pairs(const float* partial, const LossShape& shape,
                                       const HeadFactors& factors) {
  const int pairs = shape.images * shape.classes, row = head_sums(shape.padded);
  const double scale = shape.dice_share / pairs;
  const int lane = static_cast<int>(threadIdx.x) % loss_lanes;
  double dice = 0;
  for (int first = 0; first < pairs; first += loss_threads / loss_lanes) {
    const int pair = first + static_cast<int>(threadIdx.x) / loss_lanes;
    const int n = pair / shape.classes, k = pair % shape.classes;
    double sums[3] = {};
    if (pair < pairs) {
      for (int block = lane; block < shape.blocks; block += loss_lanes) {
        const float* from = partial + (static_cast<std::int64_t>(n) * shape.blocks + block) * row;
        for (int i = 0; i < 3; ++i) sums[i] += static_cast<double>(from[i * shape.padded + k]);
      }
    }
    for (double& sum : sums) {
      for (int lanes = 1; lanes < loss_lanes; lanes *= 2) {
        sum += __shfl_xor_sync(all_lanes, sum, lanes);
      }
    }
    if (pair >= pairs || lane != 0) continue;
    const double both = sums[0] + sums[2] + shape.smooth;
    const double twice = 2 * sums[1] + shape.smooth;
    dice += twice / both;
    factors.alpha[n * shape.padded + k] = static_cast<float>(-2 * scale / both);
    factors.beta[n * shape.padded + k] = static_cast<float>(scale * twice / (both * both));
  }
  return dice;
}

/// One block of loss_threads.
__global__ void __launch_bounds__(loss_threads)
    finish_loss(const float* partial, LossShape shape, HeadFactors factors, LossValue* loss) {
  __shared__ double shared[loss_threads / warp_size];
  const int row = head_sums(shape.padded);
  double cross_entropy = 0, weight = 0;
  for (int i = static_cast<int>(threadIdx.x); i < shape.images * shape.blocks; i += loss_threads) {
    const float* from = partial + static_cast<std::int64_t>(i) * row + 3 * shape.padded;
    cross_entropy += static_cast<double>(from[0]);
    weight += static_cast<double>(from[1]);
  }
  double dice = dice_of_pairs(partial, shape, factors);
  cross_entropy = sum_of_block(cross_entropy, shared);
  weight = sum_of_block(weight, shared);
  dice = sum_of_block(dice, shared) / (shape.images * shape.classes);
  if (threadIdx.x != 0) return;
  cross_entropy = weight > 0 ? cross_entropy / weight : 0;
  const double share = shape.dice_share;
  *factors.cross_entropy = static_cast<float>(weight > 0 ? (1 - share) / weight : 0);
  *loss = {(1 - share) * cross_entropy + share * (1 - dice), cross_entropy, dice};
}

constexpr int parameter_threads = warp_size * warp_size;

/// A block adds 32 values over all blocks of the backward pass. partial [blocks, count], count =
/// padded classes * (head_channels + 1): the weight's gradient, then the bias'.
__global__ void __launch_bounds__(parameter_threads)
    finish_parameters(const float* partial, int blocks, int padded, int classes, int channels,
                      float* dweight, float* dbias) {
  __shared__ double shared[warp_size][warp_size + 1];
  const int count = padded * (head_channels + 1);
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  const int first = static_cast<int>(blockIdx.x) * warp_size;
  double sum = 0;
  if (first + x < count) {
#pragma unroll 4
    for (int block = y; block < blocks; block += warp_size) {
      sum += static_cast<double>(partial[static_cast<std::int64_t>(block) * count + first + x]);
    }
  }
  shared[y][x] = sum;
  __syncthreads();
  sum = shared[x][y];
#pragma unroll
  for (int lanes = 1; lanes < warp_size; lanes *= 2) {
    sum += __shfl_xor_sync(all_lanes, sum, lanes);
  }
  const int i = first + y, weights = padded * head_channels;
  if (x != 0 || i >= count) return;
  const int k = i < weights ? i / head_channels : i - weights;
  if (k >= classes) return;
  if (i >= weights) {
    dbias[k] = static_cast<float>(sum);
  } else if (i % head_channels < channels) {
    dweight[k * channels + i % head_channels] = static_cast<float>(sum);
  }
}

}  // namespace hikaku::cuda
