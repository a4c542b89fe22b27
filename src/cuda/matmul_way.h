// Ways to compute one matrix product.
#pragma once

#include <memory>
#include <string>

#include "cuda/gemm.h"

namespace hikaku::cuda {

/// One of several ways to compute the same product.
class Way {
 public:
  virtual ~Way() = default;
  virtual void run(const GemmMemory& memory) = 0;
  [[nodiscard]] virtual std::string text() const = 0;
};

/// A product of cuBLASLt with its workspace in the scratch memory.
class Product {
 public:
  /// alignment: of the matrices, in bytes.
  Product(const GemmProblem& problem, Context& context, const GemmMemory& trial,
          std::uint32_t alignment = 256)
      : context_(context),
        gemm_(problem, context, {.most_timed = 200, .race_seconds = 0.25, .alignment = alignment},
              &trial) {
    context.reserve_scratch(gemm_.workspace_bytes());
  }
  void run(const GemmMemory& memory, double factor = 1) {
    gemm_.run(memory, context_.scratch(), factor);
  }
  [[nodiscard]] std::string text() const { return gemm_.algorithm(); }

 private:
  Context& context_;
  Gemm gemm_;
};

class DirectWay final : public Way {
 public:
  DirectWay(const GemmProblem& problem, Context& context, const GemmMemory& trial)
      : product_(problem, context, trial) {}
  void run(const GemmMemory& memory) override { product_.run(memory); }
  [[nodiscard]] std::string text() const override { return product_.text(); }

 private:
  Product product_;
};

/// f32's accuracy from f16 products. `problem` is that of f32.
[[nodiscard]] std::unique_ptr<Way> make_split_way(const GemmProblem& problem, Context& context,
                                                  const GemmMemory& trial);

}  // namespace hikaku::cuda
