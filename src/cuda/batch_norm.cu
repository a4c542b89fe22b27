#include "cuda/batch_norm.h"

#include <limits>

#include "cuda/batch_norm_backward.cuh"

namespace hikaku::cuda {
namespace {

class CudaBatchNorm final : public BatchNorm {
 public:
  CudaBatchNorm(const BatchNormParams& params, Context& context)
      : params_(params), context_(context) {
    validate(params);
    require(params.shape.n * params.shape.pixels() < (std::int64_t{1} << 31),
            "[batch_norm] {} has too many pixels", to_string(params.shape));
    // Sums of all blocks; then shift, or slope and level.
    const std::int64_t values = (2 * most_blocks() + 3) * params.shape.c;
    context.reserve_scratch(static_cast<std::size_t>(values) * sizeof(float));
  }

  void forward(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
               const Tensor& y, const Tensor& pooled) override {
    const bool pool = params_.pool;
    const bool vectors = has_vectors(z) && has_vectors(y) && (!pool || has_vectors(pooled));
    dispatch(z.dtype, vectors, [&]<class T, int N>() {
      statistics<T, N>(z, state, saved, y.largest);
      if (pool) {
        const Windows windows(params_.shape);
        const auto kernel =
            windows.whole() ? normalise_pool<T, N, true> : normalise_pool<T, N, false>;
        const Sweep sweep = sweep_of<N>(kernel, windows.count);
        kernel<<<sweep.grid, sweep.block, 0, context_.stream>>>(rows_of<const T>(z), rows_of<T>(y),
                                                                rows_of<T>(pooled), windows,
                                                                channels(), state, saved, lower());
      } else {
        const Sweep sweep = sweep_of<N>(normalise<T, N>, pixels());
        normalise<T, N><<<sweep.grid, sweep.block, 0, context_.stream>>>(
            rows_of<const T>(z), rows_of<T>(y), pixels(), channels(), state, saved, lower());
      }
    });
    HIKAKU_CUDA(cudaGetLastError());
  }

  void backward(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
                const Tensor& dy, const Tensor& dpooled, float* dgamma, float* dbeta,
                const Tensor& dz) override {
    const bool pool = params_.pool;
    require(pool || dy.data != nullptr, "[batch_norm] no gradient of {}", to_string(z.shape));
    const bool vectors =
        has_vectors(z) && has_vectors(dy) && has_vectors(dz) && (!pool || has_vectors(dpooled));
    dispatch(z.dtype, vectors, [&]<class T, int N>() {
      const NormGradient<T> args{rows_of<const T>(z),
                                 rows_of<const T>(dy),
                                 pool ? rows_of<const T>(dpooled) : Rows<const T>{},
                                 Windows(params_.shape),
                                 pixels(),
                                 channels(),
                                 lower(),
                                 state,
                                 saved};
      if (!pool) {
        gradient<T, N, Items::pixels>(args, dgamma, dbeta, dz);
      } else if (args.windows.whole()) {
        gradient<T, N, Items::whole_windows>(args, dgamma, dbeta, dz);
      } else {
        gradient<T, N, Items::windows>(args, dgamma, dbeta, dz);
      }
    });
    HIKAKU_CUDA(cudaGetLastError());
  }

 private:
  template <class T, int N>
  void statistics(const Tensor& z, const BatchNormState& state, const BatchNormSaved& saved,
                  std::uint32_t* largest) {
    const Sweep sweep = sweep_of<N>(moment_sums<T, N>, pixels());
    float* shift = partial() + 2 * most_blocks() * params_.shape.c;
    moment_sums<T, N><<<sweep.grid, sweep.block, 0, context_.stream>>>(
        rows_of<const T>(z), pixels(), channels(), partial(), shift, largest);
    finish_moments<<<finish_grid(params_.shape.c), finish_block(), 0, context_.stream>>>(
        partial(), static_cast<int>(sweep.grid.y), channels(), shift, count(), params_.eps,
        params_.momentum, state, saved, largest);
  }

  template <class T, int N, Items items>
  void gradient(const NormGradient<T>& args, float* dgamma, float* dbeta, const Tensor& dz) {
    const unsigned count_of_items = items == Items::pixels ? args.pixels : args.windows.count;
    const Sweep sweep = sweep_of<N>(gradient_sums<T, N, items>, count_of_items);
    const Sweep apply = sweep_of<N>(gradient_apply<T, N, items>, count_of_items);
    float* slope = partial() + 2 * most_blocks() * params_.shape.c;
    float* level = slope + params_.shape.c;
    gradient_sums<T, N, items>
        <<<sweep.grid, sweep.block, 0, context_.stream>>>(args, partial(), dz.largest);
    finish_gradient<<<finish_grid(params_.shape.c), finish_block(), 0, context_.stream>>>(
        partial(), static_cast<int>(sweep.grid.y), channels(), count(), args.state, args.saved,
        context_.loss_scale, dgamma, dbeta, slope, level);
    gradient_apply<T, N, items><<<apply.grid, apply.block, 0, context_.stream>>>(
        args, slope, level, rows_of<T>(dz), dz.largest);
  }

  template <int N, class Kernel>
  [[nodiscard]] Sweep sweep_of(Kernel* kernel, unsigned items) const {
    const int blocks = resident_blocks(kernel, context_.multiprocessors);
    return {items, params_.shape.c / N, std::min(blocks, most_blocks())};
  }
  [[nodiscard]] int most_blocks() const { return most_resident_blocks * context_.multiprocessors; }
  [[nodiscard]] int channels() const { return static_cast<int>(params_.shape.c); }
  [[nodiscard]] unsigned pixels() const {
    return static_cast<unsigned>(params_.shape.n * params_.shape.pixels());
  }
  [[nodiscard]] double count() const { return static_cast<double>(pixels()); }
  [[nodiscard]] float lower() const {
    return params_.relu ? 0.0f : -std::numeric_limits<float>::infinity();
  }
  [[nodiscard]] float* partial() const { return static_cast<float*>(context_.scratch()); }

  BatchNormParams params_;
  Context& context_;
};

}  // namespace

std::unique_ptr<BatchNorm> make_batch_norm(const BatchNormParams& params, Context& context) {
  return std::make_unique<CudaBatchNorm>(params, context);
}

}  // namespace hikaku::cuda
