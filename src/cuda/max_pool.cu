#include "cuda/max_pool.h"

#include "cuda/pool_window.cuh"
#include "cuda/reduce.cuh"
#include "cuda/vector.cuh"

namespace hikaku::cuda {
namespace {

template <class T, int N>
__global__ void __launch_bounds__(sweep_threads)
    pool_windows(Rows<const T> x, Rows<T> copy, Rows<T> y, Windows windows, int channels) {
  const Place at = place<N>();
  if (at.channel >= channels) return;
  for (unsigned item = at.item; item < windows.count; item += at.step) {
    const Window<> window(windows, item);
    Pack<T, N> packs[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (window.has(k)) packs[k] = load<N>(x.at(window.pixel(k), at.channel));
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (copy.data != nullptr && window.has(k)) {
        store(copy.at(window.pixel(k), at.channel), packs[k]);
      }
    }
    if (!window.full()) continue;
#pragma unroll
    for (int i = 0; i < N; ++i) {
      T& top = packs[0].value[i];
#pragma unroll
      for (int k = 1; k < 4; ++k) {
        if (!(packs[k].get(i) <= to_float(top))) top = packs[k].value[i];
      }
    }
    store(y.at(window.pooled, at.channel), packs[0]);
  }
}

class CudaMaxPool final : public MaxPool {
 public:
  CudaMaxPool(const MaxPoolParams& params, Context& context) : params_(params), context_(context) {}

  void forward(const Tensor& x, const Tensor& copy, const Tensor& y) override {
    const bool vectors = has_vectors(x) && has_vectors(copy) && has_vectors(y);
    dispatch(x.dtype, vectors, [&]<class T, int N>() {
      const Windows windows(params_.input);
      const Sweep sweep(windows.count, params_.input.c / N,
                        resident_blocks(pool_windows<T, N>, context_.multiprocessors));
      pool_windows<T, N><<<sweep.grid, sweep.block, 0, context_.stream>>>(
          rows_of<const T>(x), rows_of<T>(copy), rows_of<T>(y), windows,
          static_cast<int>(params_.input.c));
    });
    HIKAKU_CUDA(cudaGetLastError());
  }

 private:
  MaxPoolParams params_;
  Context& context_;
};

}  // namespace

std::unique_ptr<MaxPool> make_max_pool(const MaxPoolParams& params, Context& context) {
  return std::make_unique<CudaMaxPool>(params, context);
}

}  // namespace hikaku::cuda
