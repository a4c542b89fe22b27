#include "cpu/blas/gemm.h"

#include <omp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "cpu/blas/gemm_kernel.h"

namespace hikaku {
namespace {

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
constexpr std::int64_t round_up(std::int64_t a, std::int64_t b) { return divide_up(a, b) * b; }

/// The size of the parts when `total` is cut into equal ones of at most `largest` (but one `unit`)
/// and whole units, their number a multiple of `share`.
std::int64_t equal_part(std::int64_t total, std::int64_t largest, std::int64_t unit,
                        std::int64_t share) {
  const std::int64_t limit = std::max(largest / unit, std::int64_t{1}) * unit;
  return round_up(divide_up(total, round_up(divide_up(total, limit), share)), unit);
}

/// A [rows, depth] as tiles of tile_rows rows, each [depth, tile_rows]; missing rows are zero.
template <class T>
void pack_a(const T* a, std::int64_t stride, std::int64_t rows, std::int64_t depth, T* packed) {
  for (std::int64_t first = 0; first < rows; first += tile_rows, packed += tile_rows * depth) {
    const std::int64_t count = std::min<std::int64_t>(tile_rows, rows - first);
    if (count < tile_rows) std::fill_n(packed, tile_rows * depth, T{0});
    const T* source = a + first * stride;
    for (std::int64_t k = 0; k < depth; ++k) {
      for (std::int64_t row = 0; row < count; ++row) {
        packed[k * tile_rows + row] = source[row * stride + k];
      }
    }
  }
}

/// One strip of B, [depth, tile_columns]; missing columns are zero.
template <class T>
void pack_b(const T* b, std::int64_t stride, std::int64_t columns, std::int64_t depth, T* packed) {
  constexpr std::int64_t ahead =
      16;  // the rows lie on different pages: no hardware prefetches them
  for (std::int64_t k = 0; k < depth; ++k, packed += tile_columns<T>) {
    const T* row = b + k * stride;
    if (k + ahead < depth) {
      __builtin_prefetch(row + ahead * stride);
      __builtin_prefetch(row + ahead * stride + columns - 1);
    }
    std::memcpy(packed, row, static_cast<std::size_t>(columns) * sizeof(T));
    std::fill(packed + columns, packed + tile_columns<T>, T{0});
  }
}

/// A tile that sticks out of C is made aside, then its part within C is copied.
template <class T>
void multiply_edge(const TileOperands<T>& in, T* c, std::int64_t stride, std::int64_t rows,
                   std::int64_t columns, bool accumulate) {
  T tile[tile_rows * tile_columns<T>];
  multiply_tile_avx512(in, tile, tile_columns<T>, false);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const T sum = tile[i * tile_columns<T> + j];
      c[i * stride + j] = accumulate ? c[i * stride + j] + sum : sum;
    }
  }
}

}  // namespace

bool gemm_is_supported() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

template <class T>
Gemm<T>::Gemm(std::int64_t rows, std::int64_t n, const GemmBlocks& blocks)
    : m_(rows), n_(n), threads_(omp_get_max_threads()), depth_(equal_part(n, blocks.depth, 1, 1)) {
  const std::int64_t line_bytes = depth_ * static_cast<std::int64_t>(sizeof(T));
  rows_ = equal_part(rows, blocks.a_bytes / line_bytes, tile_rows, threads_);
  columns_ = equal_part(n, blocks.b_bytes / line_bytes, tile_columns<T>, 1);
  packed_a_count_ = round_up(rows_ * depth_, 1024);  // threads must not share a page
  packed_a_ = make_buffer(packed_a_count_ * threads_);
  packed_b_ = make_buffer(columns_ * depth_);
}

template <class T>
typename Gemm<T>::Buffer Gemm<T>::make_buffer(std::int64_t count) {
  constexpr std::size_t huge_page = 2 << 20;
  const auto bytes =
      static_cast<std::size_t>(round_up(count * static_cast<std::int64_t>(sizeof(T)), huge_page));
  void* memory = std::aligned_alloc(huge_page, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: without it there are more misses of the TLB
  return Buffer(static_cast<T*>(memory));
}

template <class T>
void Gemm<T>::multiply(const T* a, const T* b, T* c) {
#pragma omp parallel num_threads(threads_)
  for (std::int64_t j = 0; j < n_; j += columns_) {
    const std::int64_t columns = std::min(columns_, n_ - j);
    for (std::int64_t k = 0; k < n_; k += depth_) {
      const std::int64_t depth = std::min(depth_, n_ - k);
#pragma omp for schedule(static)
      for (std::int64_t strip = 0; strip < columns; strip += tile_columns<T>) {
        pack_b(b + k * n_ + j + strip, n_, std::min<std::int64_t>(tile_columns<T>, columns - strip),
               depth, packed_b_.get() + strip * depth);
      }
#pragma omp for schedule(dynamic)
      for (std::int64_t i = 0; i < m_; i += rows_) {
        const std::int64_t rows = std::min(rows_, m_ - i);
        T* packed_a = packed_a_.get() + omp_get_thread_num() * packed_a_count_;
        pack_a(a + i * n_ + k, n_, rows, depth, packed_a);
        multiply_block(packed_a, c + i * n_ + j, rows, columns, depth, k > 0);
      }
    }
  }
}

template <class T>
void Gemm<T>::multiply_block(const T* packed_a, T* c, std::int64_t rows, std::int64_t columns,
                             std::int64_t depth, bool accumulate) const {
  for (std::int64_t j = 0; j < columns; j += tile_columns<T>) {
    const T* strip = packed_b_.get() + j * depth;
    const std::int64_t strip_count = depth * tile_columns<T>;
    for (std::int64_t i = 0; i < rows; i += tile_rows) {
      const T* next = strip + strip_count + (i == 0 ? 0 : strip_count / 2);
      const TileOperands<T> in{depth, packed_a + i * depth, strip, next};
      T* tile = c + i * n_ + j;
      const std::int64_t height = std::min<std::int64_t>(tile_rows, rows - i);
      const std::int64_t width = std::min<std::int64_t>(tile_columns<T>, columns - j);
      if (height == tile_rows && width == tile_columns<T>) {
        multiply_tile_avx512(in, tile, n_, accumulate);
      } else {
        multiply_edge(in, tile, n_, height, width, accumulate);
      }
    }
  }
}

template class Gemm<float>;
template class Gemm<double>;

}  // namespace hikaku
