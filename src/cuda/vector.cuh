// Vectors of 16 bytes (or one element, where channels do not fill them), their elements as floats,
// and NHWC tensors as rows of channels. For float, __half and __nv_bfloat16; conversions only, so
// that every GPU from sm_75 on computes the same.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "tensor/tensor.h"

namespace hikaku::cuda {

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(__half value) { return __half2float(value); }
__device__ inline float to_float(__nv_bfloat16 value) { return __bfloat162float(value); }

template <class T>
__device__ T from_float(float value);
template <>
__device__ inline float from_float<float>(float value) {
  return value;
}
template <>
__device__ inline __half from_float<__half>(float value) {
  return __float2half_rn(value);
}
template <>
__device__ inline __nv_bfloat16 from_float<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}

/// Two at once: 16-bit elements are rounded by one instruction, also where they are read again.
__device__ inline void from_floats(float a, float b, float& first, float& second) {
  first = a, second = b;
}
__device__ inline void from_floats(float a, float b, __half& first, __half& second) {
  const __half2 both = __floats2half2_rn(a, b);
  first = __low2half(both), second = __high2half(both);
}
__device__ inline void from_floats(float a, float b, __nv_bfloat16& first, __nv_bfloat16& second) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(a, b);
  first = __low2bfloat16(both), second = __high2bfloat16(both);
}

/// N elements that are loaded and stored by one instruction.
template <class T, int N>
struct alignas(sizeof(T) * N) Pack {
  T value[N];

  __device__ float get(int i) const { return to_float(value[i]); }
  __device__ void set(int i, float x) { value[i] = from_float<T>(x); }
  __device__ void set_all(const float (&x)[N]) {
#pragma unroll
    for (int i = 0; i + 1 < N; i += 2) from_floats(x[i], x[i + 1], value[i], value[i + 1]);
    if constexpr (N % 2 != 0) set(N - 1, x[N - 1]);
  }
};

namespace detail {
template <std::size_t bytes>
struct Word;
template <>
struct Word<2> {
  using Type = std::uint16_t;
};
template <>
struct Word<4> {
  using Type = std::uint32_t;
};
template <>
struct Word<8> {
  using Type = uint2;
};
template <>
struct Word<16> {
  using Type = uint4;
};
}  // namespace detail

template <int N, class T>
__device__ Pack<T, N> load(const T* from) {
  using Word = typename detail::Word<sizeof(T) * N>::Type;
  const Word word = *reinterpret_cast<const Word*>(from);
  Pack<T, N> result;
  std::memcpy(&result, &word, sizeof word);
  return result;
}

template <class T, int N>
__device__ void store(T* to, const Pack<T, N>& pack) {
  using Word = typename detail::Word<sizeof(T) * N>::Type;
  Word word;
  std::memcpy(&word, &pack, sizeof word);
  *reinterpret_cast<Word*>(to) = word;
}

/// An NHWC tensor or a slice of its channels: pixel i (over images, rows and columns) begins at
/// data + i * stride.
template <class T>
struct Rows {
  T* data = nullptr;
  std::int64_t stride = 0;

  __device__ T* at(unsigned pixel, int channel) const { return data + pixel * stride + channel; }
};

template <class T>
Rows<T> rows_of(const Tensor& tensor) {
  const Shape& s = tensor.shape;
  const Layout& l = tensor.layout;
  if (tensor.data != nullptr &&
      (l.stride_h != s.w * l.stride_w || l.stride_n != s.h * l.stride_h || l.stride_c != 0)) {
    throw Error(ExitCode::internal, "[cuda] this op needs NHWC", "report this message");
  }
  return {static_cast<T*>(tensor.data), l.stride_w};
}

/// Whether every pixel of the tensor is made of whole aligned vectors of `bytes`; also if there is
/// none.
inline bool has_vectors(const Tensor& tensor, std::int64_t bytes = 16) {
  if (tensor.data == nullptr) return true;
  const auto elements = bytes / static_cast<std::int64_t>(size_of(tensor.dtype));
  return tensor.shape.c % elements == 0 && tensor.layout.stride_w % elements == 0 &&
         reinterpret_cast<std::uintptr_t>(tensor.data) % static_cast<std::uintptr_t>(bytes) == 0;
}

/// run.operator()<T>() with the element type's T.
template <class F>
void dispatch_type(DType type, const F& run) {
  switch (type) {
    case DType::f32:
      return run.template operator()<float>();
    case DType::f16:
      return run.template operator()<__half>();
    case DType::bf16:
      return run.template operator()<__nv_bfloat16>();
    default:
      throw Error(ExitCode::internal, "[cuda] no such activation", "report this message");
  }
}

/// run.operator()<T, N>() with N the elements of 16 bytes, or 1.
template <class F>
void dispatch(DType type, bool vectors, const F& run) {
  dispatch_type(type, [&]<class T>() {
    if (vectors) {
      run.template operator()<T, 16 / static_cast<int>(sizeof(T))>();
    } else {
      run.template operator()<T, 1>();
    }
  });
}

}  // namespace hikaku::cuda
