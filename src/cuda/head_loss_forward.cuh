// head_loss's forward kernels: the sums that the loss is made of, the loss, and what classifies.
#pragma once

#include "cuda/head_loss_tile.cuh"
#include "ops/head_loss.h"

namespace hikaku::cuda {

/// Pixels of a quad; fewer where their logits would not fit the registers.
template <int kClasses>
constexpr int forward_pixels = kClasses > 6 ? 4 : 8;

/// What the backward pass needs of the loss, on the device; alpha and beta [n, padded classes].
struct HeadFactors {
  float* cross_entropy;  ///< one value: of CE's gradient before the class weight
  float* alpha;          ///< of the gradient by p where the label is the class
  float* beta;           ///< of the gradient by p everywhere
};

/// A block's sums: for each class p, p where the label is the class, and how often it is; then w *
/// CE and w.
__host__ __device__ constexpr int head_sums(int padded_classes) { return 3 * padded_classes + 2; }

template <int kClasses>
struct ThreadSums {
  float p[kClasses] = {}, overlap[kClasses] = {}, present[kClasses] = {};
  float cross_entropy = 0, weight = 0;

  /// `probability` of one pixel; its label's logit is log_sum + log(probability) as `label_logit`.
  __device__ void add(const HeadWeights<kClasses>& weights, int lane, int label, float log_sum,
                      float label_logit, const float (&probability)[kClasses]) {
    if (label < 0) return;
#pragma unroll
    for (int j = 0; j < kClasses; ++j) {
      const bool hit = quad * j + lane == label;
      p[j] += probability[j];
      overlap[j] += hit ? probability[j] : 0.0f;
      present[j] += hit ? 1.0f : 0.0f;
    }
    if (label % quad != lane) return;
    const float w = weights.class_weight[label];
    cross_entropy = fmaf(w, log_sum - label_logit, cross_entropy);
    weight += w;
  }
  /// Over the quads of the warp.
  __device__ static float over_quads(float value) {
#pragma unroll
    for (int lanes = quad; lanes < warp_size; lanes *= 2) {
      value += __shfl_xor_sync(all_lanes, value, lanes);
    }
    return value;
  }
  __device__ void store(int lane, bool first_quad, float* to) {
#pragma unroll
    for (int j = 0; j < kClasses; ++j) {
      const float sums[3] = {over_quads(p[j]), over_quads(overlap[j]), over_quads(present[j])};
#pragma unroll
      for (int which = 0; which < 3; ++which) {
        if (first_quad) to[(which * kClasses + j) * quad + lane] = sums[which];
      }
    }
    const float both[2] = {quad_sum(over_quads(cross_entropy)), quad_sum(over_quads(weight))};
    if (first_quad && lane == 0) {
      to[3 * kClasses * quad] = both[0];
      to[3 * kClasses * quad + 1] = both[1];
    }
  }
};

/// Where a quad reads pixel i; past the image's end it reads the last pixel, which counts for
/// nothing.
template <class T>
struct GlobalRow {
  const T* image;
  std::int64_t stride;
  unsigned first, last;
  __device__ const T* operator()(int i) const {
    const unsigned pixel = first + static_cast<unsigned>(quads * i);
    return image + (pixel < last ? pixel : last) * stride;
  }
};

/// gridDim: blocks of an image, images. partial [n, blocks, head_sums].
template <class T, int N, int kClasses>
__global__ void __launch_bounds__(head_threads, head_residency)
    head_forward(HeadArgs<T> args, const std::uint8_t* labels, float* partial) {
  constexpr int count = head_sums(quad * kClasses);
  constexpr int pixels = forward_pixels<kClasses>;
  constexpr unsigned tile = quads * pixels;
  __shared__ HeadWeights<kClasses> weights;
  __shared__ float shared[head_warps][count];
  weights.fill(args);
  __syncthreads();
  const unsigned warp = threadIdx.x / warp_size, in_warp = threadIdx.x % warp_size;
  const int lane = static_cast<int>(in_warp % quad);
  const T* image =
      args.x.data + static_cast<std::int64_t>(blockIdx.y) * args.pixels * args.x.stride;
  ThreadSums<kClasses> sums;
  for (unsigned start = (blockIdx.x * head_warps + warp) * tile; start < args.pixels;
       start += gridDim.x * head_warps * tile) {
    const unsigned first = start + in_warp / quad;
    float p[pixels][kClasses];
    head_logits<T, N>(weights, lane, args.channels,
                      GlobalRow<T>{image, args.x.stride, first, args.pixels - 1}, p);
#pragma unroll
    for (int i = 0; i < pixels; ++i) {
      const int label = label_of(args, labels, first + static_cast<unsigned>(quads * i));
      float logit = 0;
#pragma unroll
      for (int j = 0; j < kClasses; ++j) logit = quad * j + lane == label ? p[i][j] : logit;
      const float log_sum = softmax(p[i]);
      sums.add(weights, lane, label, log_sum, logit, p[i]);
    }
  }
  sums.store(lane, in_warp < quad, shared[warp]);
  __syncthreads();
  float* out = partial + (static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * count;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += head_threads) {
    float sum = 0;
#pragma unroll
    for (int w = 0; w < head_warps; ++w) sum += shared[w][i];
    out[i] = sum;
  }
}

/// Classes [n, h, w] and logits NCHW; either may be null.
template <class T, int N, int kClasses>
__global__ void __launch_bounds__(head_threads, head_residency)
    head_classify(HeadArgs<T> args, std::uint8_t* classes, float* logits) {
  constexpr int pixels = forward_pixels<kClasses>;
  constexpr unsigned tile = quads * pixels;
  __shared__ HeadWeights<kClasses> weights;
  weights.fill(args);
  __syncthreads();
  const unsigned warp = threadIdx.x / warp_size, in_warp = threadIdx.x % warp_size;
  const int lane = static_cast<int>(in_warp % quad);
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.y) * args.pixels;
  for (unsigned start = (blockIdx.x * head_warps + warp) * tile; start < args.pixels;
       start += gridDim.x * head_warps * tile) {
    const unsigned first = start + in_warp / quad;
    float values[pixels][kClasses];
    head_logits<T, N>(
        weights, lane, args.channels,
        GlobalRow<T>{args.x.data + begin * args.x.stride, args.x.stride, first, args.pixels - 1},
        values);
#pragma unroll
    for (int i = 0; i < pixels; ++i) {
      const unsigned pixel = first + static_cast<unsigned>(quads * i);
      float top = values[i][0];
      int best = lane;
#pragma unroll
      for (int j = 0; j < kClasses; ++j) {
        const int k = quad * j + lane;
        if (values[i][j] > top) best = k, top = values[i][j];
        if (logits != nullptr && k < args.classes && pixel < args.pixels) {
          logits[begin * args.classes + static_cast<std::int64_t>(k) * args.pixels + pixel] =
              values[i][j];
        }
      }
#pragma unroll
      for (int lanes = 1; lanes < quad; lanes *= 2) {
        const float other = __shfl_xor_sync(all_lanes, top, lanes);
        const int its = __shfl_xor_sync(all_lanes, best, lanes);
        if (other > top || (other == top && its < best)) best = its, top = other;
      }
      if (classes != nullptr && lane == 0 && pixel < args.pixels) {
        classes[begin + pixel] = static_cast<std::uint8_t>(best);
      }
    }
  }
}

}  // namespace hikaku::cuda
