// What all kernels of head_loss share: how a warp forms logits and probabilities. Four lanes, a
// quad, take `kPixels` pixels; lane l of a quad has the classes 4 * j + l. A warp has 8 quads;
// pixel i of quad q is the (8 * i + q)-th of the warp's tile.
#pragma once

#include "cuda/reduce.cuh"
#include "cuda/vector.cuh"

namespace hikaku::cuda {

constexpr int head_threads = 128;
constexpr int head_warps = head_threads / warp_size;
constexpr int head_residency = 3;  ///< blocks of a multiprocessor; 168 registers a thread
constexpr int head_channels = 64;  ///< at most
constexpr int head_classes = 32;   ///< at most
constexpr int quad = 4, quads = 8;

template <class T>
struct HeadArgs {
  Rows<const T> x;
  const float* weight;         ///< [classes, channels]
  const float* bias;           ///< [classes]
  const float* class_weights;  ///< [classes] or null
  int channels, classes, ignore;
  unsigned pixels;  ///< of one image
};

/// In shared memory. Rows are padded so that the four rows a quad reads lie in different banks;
/// classes that do not exist have the logit -infinity, channels that do not exist the weight 0.
template <int kClasses>
struct HeadWeights {
  alignas(16) float weight[quad * kClasses][head_channels + 4];
  float bias[quad * kClasses];
  float class_weight[quad * kClasses];

  template <class T>
  __device__ void fill(const HeadArgs<T>& args) {
    constexpr int row = head_channels + 4, count = quad * kClasses;
    for (int i = static_cast<int>(threadIdx.x); i < count * row; i += head_threads) {
      const int k = i / row, c = i % row;
      weight[k][c] =
          k < args.classes && c < args.channels ? args.weight[k * args.channels + c] : 0.0f;
    }
    for (int k = static_cast<int>(threadIdx.x); k < count; k += head_threads) {
      const bool there = k < args.classes;
      bias[k] = there ? args.bias[k] : -INFINITY;
      class_weight[k] = !there ? 0.0f : args.class_weights ? args.class_weights[k] : 1.0f;
    }
  }
};

/// out[i][j] = logit of class 4 * j + lane at row(i), a pointer to the channels of pixel i.
template <class T, int N, int kClasses, int kPixels, class Row>
__device__ void head_logits(const HeadWeights<kClasses>& weights, int lane, int channels,
                            const Row& row, float (&out)[kPixels][kClasses]) {
  constexpr int step = N < 4 ? N : 4;
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
#pragma unroll
    for (int j = 0; j < kClasses; ++j) out[i][j] = weights.bias[quad * j + lane];
  }
#pragma unroll 1
  for (int c = 0; c < channels; c += N) {
    Pack<T, N> x[kPixels];
#pragma unroll
    for (int i = 0; i < kPixels; ++i) x[i] = load<N>(row(i) + c);
#pragma unroll
    for (int part = 0; part < N; part += step) {
      Pack<float, step> w[kClasses];
#pragma unroll
      for (int j = 0; j < kClasses; ++j) {
        w[j] = load<step>(&weights.weight[quad * j + lane][c + part]);
      }
#pragma unroll
      for (int n = 0; n < step; ++n) {
#pragma unroll
        for (int i = 0; i < kPixels; ++i) {
          const float value = x[i].get(part + n);
#pragma unroll
          for (int j = 0; j < kClasses; ++j) out[i][j] = fmaf(w[j].value[n], value, out[i][j]);
        }
      }
    }
  }
}

__device__ inline float quad_max(float value) {
  value = fmaxf(value, __shfl_xor_sync(all_lanes, value, 1));
  return fmaxf(value, __shfl_xor_sync(all_lanes, value, 2));
}
__device__ inline float quad_sum(float value) {
  value += __shfl_xor_sync(all_lanes, value, 1);
  return value + __shfl_xor_sync(all_lanes, value, 2);
}

/// Turns one pixel's logits into probabilities; returns log of the sum of exp(logit).
template <int kClasses>
__device__ float softmax(float (&logits)[kClasses]) {
  float largest = logits[0];
#pragma unroll
  for (int j = 1; j < kClasses; ++j) largest = fmaxf(largest, logits[j]);
  largest = quad_max(largest);
  float sum = 0;
#pragma unroll
  for (int j = 0; j < kClasses; ++j) {
    logits[j] = expf(logits[j] - largest);
    sum += logits[j];
  }
  sum = quad_sum(sum);
  const float inverse = 1.0f / sum;
#pragma unroll
  for (int j = 0; j < kClasses; ++j) logits[j] *= inverse;
  return largest + logf(sum);
}

/// The label, or -1 where the pixel takes no part: outside the image, `ignore`, or no class at all.
template <class T>
__device__ int label_of(const HeadArgs<T>& args, const std::uint8_t* labels, unsigned pixel) {
  if (pixel >= args.pixels) return -1;
  const int label = labels[static_cast<std::int64_t>(blockIdx.y) * args.pixels + pixel];
  return label == args.ignore || label >= args.classes ? -1 : label;
}

}  // namespace hikaku::cuda
