#include <cstdlib>
#include <string_view>

#include "base/error.h"
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

namespace {

/// The widest instruction set that HIKAKU_ISA allows: 0 SSE2, 1 AVX2, 2 AVX-512.
int allowed_isa() {
  constexpr std::string_view names[] = {"sse2", "avx2", "avx512"};
  const char* wish = std::getenv("HIKAKU_ISA");
  if (wish == nullptr || wish[0] == '\0') return 2;
  for (int isa = 0; isa < 3; ++isa) {
    if (wish == names[isa]) return isa;
  }
  throw Error(
      ExitCode::usage,
      fmt::format("HIKAKU_ISA={}: no such instruction set; sse2, avx2 and avx512 are there", wish),
      "unset HIKAKU_ISA: the widest that this processor has is taken then");
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& best = []() -> const Kernels& {
    const int allowed = allowed_isa();
    const bool fma = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    const bool wide =
        fma && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
        __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
    if (wide && allowed == 2) return avx512::table;
    return fma && allowed >= 1 ? avx2::table : sse2::table;
  }();
  return best;
}

}  // namespace hikaku::cpu
