#include "cuda/matmul.h"

#include "cuda/events.h"
#include "cuda/matmul_kernels.h"
#include "cuda/matmul_way.h"
#include "cuda/sizes.h"

namespace hikaku::cuda {
namespace {

/// Tensor cores read rows in such pieces.
constexpr std::int64_t row_bytes = 16;

std::size_t square(std::int64_t side, DType type) {
  return static_cast<std::size_t>(side * side) * size_of(type);
}

/// Copies whose rows are whole pieces; what is added is zero. n is 8000 where it matters, so no
/// wider padding is tried: to 128 columns it would cost 2 % more work and a copy to fill the last
/// tiles.
class PaddedWay final : public Way {
 public:
  PaddedWay(const GemmProblem& problem, Context& context, const GemmMemory& trial)
      : context_(context),
        n_(problem.n),
        side_(side_of(problem)),
        input_(problem.input),
        output_(problem.output),
        a_(square(side_, input_)),
        b_(square(side_, input_)),
        c_(square(side_, output_)),
        product_(padded(problem), context, take(trial)) {}

  /// What it takes beside its workspace.
  static std::size_t bytes(const GemmProblem& problem) {
    const std::int64_t side = side_of(problem);
    return 2 * square(side, problem.input) + square(side, problem.output);
  }

  void run(const GemmMemory& from) override {
    product_.run(take(from));
    copy(c_.get(), side_, from.c, n_, output_);
  }
  [[nodiscard]] std::string text() const override {
    return fmt::format("{}, padded to {}", product_.text(), side_);
  }

 private:
  static std::int64_t side_of(const GemmProblem& problem) {
    return round_up(problem.n, row_bytes / static_cast<std::int64_t>(size_of(problem.input)));
  }
  GemmMemory take(const GemmMemory& from) {
    copy(from.a, n_, a_.get(), side_, input_);
    if (input_ == DType::u8) {
      transpose_bytes(from.b, n_, b_.get(), side_, n_, context_.stream);
    } else {
      copy(from.b, n_, b_.get(), side_, input_);
    }
    return {a_.get(), b_.get(), nullptr, c_.get()};
  }
  [[nodiscard]] GemmProblem padded(GemmProblem problem) const {
    problem.m = problem.n = problem.k = side_;
    return problem;
  }
  void copy(const void* from, std::int64_t step_from, void* to, std::int64_t step_to,
            DType type) const {
    const auto bytes = [type](std::int64_t count) {
      return static_cast<std::size_t>(count) * size_of(type);
    };
    HIKAKU_CUDA(cudaMemcpy2DAsync(to, bytes(step_to), from, bytes(step_from), bytes(n_),
                                  static_cast<std::size_t>(n_), cudaMemcpyDeviceToDevice,
                                  context_.stream));
  }

  Context& context_;
  std::int64_t n_, side_;
  DType input_, output_;
  Memory a_, b_, c_;
  Product product_;
};

/// fp8 with rows of whole pieces: only B is copied, transposed.
class TransposedWay final : public Way {
 public:
  TransposedWay(const GemmProblem& problem, Context& context, const GemmMemory& trial)
      : context_(context),
        n_(problem.n),
        b_(square(n_, problem.input)),
        product_(problem, context, take(trial)) {}
  void run(const GemmMemory& memory) override { product_.run(take(memory)); }
  [[nodiscard]] std::string text() const override { return product_.text() + ", B transposed"; }

 private:
  GemmMemory take(const GemmMemory& from) {
    transpose_bytes(from.b, n_, b_.get(), n_, n_, context_.stream);
    return {from.a, b_.get(), nullptr, from.c};
  }

  Context& context_;
  std::int64_t n_;
  Memory b_;
  Product product_;
};

class CudaMatmul final : public Matmul {
 public:
  CudaMatmul(const MatmulParams& params, Context& context) : params_(params), context_(context) {
    require(params.n > 0, "[matmul] n = {}", params.n);
    problem_ = {.m = params.n, .n = params.n, .k = params.n};
    problem_.output = params.dtype;
    problem_.input = params.math == MatmulMath::fp8 ? DType::u8 : params.dtype;
    problem_.transpose_b = params.math == MatmulMath::fp8;
    problem_.tf32 = params.math == MatmulMath::tf32;
    require_support();
  }

  double run(const void* a, const void* b, void* c) override {
    const GemmMemory memory{a, b, nullptr, c};
    context_.make_current();
    if (way_ == nullptr) plan(memory);
    return events_.seconds_of(context_.stream, [&] { way_->run(memory); });
  }
  void launch(const void* a, const void* b, void* c) override {
    const GemmMemory memory{a, b, nullptr, c};
    context_.make_current();
    if (way_ == nullptr) plan(memory);
    way_->run(memory);
  }
  [[nodiscard]] std::string implementation() const override {
    const std::size_t version = cublasLtGetVersion();
    return fmt::format("cuBLASLt {}.{}.{}{}", version / 10000, version / 100 % 100, version % 100,
                       way_ == nullptr ? std::string() : ", " + way_->text());
  }

 private:
  void require_support() const {
    const DType type = params_.dtype;
    const bool half = type == DType::f16 || type == DType::bf16;
    const bool known = params_.math == MatmulMath::fp8
                           ? half
                           : type == DType::f32 || (params_.math == MatmulMath::of_type &&
                                                    (half || type == DType::f64));
    require(known, "[matmul] of {} in this way", name_of(type));
    const bool fp8 = params_.math == MatmulMath::fp8;
    const bool wide = params_.math == MatmulMath::tf32 || type == DType::bf16;
    context_.require_capability(fp8    ? 89
                                : wide ? 80
                                       : 75,
                                fmt::format("--dtype {}", name_of(params_)));
  }

  /// The second of two runs: the first one loads its kernels.
  double seconds_of(Way& way, const GemmMemory& memory) const {
    way.run(memory);
    return events_.seconds_of(context_.stream, [&] { way.run(memory); });
  }

  void plan(const GemmMemory& memory) {
    const bool whole =
        params_.n * static_cast<std::int64_t>(size_of(problem_.input)) % row_bytes == 0;
    if (params_.math == MatmulMath::f32x) {
      way_ = make_split_way(problem_, context_, memory);
    } else if (params_.math == MatmulMath::fp8 && whole) {
      way_ = std::make_unique<TransposedWay>(problem_, context_, memory);
    } else if (params_.math == MatmulMath::fp8) {
      way_ = std::make_unique<PaddedWay>(problem_, context_, memory);
    } else {
      way_ = std::make_unique<DirectWay>(problem_, context_, memory);
      if (!whole) try_padded(memory);
    }
  }

  /// Where there is memory for it: the product runs without.
  void try_padded(const GemmMemory& memory) {
    const auto free = static_cast<std::size_t>(free_memory());
    if (PaddedWay::bytes(problem_) + context_.workspace_limit > free) return;
    auto padded = std::make_unique<PaddedWay>(problem_, context_, memory);
    if (seconds_of(*padded, memory) < seconds_of(*way_, memory)) way_ = std::move(padded);
  }

  MatmulParams params_;
  Context& context_;
  Events events_;
  GemmProblem problem_;
  std::unique_ptr<Way> way_;
};

}  // namespace

std::unique_ptr<Matmul> make_cuda_matmul(const MatmulParams& params, Context& context) {
  return std::make_unique<CudaMatmul>(params, context);
}

}  // namespace hikaku::cuda
