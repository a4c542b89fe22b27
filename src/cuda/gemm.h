// Matrix products of the engine by cuBLASLt: planned for one size, the fastest algorithm by timing.
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cuda/context.h"

namespace hikaku::cuda {

/// C [m, n] = factor * op(A) op(B), plus an addend of C's form and type if `adds`; row-major. A is
/// [m, k], or [k, m] if transposed, B [k, n], or [n, k]. Sums are f32 (f64 for f64), rounded once
/// to the output's type. An input of u8 is e4m3, whose products are summed in full f32.
struct GemmProblem {
  std::int64_t m = 1, n = 1, k = 1;
  bool transpose_a = false, transpose_b = false, adds = false;
  DType input = DType::f32, output = DType::f32;
  bool tf32 = false;                                      ///< f32 operands may be rounded to TF32
  std::int64_t stride_a = 0, stride_b = 0, stride_c = 0;  ///< of rows, in elements; 0: dense

  [[nodiscard]] std::int64_t rows_a() const { return transpose_a ? k : m; }
  [[nodiscard]] std::int64_t rows_b() const { return transpose_b ? n : k; }
  [[nodiscard]] std::int64_t step_a() const { return step(stride_a, transpose_a ? m : k); }
  [[nodiscard]] std::int64_t step_b() const { return step(stride_b, transpose_b ? k : n); }
  [[nodiscard]] std::int64_t step_c() const { return step(stride_c, n); }

 private:
  static std::int64_t step(std::int64_t stride, std::int64_t dense) {
    return stride > 0 ? stride : dense;
  }
};
[[nodiscard]] std::string to_string(const GemmProblem& problem);

/// The problem as cuBLASLt sees it, who counts columns first: C' = op(B)' op(A)'.
class GemmDescriptors {
 public:
  explicit GemmDescriptors(const GemmProblem& problem);
  ~GemmDescriptors();
  GemmDescriptors(const GemmDescriptors&) = delete;
  GemmDescriptors& operator=(const GemmDescriptors&) = delete;

  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t left = nullptr, right = nullptr, result = nullptr;
};

struct GemmAlgorithm {
  cublasLtMatmulAlgo_t algorithm{};
  std::size_t workspace = 0;               ///< bytes
  [[nodiscard]] std::string name() const;  ///< cuBLAS's 64 bytes, in hexadecimal digits
};

struct GemmMemory {
  const void *a = nullptr, *b = nullptr;
  const void* addend = nullptr;  ///< read only if the problem adds; may be c
  void* c = nullptr;
};

/// How an algorithm is chosen.
struct GemmTuning {
  int most_timed = 32;  ///< of cuBLASLt's proposals
  /// The fastest few then run in turns for so long each: under load a GPU's clock falls, and not
  /// for all algorithms alike. 0: the fastest by a short timing is taken.
  double race_seconds = 0;
  /// Of all matrices, in bytes: some kernels want more than what slices of channels have.
  std::uint32_t alignment = 16;
};

class Gemm {
 public:
  /// Times proposals on `trial` or, where that is null, on memory of its own; the choice is kept in
  /// the tuning file.
  Gemm(const GemmProblem& problem, Context& context, const GemmTuning& tuning = {},
       const GemmMemory* trial = nullptr);

  /// On the context's stream; can be recorded. `workspace`: workspace_bytes() of memory.
  void run(const GemmMemory& memory, void* workspace, double factor = 1);
  [[nodiscard]] std::size_t workspace_bytes() const { return chosen_.workspace; }
  [[nodiscard]] std::string algorithm() const;  ///< "algorithm 66, tile 35, split 1"

 private:
  [[nodiscard]] std::vector<GemmAlgorithm> proposals(const GemmTuning& tuning) const;
  [[nodiscard]] bool restore(const std::string& name);
  void require_plain() const;
  void choose(const std::vector<GemmAlgorithm>& proposals, const GemmMemory& trial,
              double race_seconds);
  /// Each algorithm with its seconds; leaves the median of those in turns.
  void race(std::vector<std::pair<double, GemmAlgorithm>>& timed, const GemmMemory& trial,
            void* workspace, double seconds) const;
  [[nodiscard]] cublasStatus_t try_to_run(const GemmAlgorithm& algorithm, const GemmMemory& memory,
                                          void* workspace, double factor) const;

  GemmProblem problem_;
  Context& context_;
  GemmDescriptors descriptors_;
  GemmAlgorithm chosen_;
  bool plain_ = false;  ///< no algorithm fits: a kernel of our own
};

/// The same for any problem of f32, f16 and bf16, slowly; what cuBLASLt has no algorithm for.
void plain_gemm(const GemmProblem& problem, const GemmMemory& memory, float factor,
                cudaStream_t stream);

}  // namespace hikaku::cuda
