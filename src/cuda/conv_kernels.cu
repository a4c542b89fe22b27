#include <algorithm>

#include "cuda/check.h"
#include "cuda/context.h"
#include "cuda/conv_kernels.h"
#include "cuda/vector.cuh"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;
constexpr int most_taps = 9;
/// Channels that a block turns at once: at 16 bits, rows of a full cache line on both sides.
constexpr int tile = 64;

/// A block turns `tile` input channels of one output channel. The tile in shared memory lies as in
/// OIHW, [channel][tap], whose odd row length of 9 spreads a column over the banks.
template <class T>
__global__ void to_krsc(const float* from, T* to, int c_out, int c_in, int taps, int padded_in) {
  __shared__ float turn[tile * most_taps];
  const int o = static_cast<int>(blockIdx.y), first = static_cast<int>(blockIdx.x) * tile;
  const int count = o < c_out ? min(tile, c_in - first) * taps : 0;
  const float* source = from + (static_cast<std::int64_t>(o) * c_in + first) * taps;
  for (int i = static_cast<int>(threadIdx.x); i < tile * taps; i += threads) {
    turn[i] = i < count ? source[i] : 0.0f;
  }
  __syncthreads();
  T* target = to + static_cast<std::int64_t>(o) * taps * padded_in + first;
  for (int i = static_cast<int>(threadIdx.x); i < tile * taps; i += threads) {
    const int tap = i / tile, c = i % tile;
    if (first + c < padded_in) {
      target[static_cast<std::int64_t>(tap) * padded_in + c] = from_float<T>(turn[c * taps + tap]);
    }
  }
}

template <class T>
__global__ void from_krsc(const T* from, float* to, int c_in, int taps, int padded_in,
                          const LossScale* scale) {
  __shared__ float turn[tile * most_taps];
  const int o = static_cast<int>(blockIdx.y), first = static_cast<int>(blockIdx.x) * tile;
  const int channels = min(tile, c_in - first);
  const T* source = from + static_cast<std::int64_t>(o) * taps * padded_in + first;
  for (int i = static_cast<int>(threadIdx.x); i < tile * taps; i += threads) {
    const int tap = i / tile, c = i % tile;
    if (c < channels) {
      turn[c * taps + tap] = to_float(source[static_cast<std::int64_t>(tap) * padded_in + c]);
    }
  }
  __syncthreads();
  const float inverse = scale->inverse;
  float* target = to + (static_cast<std::int64_t>(o) * c_in + first) * taps;
  for (int i = static_cast<int>(threadIdx.x); i < channels * taps; i += threads) {
    target[i] = turn[i] * inverse;
  }
}

/// Any of the layouts on this device by its strides.
template <class T>
struct View {
  T* data;
  std::int64_t n, c, h, w;

  __device__ T* at(std::int64_t image, int y, int x) const {
    return data + image * n + y * h + x * w;
  }
};

template <class T>
View<T> view_of(const Tensor& tensor) {
  const Layout& l = tensor.layout;
  // NHWC: its channels lie side by side.
  return {static_cast<T*>(tensor.data), l.stride_n, l.block == 1 ? l.stride_c : 1, l.stride_h,
          l.stride_w};
}

struct Pixels {
  std::int64_t count;
  int h, w;
};

/// A thread makes N channels of one pixel, stored by one instruction.
template <class From, class To, int N>
__global__ void copy_pixels(View<const From> from, int c_from, View<To> to, int c_to, Pixels pixels,
                            const float* bias, bool relu) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
  const int packs = (c_to + N - 1) / N;
  const std::int64_t pixel = i / packs;
  if (pixel >= pixels.count) return;
  const int c = static_cast<int>(i - pixel * packs) * N;
  const int x = static_cast<int>(pixel % pixels.w);
  const int y = static_cast<int>(pixel / pixels.w % pixels.h);
  const std::int64_t image = pixel / pixels.w / pixels.h;
  const From* source = from.at(image, y, x);
  Pack<To, N> pack;
#pragma unroll
  for (int k = 0; k < N; ++k) {
    float value = c + k < c_from ? to_float(source[(c + k) * from.c]) : 0.0f;
    if (bias != nullptr) value += bias[c + k];
    pack.set(k, relu ? fmaxf(value, 0.0f) : value);
  }
  To* target = to.at(image, y, x) + c * to.c;
  if constexpr (N == 1) {
    *target = pack.value[0];
  } else {
    store(target, pack);
  }
}

template <class T>
__global__ void noise(T* data, std::int64_t count) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * threads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x; i < count;
       i += step) {
    // One round of a multiplicative hash is noise enough for timing.
    auto bits = static_cast<std::uint32_t>(i) * 2654435769u;
    bits ^= bits >> 15;
    bits *= 2246822519u;
    data[i] = from_float<T>(static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-31f);
  }
}

dim3 weight_grid(std::int64_t c_in, std::int64_t c_out) {
  return {static_cast<unsigned>((c_in + tile - 1) / tile), static_cast<unsigned>(c_out)};
}

}  // namespace

void weight_to_krsc(const float* from, void* to, DType type, const WeightShape& shape,
                    cudaStream_t stream) {
  dispatch_type(type, [&]<class T>() {
    to_krsc<T><<<weight_grid(shape.padded_in, shape.padded_out), threads, 0, stream>>>(
        from, static_cast<T*>(to), static_cast<int>(shape.c_out), static_cast<int>(shape.c_in),
        static_cast<int>(shape.taps), static_cast<int>(shape.padded_in));
  });
  HIKAKU_CUDA(cudaGetLastError());
}

void weight_from_krsc(const void* from, DType type, float* to, const WeightShape& shape,
                      const LossScale* scale, cudaStream_t stream) {
  dispatch_type(type, [&]<class T>() {
    from_krsc<T><<<weight_grid(shape.c_in, shape.c_out), threads, 0, stream>>>(
        static_cast<const T*>(from), to, static_cast<int>(shape.c_in), static_cast<int>(shape.taps),
        static_cast<int>(shape.padded_in), scale);
  });
  HIKAKU_CUDA(cudaGetLastError());
}

void copy_channels(const Tensor& from, const Tensor& to, const float* bias, bool relu,
                   cudaStream_t stream) {
  const Shape& s = to.shape;
  const Pixels pixels{s.n * s.pixels(), static_cast<int>(s.h), static_cast<int>(s.w)};
  const bool vectors = to.layout.stride_c == 0 && has_vectors(to);
  dispatch_type(from.dtype, [&]<class From>() {
    dispatch(to.dtype, vectors, [&]<class To, int N>() {
      const std::int64_t packs = pixels.count * ((s.c + N - 1) / N);
      const auto blocks = static_cast<unsigned>((packs + threads - 1) / threads);
      copy_pixels<From, To, N><<<blocks, threads, 0, stream>>>(
          view_of<const From>(from), static_cast<int>(from.shape.c), view_of<To>(to),
          static_cast<int>(s.c), pixels, bias, relu);
    });
  });
  HIKAKU_CUDA(cudaGetLastError());
}

void fill_noise(void* data, DType type, std::int64_t count, cudaStream_t stream) {
  if (count == 0) return;
  dispatch_type(type, [&]<class T>() {
    const auto blocks =
        static_cast<unsigned>(std::min<std::int64_t>((count - 1) / threads + 1, 2048));
    noise<T><<<blocks, threads, 0, stream>>>(static_cast<T*>(data), count);
  });
  HIKAKU_CUDA(cudaGetLastError());
}

void require_kernels() {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, noise<float>), "the kernels of this GPU");
}

}  // namespace hikaku::cuda
