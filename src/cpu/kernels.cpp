#include <cstdlib>
#include <cstring>

#include "cpu/simd/kernels.h"

namespace hikaku::cpu {
namespace avx512 {
extern const Kernels table;
}
namespace avx2 {
extern const Kernels table;
}
namespace sse2 {
extern const Kernels table;
}

const Kernels& kernels() {
  static const Kernels& best = []() -> const Kernels& {
    const char* wish = std::getenv("HIKAKU_ISA");
    const auto allowed = [&](const char* isa) {
      return wish == nullptr || std::strcmp(wish, isa) == 0;
    };
    const bool fma = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    const bool wide =
        fma && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
        __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
    if (wide && allowed("avx512")) return avx512::table;
    if (fma && (allowed("avx2") || allowed("avx512"))) return avx2::table;
    return sse2::table;
  }();
  return best;
}

}  // namespace hikaku::cpu
