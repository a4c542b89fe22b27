// A matrix product of our own for CPUs with AVX-512, after Goto & van de Geijn, "Anatomy of
// High-Performance Matrix Multiplication" (2008) and Van Zee & van de Geijn, "BLIS" (2015): B is
// cut into panels that stay in the last cache, blocks of A in each core's second, strips of B in
// its first, and tiles of C in registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace hikaku {

/// True if this CPU has the instructions.
[[nodiscard]] bool gemm_is_supported();

/// How much of the operands is worked on at once: a strip of B in the first cache, a block of A in
/// the second, a panel of B in the last. The values were found by timing (docs/performance.md).
struct GemmBlocks {
  std::int64_t depth = 768;  ///< of the strips, at most
  std::int64_t a_bytes = 200 << 10;
  std::int64_t b_bytes = 16 << 20;
};

/// Planned for one size; holds its packing buffers (16 MiB, and a fifth of one for each thread), so
/// that a product allocates nothing. T is float or double.
template <class T>
class Gemm {
 public:
  Gemm(std::int64_t rows, std::int64_t n, const GemmBlocks& blocks = {});

  /// c = a * b, row-major, a and c [rows, n], b [n, n], on all OpenMP threads.
  void multiply(const T* a, const T* b, T* c);

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  using Buffer = std::unique_ptr<T[], Free>;
  static Buffer make_buffer(std::int64_t count);

  /// A block of A with the whole panel of B.
  void multiply_block(const T* packed_a, T* c, std::int64_t rows, std::int64_t columns,
                      std::int64_t depth, bool accumulate) const;

  std::int64_t m_, n_;
  int threads_;
  std::int64_t depth_, rows_,
      columns_;                  ///< of a block: of A rows_ x depth_, of B depth_ x columns_
  std::int64_t packed_a_count_;  ///< elements of one thread's block of A
  Buffer packed_a_, packed_b_;
};

extern template class Gemm<float>;
extern template class Gemm<double>;

}  // namespace hikaku
