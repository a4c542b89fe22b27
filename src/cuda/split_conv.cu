#include "cuda/split_conv.h"

#include <algorithm>

#include "cuda/check.h"
#include "cuda/sizes.h"
#include "cuda/split_conv_main.cuh"

namespace hikaku::cuda {
namespace {

using namespace split;

std::int64_t whole(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit; }

std::int64_t outs_of(const SplitWeight& weight) {
  return weight.backward ? weight.c_in : weight.c_out;
}

/// run.operator()<F>() with the form for this kernel and these outputs.
template <class Run>
auto dispatch_form(const SplitWeight& weight, const Run& run) {
  if (weight.kernel == 1) return run.template operator()<Form<1, 2, 2>>();
  return outs_of(weight) <= warp_outs ? run.template operator()<Form<3, 4, 1>>()
                                      : run.template operator()<Form<3, 2, 2>>();
}

bool fits(const Tensor& tensor, std::int64_t unit) {
  const Layout& l = tensor.layout;
  const Shape& s = tensor.shape;
  return tensor.dtype == DType::f32 && l.stride_c == 0 && l.stride_w % unit == 0 &&
         s.c % unit == 0 && l.stride_h == s.w * l.stride_w && l.stride_n == s.h * l.stride_h;
}

}  // namespace

bool SplitConvolution::supported(const Tensor& from, const Tensor& to, const SplitWeight& weight) {
  if (weight.kernel != 1 && weight.kernel != 3) return false;
  if (!fits(from, 4) || !fits(to, 2)) return false;
  // A pixel's place in its image is an int.
  if (from.shape.pixels() * from.layout.stride_w >= std::int64_t{1} << 31) return false;
  if (device_attribute(cudaDevAttrComputeCapabilityMajor) < 8) return false;
  return dispatch_form(weight, [&]<class F>() { return F::shared_bytes; }) <=
         device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
}

SplitConvolution::SplitConvolution(const Tensor& from, const Tensor& to, const SplitWeight& weight)
    : from_(from), to_(to), weight_(weight) {
  require(supported(from, to, weight) && from.shape.n == to.shape.n && from.shape.h == to.shape.h &&
              from.shape.w == to.shape.w && to.shape.c == outs_of(weight),
          "[split convolution] {} to {}, kernel {}: no such kernel", to_string(from.shape),
          to_string(to.shape), weight.kernel);
  dispatch_form(weight, [&]<class F>() {
    HIKAKU_CUDA(cudaFuncSetAttribute(convolve<F>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     F::shared_bytes));
  });
}

std::size_t SplitConvolution::split_bytes() const {
  return static_cast<std::size_t>(dispatch_form(weight_, [&]<class F>() {
    return whole(to_.shape.c, F::outs) * whole(from_.shape.c, F::channels) * F::kernel * F::w_stage;
  }));
}

void SplitConvolution::load_weight(const float* weight, const std::uint32_t* largest, void* split,
                                   cudaStream_t stream) const {
  dispatch_form(weight_, [&]<class F>() {
    const dim3 grid(static_cast<unsigned>(whole(from_.shape.c, F::channels)),
                    static_cast<unsigned>(whole(to_.shape.c, F::outs)));
    split_weight<F><<<grid, F::outs * F::octets, 0, stream>>>(
        weight, largest, static_cast<int>(weight_.c_out), static_cast<int>(weight_.c_in),
        weight_.backward, static_cast<unsigned char*>(split));
  });
  HIKAKU_CUDA(cudaGetLastError());
}

void SplitConvolution::run(const void* from, const Largest& largest, const void* split, void* to,
                           const Addends& addends, cudaStream_t stream) const {
  const Shape& s = from_.shape;
  Problem p{};
  p.from = static_cast<const float*>(from);
  p.to = static_cast<float*>(to);
  p.addend = addends.addend;
  p.bias = addends.bias;
  p.weight = static_cast<const unsigned char*>(split);
  p.from_largest = largest.from;
  p.weight_largest = largest.weight;
  p.from_stride = static_cast<int>(from_.layout.stride_w);
  p.to_stride = static_cast<int>(to_.layout.stride_w);
  p.h = static_cast<int>(s.h);
  p.w = static_cast<int>(s.w);
  p.c_in = static_cast<int>(s.c);
  p.c_out = static_cast<int>(to_.shape.c);
  p.tiles_of_row = static_cast<int>(whole(s.w, columns));
  dispatch_form(weight_, [&]<class F>() {
    p.tiles_of_column = static_cast<int>(whole(s.h, F::rows));
    p.chunks = static_cast<int>(whole(s.c, F::channels));
    const dim3 grid(static_cast<unsigned>(s.n * p.tiles_of_column * p.tiles_of_row),
                    static_cast<unsigned>(whole(p.c_out, F::outs)));
    convolve<F><<<grid, threads, F::shared_bytes, stream>>>(p);
  });
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
