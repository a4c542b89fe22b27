// OpenBLAS, opened at run time: the kernels of the right instruction set can only be asked for, by
// OPENBLAS_CORETYPE, before the library is loaded. Left alone, OpenBLAS 0.3.21 takes CPUs newer
// than itself for old ones and is two to five times slower (OpenBLAS issue 4267).
#pragma once

#include <cstdint>
#include <string>

namespace hikaku {

struct OpenBlas {
  std::string path;             ///< the file that was loaded
  std::string version;          ///< "0.3.21"
  std::string core;             ///< whose kernels it runs: "SkylakeX"
  std::string expected_core;    ///< what suits this CPU's instruction set
  bool chosen_by_user = false;  ///< OPENBLAS_CORETYPE was set already, and was left
  int threads = 1;              ///< that a product has: no more than it was built for
  bool openmp = false;          ///< it shares the OpenMP threads; else it has threads of its own

  /// c = a * b, row-major, a and c [rows, n], b [n, n].
  void multiply(std::int64_t rows, std::int64_t n, const float* a, const float* b, float* c) const;
  void multiply(std::int64_t rows, std::int64_t n, const double* a, const double* b,
                double* c) const;

  void* sgemm = nullptr;
  void* dgemm = nullptr;
};

/// Loads it at the first call. Throws ExitCode::missing where there is none.
[[nodiscard]] const OpenBlas& openblas();

/// The OPENBLAS_CORETYPE that suits this CPU's instruction set; empty where OpenBLAS knows best.
[[nodiscard]] std::string openblas_core_for_this_cpu();

/// True if `core` runs vectors as wide as `expected` does.
[[nodiscard]] bool openblas_core_suits(const std::string& core, const std::string& expected);

}  // namespace hikaku
