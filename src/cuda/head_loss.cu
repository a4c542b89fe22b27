#include "cuda/head_loss.h"

#include <algorithm>
#include <string>

#include "cuda/head_loss_backward.cuh"
#include "cuda/head_loss_finish.cuh"
#include "cuda/memory.h"

namespace hikaku::cuda {
namespace {

void check_limits(const HeadLossParams& params) {
  const Shape& s = params.input;
  if (s.c <= head_channels && params.classes <= head_classes && s.n <= 65535 &&
      s.pixels() < (std::int64_t{1} << 31)) {
    return;
  }
  throw Error(ExitCode::usage,
              "head_loss of " + to_string(s) + " to " + std::to_string(params.classes) +
                  " classes; a GPU does up to " + std::to_string(head_channels) + " channels and " +
                  std::to_string(head_classes) + " classes",
              s.c > head_channels
                  ? "use --width " + std::to_string(head_channels) + " or less, or --device cpu"
                  : "use fewer classes, smaller batches or --device cpu");
}

class CudaHeadLoss final : public HeadLoss {
 public:
  CudaHeadLoss(const HeadLossParams& params, Context& context)
      : params_((check_limits(params), params)),
        context_(context),
        class_weights_(params.class_weights.size() * sizeof(float)),
        factors_(static_cast<std::size_t>(1 + 2 * params.input.n * head_classes) * sizeof(float)) {
    validate(params);
    if (!params.class_weights.empty()) {
      HIKAKU_CUDA(cudaMemcpy(class_weights_.get(), params.class_weights.data(),
                             params.class_weights.size() * sizeof(float), cudaMemcpyHostToDevice));
    }
    const std::size_t values = head_classes * (head_channels + 1);
    context.reserve_scratch(static_cast<std::size_t>(images() * blocks()) * values * sizeof(float));
  }

  void forward(const Tensor& x, const float* weight, const float* bias, const std::uint8_t* labels,
               LossValue* loss) override {
    run(x, has_vectors(x), [&]<class T, int N, int kClasses>() {
      head_forward<T, N, kClasses><<<grid(), head_threads, 0, context_.stream>>>(
          args<T>(x, weight, bias), labels, partial());
      const LossShape shape{images(),
                            blocks(),
                            static_cast<int>(params_.classes),
                            quad * kClasses,
                            static_cast<double>(params_.smooth),
                            static_cast<double>(params_.dice_share)};
      finish_loss<<<1, loss_threads, 0, context_.stream>>>(partial(), shape, factors(), loss);
    });
  }

  void backward(const Tensor& x, const float* weight, const float* bias, const std::uint8_t* labels,
                const Tensor& dx, float* dweight, float* dbias) override {
    run(x, has_vectors(x) && has_vectors(dx), [&]<class T, int N, int kClasses>() {
      constexpr int padded = quad * kClasses;
      constexpr std::size_t shared = sizeof(BackwardMemory<T, kClasses>);
      const auto kernel = head_backward<T, N, kClasses>;
      HIKAKU_CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                       static_cast<int>(shared)));
      kernel<<<grid(), head_threads, shared, context_.stream>>>(args<T>(x, weight, bias), labels,
                                                                factors(), context_.loss_scale,
                                                                rows_of<T>(dx), partial());
      constexpr int values = padded * (head_channels + 1);
      finish_parameters<<<(values + warp_size - 1) / warp_size, dim3(warp_size, warp_size), 0,
                          context_.stream>>>(partial(), images() * blocks(), padded,
                                             static_cast<int>(params_.classes),
                                             static_cast<int>(params_.input.c), dweight, dbias);
    });
  }

  void predict(const Tensor& x, const float* weight, const float* bias,
               std::uint8_t* classes) override {
    classify(x, weight, bias, classes, nullptr);
  }

  void logits(const Tensor& x, const float* weight, const float* bias, float* out) override {
    classify(x, weight, bias, nullptr, out);
  }

 private:
  /// work.operator()<T, N, classes of a lane>(); few sizes, for they are compiled one by one.
  template <class F>
  void run(const Tensor& x, bool vectors, const F& work) {
    dispatch(x.dtype, vectors, [&]<class T, int N>() {
      if constexpr (N == 1) {
        work.template operator()<T, N, head_classes / quad>();
      } else if (params_.classes <= 8) {
        work.template operator()<T, N, 2>();
      } else if (params_.classes <= 24) {
        work.template operator()<T, N, 6>();
      } else {
        work.template operator()<T, N, head_classes / quad>();
      }
    });
    HIKAKU_CUDA(cudaGetLastError());
  }

  void classify(const Tensor& x, const float* weight, const float* bias, std::uint8_t* classes,
                float* logits) {
    run(x, has_vectors(x), [&]<class T, int N, int kClasses>() {
      head_classify<T, N, kClasses>
          <<<grid(), head_threads, 0, context_.stream>>>(args<T>(x, weight, bias), classes, logits);
    });
  }

  template <class T>
  [[nodiscard]] HeadArgs<T> args(const Tensor& x, const float* weight, const float* bias) const {
    return {rows_of<const T>(x),
            weight,
            bias,
            static_cast<const float*>(class_weights_.get()),
            static_cast<int>(params_.input.c),
            static_cast<int>(params_.classes),
            params_.ignore,
            static_cast<unsigned>(params_.input.pixels())};
  }

  [[nodiscard]] HeadFactors factors() const {
    auto* first = static_cast<float*>(factors_.get());
    return {first, first + 1, first + 1 + images() * head_classes};
  }
  [[nodiscard]] int images() const { return static_cast<int>(params_.input.n); }
  /// Of one image, so that as many lie on each multiprocessor as its registers hold.
  [[nodiscard]] int blocks() const {
    const auto tiles = static_cast<int>((params_.input.pixels() + head_threads - 1) / head_threads);
    return std::clamp(head_residency * context_.multiprocessors / images(), 1, tiles);
  }
  [[nodiscard]] dim3 grid() const {
    return dim3(static_cast<unsigned>(blocks()), static_cast<unsigned>(images()));
  }
  [[nodiscard]] float* partial() const { return static_cast<float*>(context_.scratch()); }

  HeadLossParams params_;
  Context& context_;
  Memory class_weights_, factors_;
};

}  // namespace

std::unique_ptr<HeadLoss> make_head_loss(const HeadLossParams& params, Context& context) {
  return std::make_unique<CudaHeadLoss>(params, context);
}

}  // namespace hikaku::cuda
