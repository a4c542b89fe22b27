#include <algorithm>
#include <cmath>

#include "cuda/check.h"
#include "cuda/conv_check.h"
#include "cuda/vector.cuh"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;
/// A gradient of the weight sums over all pixels of the batch.
constexpr std::int64_t samples = 2048, weight_samples = 256;

__host__ __device__ std::uint32_t scramble(std::uint32_t bits) {
  bits *= 2654435769u;
  bits ^= bits >> 15;
  bits *= 2246822519u;
  bits ^= bits >> 13;
  return bits * 3266489917u;
}

template <class T>
__global__ void integers(T* data, std::int64_t count, std::uint32_t nonzero, std::uint32_t seed) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * threads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x; i < count;
       i += step) {
    // Twice, or two tensors of as many elements were the same numbers in another order, and a
    // gradient's sums of their products those of squares.
    const std::uint32_t bits = scramble(scramble(static_cast<std::uint32_t>(i)) + seed);
    data[i] = from_float<T>((bits >> 1) < nonzero ? ((bits & 1u) != 0 ? 1.0f : -1.0f) : 0.0f);
  }
}

__host__ __device__ float small_bias(std::int64_t channel) {
  return static_cast<float>(channel % 5 - 2);
}

template <class T>
__global__ void small_biases(T* bias, std::int64_t count) {
  const std::int64_t c = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
  if (c < count) bias[c] = from_float<T>(small_bias(c));
}

/// An NHWC tensor; outside of its picture it is zero.
template <class T>
struct Picture {
  const T* data;
  std::int64_t stride_n, stride_h, stride_w;
  int height, width;

  __device__ const T* element(std::int64_t n, int y, int x, int c) const {
    return data + n * stride_n + y * stride_h + x * stride_w + c;
  }
  __device__ float at(std::int64_t n, int y, int x, int c) const {
    const bool inside = y >= 0 && y < height && x >= 0 && x < width;
    return inside ? to_float(*element(n, y, x, c)) : 0.0f;
  }
};

template <class T, class W>
struct Problem {
  ConvPass pass;
  Picture<T> x, y;
  const W* weight;  ///< [c_out, kernel, kernel, c_in]
  bool bias_relu;
  std::int64_t n;
  int c_in, c_out, kernel, before;

  __device__ float weight_at(int o, int r, int s, int c) const {
    return to_float(weight[((static_cast<std::int64_t>(o) * kernel + r) * kernel + s) * c_in + c]);
  }
  [[nodiscard]] std::int64_t outputs() const {
    const std::int64_t pixels = n * x.height * x.width;
    if (pass == ConvPass::forward) return pixels * c_out;
    if (pass == ConvPass::backward_data) return pixels * c_in;
    return static_cast<std::int64_t>(c_out) * kernel * kernel * c_in;
  }
};

/// Where an element of the result lies.
struct Place {
  std::int64_t n = 0;
  int y = 0, x = 0, c = 0;
};

template <class T, class W>
__device__ Place pixel_of(const Problem<T, W>& p, std::int64_t index, int channels) {
  Place place;
  place.c = static_cast<int>(index % channels);
  index /= channels;
  place.x = static_cast<int>(index % p.x.width);
  index /= p.x.width;
  place.y = static_cast<int>(index % p.x.height);
  place.n = index / p.x.height;
  return place;
}

/// This thread's part of the sum of a pixel's element. Forward gathers x around the pixel, backward
/// the gradient of y, with the kernel the other way round.
template <class T, class W>
__device__ float pixel_sum(const Problem<T, W>& p, const Place& at, bool forward) {
  const int channels = forward ? p.c_in : p.c_out;
  const int terms = channels * p.kernel * p.kernel;
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < terms; i += threads) {
    const int c = i % channels, s = i / channels % p.kernel, r = i / channels / p.kernel;
    const int dy = r - p.before, dx = s - p.before;
    sum += forward ? p.x.at(at.n, at.y + dy, at.x + dx, c) * p.weight_at(at.c, r, s, c)
                   : p.y.at(at.n, at.y - dy, at.x - dx, c) * p.weight_at(c, r, s, at.c);
  }
  return sum;
}

template <class T, class W>
__device__ float weight_sum(const Problem<T, W>& p, std::int64_t index) {
  const int c = static_cast<int>(index % p.c_in);
  index /= p.c_in;
  const int s = static_cast<int>(index % p.kernel),
            r = static_cast<int>(index / p.kernel) % p.kernel;
  const int o = static_cast<int>(index / p.kernel / p.kernel);
  const std::int64_t pixels = p.n * p.x.height * p.x.width;
  float sum = 0;
  for (std::int64_t i = threadIdx.x; i < pixels; i += threads) {
    const int x = static_cast<int>(i % p.x.width), y = static_cast<int>(i / p.x.width) % p.x.height;
    const std::int64_t n = i / p.x.width / p.x.height;
    sum += p.y.at(n, y, x, o) * p.x.at(n, y + r - p.before, x + s - p.before, c);
  }
  return sum;
}

__device__ float block_sum(float value) {
  __shared__ float parts[threads];
  parts[threadIdx.x] = value;
  for (unsigned half = threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
  }
  return parts[0];  // of thread 0
}

/// A block looks at one element of the result.
template <class T, class W>
__global__ void check_elements(Problem<T, W> p, std::int64_t outputs, float tolerance, int* wrong) {
  const std::int64_t last = outputs - 1;
  const std::int64_t spread =
      static_cast<std::int64_t>(scramble(blockIdx.x) * 0x1p-32 * static_cast<double>(outputs));
  const std::int64_t index = blockIdx.x == 0 ? 0 : blockIdx.x == 1 ? last : min(spread, last);
  float found = 0, sum = 0;
  if (p.pass == ConvPass::backward_weight) {
    sum = block_sum(weight_sum(p, index));
    found = to_float(p.weight[index]);
  } else {
    const bool forward = p.pass == ConvPass::forward;
    const Place at = pixel_of(p, index, forward ? p.c_out : p.c_in);
    sum = block_sum(pixel_sum(p, at, forward));
    if (p.bias_relu) sum = fmaxf(sum + small_bias(at.c), 0.0f);
    found = to_float(*(forward ? p.y : p.x).element(at.n, at.y, at.x, at.c));
  }
  // Written so that not-a-number is wrong.
  if (threadIdx.x == 0 && !(fabsf(found - sum) <= tolerance)) atomicAdd(wrong, 1);
}

template <class T>
Picture<T> picture(const Tensor& tensor, const void* data) {
  const Layout& l = tensor.layout;
  return {static_cast<const T*>(data),
          l.stride_n,
          l.stride_h,
          l.stride_w,
          static_cast<int>(tensor.shape.h),
          static_cast<int>(tensor.shape.w)};
}

/// The products of one sum.
std::int64_t terms_of(const ConvProblem& problem) {
  const Shape &x = problem.x.shape, &y = problem.y.shape;
  const std::int64_t taps = problem.kernel * problem.kernel;
  switch (problem.pass) {
    case ConvPass::forward:
      return x.c * taps;
    case ConvPass::backward_data:
      return y.c * taps;
    default:
      return x.n * x.pixels();
  }
}

}  // namespace

void fill_integers(const ConvProblem& problem, void* data, DType type, std::int64_t count,
                   std::uint32_t seed, cudaStream_t stream) {
  if (count == 0) return;
  const double share = std::min(1.0, 32 / std::sqrt(static_cast<double>(terms_of(problem))));
  const auto nonzero = static_cast<std::uint32_t>(0x1p31 * share);
  const auto blocks =
      static_cast<unsigned>(std::min<std::int64_t>((count - 1) / threads + 1, 2048));
  dispatch_type(type, [&]<class T>() {
    integers<T><<<blocks, threads, 0, stream>>>(static_cast<T*>(data), count, nonzero, seed);
  });
  HIKAKU_CUDA(cudaGetLastError());
}

void fill_bias(void* bias, DType type, std::int64_t count, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((count + threads - 1) / threads);
  dispatch_type(type, [&]<class T>() {
    small_biases<T><<<blocks, threads, 0, stream>>>(static_cast<T*>(bias), count);
  });
  HIKAKU_CUDA(cudaGetLastError());
}

int wrong_elements(const ConvProblem& problem, const ConvMemory& memory, float tolerance,
                   int* counter, cudaStream_t stream) {
  HIKAKU_CUDA(cudaMemsetAsync(counter, 0, sizeof(int), stream));
  dispatch_type(problem.x.dtype, [&]<class T>() {
    dispatch_type(problem.weight, [&]<class W>() {
      const Problem<T, W> p{problem.pass,
                            picture<T>(problem.x, memory.x),
                            picture<T>(problem.y, memory.y),
                            static_cast<const W*>(memory.weight),
                            problem.bias_relu,
                            problem.x.shape.n,
                            static_cast<int>(problem.x.shape.c),
                            static_cast<int>(problem.y.shape.c),
                            static_cast<int>(problem.kernel),
                            static_cast<int>(problem.kernel - 1) / 2};
      const std::int64_t outputs = p.outputs();
      const bool of_weight = problem.pass == ConvPass::backward_weight;
      const auto blocks =
          static_cast<unsigned>(std::min(of_weight ? weight_samples : samples, outputs));
      check_elements<T, W><<<blocks, threads, 0, stream>>>(p, outputs, tolerance, counter);
    });
  });
  HIKAKU_CUDA(cudaGetLastError());
  int wrong = 0;
  HIKAKU_CUDA(cudaMemcpyAsync(&wrong, counter, sizeof wrong, cudaMemcpyDeviceToHost, stream));
  HIKAKU_CUDA(cudaStreamSynchronize(stream));
  return wrong;
}

}  // namespace hikaku::cuda
