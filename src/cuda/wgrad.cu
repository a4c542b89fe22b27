#include "cuda/wgrad.h"

#include <algorithm>

#include "cuda/check.h"
#include "cuda/sizes.h"
#include "cuda/wgrad_finish.cuh"
#include "cuda/wgrad_main.cuh"

namespace hikaku::cuda {
namespace {

using namespace wgrad;

constexpr std::size_t head_bytes = 256;  ///< of the workspace: the largest magnitudes

/// run.operator()<F>() with the form of this kernel size and number of products.
template <class Run>
auto dispatch_form(int kernel, int products, bool far, const Run& run) {
  const auto with = [&]<int K>() {
    if (products == 1) return run.template operator()<Form<K, 1>>();
    return far ? run.template operator()<Form<K, 3, true>>()
               : run.template operator()<Form<K, 3>>();
  };
  if (kernel == 1) return with.template operator()<1>();
  return kernel == 2 ? with.template operator()<2>() : with.template operator()<3>();
}

bool shared_memory_fits(int kernel, int products, bool far) {
  return dispatch_form(kernel, products, far, [&]<class F>() { return shared_bytes<F>; }) <=
         device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
}

std::int64_t tiles(std::int64_t channels) { return (channels + tile - 1) / tile; }

std::int64_t runs_of_row(const Shape& shape) { return (shape.w + run - 1) / run; }

std::int64_t lines(const Shape& shape, int runs) {
  return (shape.n * runs_of_row(shape) + runs - 1) / runs * (shape.h + 1);
}

/// The number that ends first. A block's start and end take the time of some lines, and so do the
/// partial sums, which the second kernel reads.
int choose_splits(std::int64_t lines, std::int64_t tiles, std::int64_t multiprocessors) {
  constexpr double ends = 10, of_partial = 0.06;
  double best = 0;
  int chosen = 0;
  for (std::int64_t splits = 1; splits <= std::min(lines, 2 * multiprocessors); ++splits) {
    const std::int64_t blocks = tiles * splits;
    const std::int64_t waves = (blocks + multiprocessors - 1) / multiprocessors;
    const double cost =
        static_cast<double>(waves) * (static_cast<double>((lines + splits - 1) / splits) + ends) +
        of_partial * static_cast<double>(blocks);
    if (chosen != 0 && cost >= best) continue;
    best = cost;
    chosen = static_cast<int>(splits);
  }
  return chosen;
}

bool fits(const Tensor& tensor) {
  const Layout& l = tensor.layout;
  const Shape& s = tensor.shape;
  return tensor.dtype == DType::f32 && l.stride_c == 0 && l.stride_w % 4 == 0 && s.c % 8 == 0 &&
         l.stride_h == s.w * l.stride_w && l.stride_n == s.h * l.stride_h;
}

}  // namespace

bool WeightGradient::supported(const Tensor& x, const Tensor& dy, int kernel, int products) {
  if (kernel < 1 || kernel > 3 || !fits(x) || !fits(dy)) return false;
  if (device_attribute(cudaDevAttrComputeCapabilityMajor) < 8) return false;
  return shared_memory_fits(kernel, products, true);
}

WeightGradient::WeightGradient(const Tensor& x, const Tensor& dy, int kernel, int products,
                               LongSums sums)
    : x_(x),
      dy_(dy),
      kernel_(kernel),
      products_(products),
      far_(sums == LongSums::global || !shared_memory_fits(kernel, products, false)) {
  require(supported(x, dy, kernel, products) && x.shape.n == dy.shape.n &&
              x.shape.h == dy.shape.h && x.shape.w == dy.shape.w,
          "[weight gradient] {} and {}, kernel {}: no such kernel", to_string(x.shape),
          to_string(dy.shape), kernel);
  dispatch_form(kernel, products, far_, [&]<class F>() {
    HIKAKU_CUDA(cudaFuncSetAttribute(wgrad::products<F>,
                                     cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes<F>));
    splits_ = choose_splits(lines(x.shape, F::runs), tiles(x.shape.c) * tiles(dy.shape.c),
                            device_attribute(cudaDevAttrMultiProcessorCount));
  });
}

std::int64_t WeightGradient::blocks() const {
  return tiles(x_.shape.c) * tiles(dy_.shape.c) * splits_;
}

std::size_t WeightGradient::partial_bytes() const {
  const std::int64_t count = dy_.shape.c * x_.shape.c * kernel_ * kernel_;
  return static_cast<std::size_t>(splits_ * count) * sizeof(float);
}

std::size_t WeightGradient::workspace_bytes() const {
  const auto kept = [this]<class F>() {
    return F::far ? static_cast<std::size_t>(blocks() * kept_bytes<F>) : 0;
  };
  return head_bytes + partial_bytes() + dispatch_form(kernel_, products_, far_, kept);
}

void WeightGradient::run(const Tensor& x, const Tensor& dy, float* dw, void* workspace,
                         const LossScale* scale, cudaStream_t stream) const {
  auto* places = static_cast<std::uint32_t*>(workspace);
  const Largest largest{magnitude_of(x, places, stream), magnitude_of(dy, places + 1, stream)};
  run(x.data, dy.data, largest, dw, workspace, scale, stream);
}

void WeightGradient::run(const void* x, const void* dy, const Largest& largest, float* dw,
                         void* workspace, const LossScale* scale, cudaStream_t stream) const {
  const Shape& s = x_.shape;
  Problem p{};
  p.x = static_cast<const float*>(x);
  p.dy = static_cast<const float*>(dy);
  p.x_largest = largest.x;
  p.dy_largest = largest.dy;
  auto* const behind_head = static_cast<std::byte*>(workspace) + head_bytes;
  p.partial = reinterpret_cast<float*>(behind_head);
  p.kept = reinterpret_cast<float4*>(behind_head + partial_bytes());
  p.x_stride = static_cast<int>(x_.layout.stride_w);
  p.dy_stride = static_cast<int>(dy_.layout.stride_w);
  p.n = static_cast<int>(s.n);
  p.h = static_cast<int>(s.h);
  p.w = static_cast<int>(s.w);
  p.c_in = static_cast<int>(s.c);
  p.c_out = static_cast<int>(dy_.shape.c);
  p.runs_of_row = static_cast<int>(runs_of_row(s));
  p.columns = p.n * p.runs_of_row;
  p.splits = splits_;
  dispatch_form(kernel_, products_, far_, [&]<class F>() {
    p.lines = static_cast<int>(lines(s, F::runs));
    wgrad::products<F><<<static_cast<unsigned>(blocks()), threads, shared_bytes<F>, stream>>>(p);
  });
  const int taps = kernel_ * kernel_;
  const dim3 grid(static_cast<unsigned>(tiles(p.c_in)), static_cast<unsigned>(p.c_out));
  const dim3 block(static_cast<unsigned>(quads * taps),
                   splits_ >= 2 * finish_most_groups ? finish_most_groups : 1);
  finish<<<grid, block, 0, stream>>>(p, taps, scale, dw);
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
