#include "cpu/blas/openblas.h"

#include <dlfcn.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/error.h"

namespace hikaku {
namespace {

// cblas.h's own types, for a build without OpenBLAS's headers.
enum CblasOrder : int { row_major = 101 };
enum CblasTranspose : int { no_transpose = 111 };
template <class T>
using Gemm = void (*)(CblasOrder, CblasTranspose, CblasTranspose, int, int, int, T, const T*, int,
                      const T*, int, T, T*, int);

/// The OpenMP build first: two pools of threads on the same cores hinder each other.
constexpr std::array library_names{
    "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0",
    "/usr/lib/aarch64-linux-gnu/openblas-openmp/libopenblas.so.0",
    "libopenblaso.so.0",  // Fedora's name of the OpenMP build
    "libopenblas.so.0",
};

void* open_library() {
  for (const char* name : library_names) {
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  throw Error(ExitCode::missing,
              "libopenblas.so.0: not found; the matrix product on the CPU needs it",
              "install it: apt install libopenblas0-openmp");
}

template <class Function>
Function symbol(void* library, const char* name) {
  void* address = dlsym(library, name);
  if (address == nullptr) {
    throw Error(ExitCode::missing, fmt::format("libopenblas.so.0: has no {}", name),
                "install another build: apt install libopenblas0-openmp");
  }
  return reinterpret_cast<Function>(address);
}

/// The second word of "OpenBLAS 0.3.21 NO_LAPACKE ...".
std::string version_in(std::string_view config) {
  const std::size_t begin = std::min(config.find(' '), config.size() - 1) + 1;
  return std::string(config.substr(begin, config.find(' ', begin) - begin));
}

std::string path_of(void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

/// OpenBLAS with OpenMP sets the number of threads of the whole program, to as many as it was built
/// for at most: 64 in Debian's.
class KeptThreads {
 public:
  KeptThreads() = default;
  ~KeptThreads() { omp_set_num_threads(threads_); }
  KeptThreads(const KeptThreads&) = delete;
  KeptThreads& operator=(const KeptThreads&) = delete;

 private:
  int threads_ = omp_get_max_threads();
};

OpenBlas load() {
  OpenBlas blas;
  blas.expected_core = openblas_core_for_this_cpu();
  blas.chosen_by_user = std::getenv("OPENBLAS_CORETYPE") != nullptr;
  if (!blas.chosen_by_user && !blas.expected_core.empty()) {
    setenv("OPENBLAS_CORETYPE", blas.expected_core.c_str(), 1);
  }
  void* library = open_library();
  blas.sgemm = symbol<void*>(library, "cblas_sgemm");
  blas.dgemm = symbol<void*>(library, "cblas_dgemm");
  blas.path = path_of(blas.sgemm);
  blas.version = version_in(symbol<const char* (*)()>(library, "openblas_get_config")());
  blas.core = symbol<const char* (*)()>(library, "openblas_get_corename")();
  blas.openmp = symbol<int (*)()>(library, "openblas_get_parallel")() == 2;
  const KeptThreads kept;
  symbol<void (*)(int)>(library, "openblas_set_num_threads")(omp_get_max_threads());
  blas.threads = symbol<int (*)()>(library, "openblas_get_num_threads")();
  return blas;
}

template <class T>
void call(void* gemm, std::int64_t rows, std::int64_t n, const T* a, const T* b, T* c) {
  const KeptThreads kept;
  const auto side = static_cast<int>(n);
  reinterpret_cast<Gemm<T>>(gemm)(row_major, no_transpose, no_transpose, static_cast<int>(rows),
                                  side, side, T{1}, a, side, b, side, T{0}, c, side);
}

/// Bytes of the vectors that a core's kernels use.
int vector_bytes(std::string_view core) {
  constexpr std::array<std::string_view, 3> avx512{"SkylakeX", "Cooperlake", "SapphireRapids"};
  constexpr std::array<std::string_view, 3> avx2{"Haswell", "Zen", "Excavator"};
  const auto among = [&](const auto& names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return name.size() == core.size() &&
             std::equal(name.begin(), name.end(), core.begin(),
                        [](char x, char y) { return (x | 0x20) == (y | 0x20); });
    });
  };
  return among(avx512) ? 64 : among(avx2) ? 32 : 16;
}

}  // namespace

std::string openblas_core_for_this_cpu() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return "SkylakeX";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return "";
}

bool openblas_core_suits(const std::string& core, const std::string& expected) {
  return expected.empty() || vector_bytes(core) >= vector_bytes(expected);
}

const OpenBlas& openblas() {
  static const OpenBlas blas = load();
  return blas;
}

void OpenBlas::multiply(std::int64_t rows, std::int64_t n, const float* a, const float* b,
                        float* c) const {
  call(sgemm, rows, n, a, b, c);
}
void OpenBlas::multiply(std::int64_t rows, std::int64_t n, const double* a, const double* b,
                        double* c) const {
  call(dgemm, rows, n, a, b, c);
}

}  // namespace hikaku
