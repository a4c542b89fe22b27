// head_loss's backward kernel. Each warp works alone on tiles of 32 pixels: x to shared memory,
// logits, their gradient d to shared memory, then dx = d * weight and dweight += d^T * x, the
// latter in registers until the last tile.
#pragma once

#include "cuda/context.h"
#include "cuda/head_loss_forward.cuh"

namespace hikaku::cuda {

constexpr int backward_pixels = 4;
constexpr int backward_tile = quads * backward_pixels;

/// Lane c of 8 has channels 4 * c .. 4 * c + 3 and 32 + 4 * c ..: no two lanes meet in a bank.
constexpr int channel_lanes = 8;
__device__ inline int channel_of(int lane, int part) { return part * 32 + lane * 4; }

template <class T, int kClasses>
struct WarpTile {
  T x[backward_tile][head_channels + 16 / sizeof(T)];
  float d[backward_tile][quad * kClasses + 4];
};

template <class T, int kClasses>
struct BackwardMemory {
  HeadWeights<kClasses> weights;
  float alpha[quad * kClasses], beta[quad * kClasses];
  alignas(16) WarpTile<T, kClasses> tiles[head_warps];
};

template <class T, int N, int kClasses>
__device__ void load_tile(const HeadArgs<T>& args, const T* from, int count, int in_warp,
                          WarpTile<T, kClasses>& tile) {
  const int vectors = args.channels / N;
#pragma unroll 8
  for (int i = in_warp; i < count * vectors; i += warp_size) {
    const int row = i / vectors, c = (i - row * vectors) * N;
    store(&tile.x[row][c], load<N>(from + row * args.x.stride + c));
  }
}

template <class T>
struct SharedRow {
  const T* first;
  int step;
  __device__ const T* operator()(int i) const { return first + i * step; }
};

/// The gradient of one pixel's logits, written over its probabilities.
template <int kClasses>
__device__ void logit_gradient(int lane, int label, const float* alpha, const float* beta,
                               float cross_entropy, float (&p)[kClasses]) {
  float expected = 0, slope[kClasses];
#pragma unroll
  for (int j = 0; j < kClasses; ++j) {
    const int k = quad * j + lane;
    slope[j] = beta[k] + (k == label ? alpha[k] : 0.0f);
    expected = fmaf(p[j], slope[j], expected);
  }
  expected = quad_sum(expected);
#pragma unroll
  for (int j = 0; j < kClasses; ++j) {
    const float t = quad * j + lane == label ? 1.0f : 0.0f;
    const float d = fmaf(cross_entropy, p[j] - t, p[j] * (slope[j] - expected));
    p[j] = label < 0 ? 0.0f : d;
  }
}

/// dx of the tile: a thread has 8 pixels x 8 channels.
template <class T, int N, int kClasses>
__device__ void data_gradient(const BackwardMemory<T, kClasses>& memory,
                              const WarpTile<T, kClasses>& tile, int channels, int count,
                              int in_warp, float scale, T* dx, std::int64_t stride) {
  const int lane = in_warp % channel_lanes, group = in_warp / channel_lanes;
  float out[8][8] = {};
#pragma unroll 1
  for (int k = 0; k < quad * kClasses; k += 2) {
    Pack<float, 2> d[8];
#pragma unroll
    for (int i = 0; i < 8; ++i) d[i] = load<2>(&tile.d[4 * i + group][k]);
#pragma unroll
    for (int n = 0; n < 2; ++n) {
#pragma unroll
      for (int part = 0; part < 2; ++part) {
        const auto w = load<4>(&memory.weights.weight[k + n][channel_of(lane, part)]);
#pragma unroll
        for (int i = 0; i < 8; ++i) {
#pragma unroll
          for (int c = 0; c < 4; ++c) {
            out[i][part * 4 + c] = fmaf(d[i].value[n], w.value[c], out[i][part * 4 + c]);
          }
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    if (4 * i + group >= count) continue;
    T* row = dx + (4 * i + group) * stride;
#pragma unroll
    for (int part = 0; part < 2; ++part) {
      const int first = channel_of(lane, part);
      Pack<T, 4> pack;
#pragma unroll
      for (int c = 0; c < 4; ++c) pack.set(c, out[i][part * 4 + c] * scale);
      if constexpr (N > 1) {
        if (first < channels) store(row + first, pack);
      } else {
#pragma unroll
        for (int c = 0; c < 4; ++c) {
          if (first + c < channels) row[first + c] = pack.value[c];
        }
      }
    }
  }
}

/// Adds the tile to a thread's part of dweight: kClasses classes x 8 channels.
template <class T, int kClasses>
__device__ void weight_gradient(const WarpTile<T, kClasses>& tile, int in_warp,
                                float (&dweight)[kClasses][8]) {
  const int lane = in_warp % channel_lanes, first = in_warp / channel_lanes * kClasses;
#pragma unroll 2
  for (int pixel = 0; pixel < backward_tile; ++pixel) {
    Pack<float, 2> d[kClasses / 2];
#pragma unroll
    for (int j = 0; j < kClasses / 2; ++j) d[j] = load<2>(&tile.d[pixel][first + 2 * j]);
#pragma unroll
    for (int part = 0; part < 2; ++part) {
      const auto x = load<4>(&tile.x[pixel][channel_of(lane, part)]);
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        const float value = x.get(c);
#pragma unroll
        for (int j = 0; j < kClasses; ++j) {
          float& sum = dweight[j][part * 4 + c];
          sum = fmaf(d[j / 2].value[j % 2], value, sum);
        }
      }
    }
  }
}

/// The block's sum of dweight and dbias over its warps, in their order; `sums` is shared memory.
template <int kClasses>
__device__ void store_block(int warp, int in_warp, const float (&dweight)[kClasses][8],
                            const float (&dbias)[kClasses], float* sums, float* out) {
  constexpr int weights = quad * kClasses * head_channels, count = weights + quad * kClasses;
  const int lane = in_warp % channel_lanes, first = in_warp / channel_lanes * kClasses;
  float over_quads[kClasses];
#pragma unroll
  for (int j = 0; j < kClasses; ++j) {
    over_quads[j] = ThreadSums<kClasses>::over_quads(dbias[j]);
  }
  for (int turn = 0; turn < head_warps; ++turn) {
    __syncthreads();
    if (warp != turn) continue;
#pragma unroll
    for (int j = 0; j < kClasses; ++j) {
#pragma unroll
      for (int c = 0; c < 8; ++c) {
        float& sum = sums[(first + j) * head_channels + channel_of(lane, c / 4) + c % 4];
        sum = turn == 0 ? dweight[j][c] : sum + dweight[j][c];
      }
      float& sum = sums[weights + quad * j + in_warp % quad];
      if (in_warp < quad) sum = turn == 0 ? over_quads[j] : sum + over_quads[j];
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < count; i += head_threads) out[i] = sums[i];
}

/// gridDim: blocks of an image, images. partial [n * blocks, padded classes * (head_channels + 1)].
template <class T, int N, int kClasses>
__global__ void __launch_bounds__(head_threads, head_residency)
    head_backward(HeadArgs<T> args, const std::uint8_t* labels, HeadFactors factors,
                  const LossScale* loss_scale, Rows<T> dx, float* partial) {
  constexpr int padded = quad * kClasses;
  extern __shared__ __align__(16) unsigned char bytes[];
  auto& memory = *reinterpret_cast<BackwardMemory<T, kClasses>*>(bytes);
  for (unsigned i = threadIdx.x; i < sizeof memory / 4; i += head_threads) {
    reinterpret_cast<float*>(bytes)[i] = 0;  // channels that do not exist stay 0
  }
  __syncthreads();
  memory.weights.fill(args);
  for (int k = static_cast<int>(threadIdx.x); k < args.classes; k += head_threads) {
    memory.alpha[k] = factors.alpha[blockIdx.y * padded + k];
    memory.beta[k] = factors.beta[blockIdx.y * padded + k];
  }
  __syncthreads();
  const int warp = static_cast<int>(threadIdx.x) / warp_size;
  const int in_warp = static_cast<int>(threadIdx.x) % warp_size, lane = in_warp % quad;
  const float scale = loss_scale != nullptr ? loss_scale->scale : 1.0f;
  WarpTile<T, kClasses>& tile = memory.tiles[warp];
  float dweight[kClasses][8] = {}, dbias[kClasses] = {};
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.y) * args.pixels;
  for (unsigned start = (blockIdx.x * head_warps + warp) * backward_tile; start < args.pixels;
       start += gridDim.x * head_warps * backward_tile) {
    const int count = min(backward_tile, static_cast<int>(args.pixels - start));
    load_tile<T, N>(args, args.x.data + (begin + start) * args.x.stride, count, in_warp, tile);
    __syncwarp();
    float p[backward_pixels][kClasses];
    constexpr int row = sizeof tile.x[0] / sizeof(T);
    head_logits<T, N>(memory.weights, lane, args.channels,
                      SharedRow<T>{tile.x[in_warp / quad], quads * row}, p);
#pragma unroll
    for (int i = 0; i < backward_pixels; ++i) {
      const int pixel = quads * i + in_warp / quad;
      const int label = label_of(args, labels, start + static_cast<unsigned>(pixel));
      softmax(p[i]);
      const float weight = label < 0 ? 0.0f : memory.weights.class_weight[label];
      logit_gradient(lane, label, memory.alpha, memory.beta, *factors.cross_entropy * weight, p[i]);
#pragma unroll
      for (int j = 0; j < kClasses; ++j) {
        tile.d[pixel][quad * j + lane] = p[i][j];
        dbias[j] += p[i][j];
      }
    }
    __syncwarp();
    data_gradient<T, N>(memory, tile, args.channels, count, in_warp, scale,
                        dx.data + (begin + start) * dx.stride, dx.stride);
    weight_gradient(tile, in_warp, dweight);
    __syncwarp();
  }
  __syncthreads();
  constexpr int values = padded * (head_channels + 1);
  static_assert(sizeof memory.tiles >= values * sizeof(float));
  store_block(warp, in_warp, dweight, dbias, reinterpret_cast<float*>(memory.tiles),
              partial + (static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * values);
}

}  // namespace hikaku::cuda
