#include "measure/gpu_peak.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace hikaku {
namespace {

/// Operations a clock and multiprocessor, dense, a multiply-add being two; sums are f32 where they
/// are not f64. 0: there are none. f64 and f32: CUDA C++ Best Practices Guide 13.0, "Throughput of
/// Native Arithmetic Instructions"; f64 on tensor cores and all others: NVIDIA's white papers
/// "Turing GPU Architecture" (2018), "A100 Tensor Core GPU Architecture" (2020), "Ampere GA102 GPU
/// Architecture" (2020), "H100 Tensor Core GPU Architecture" (table 3), "Ada GPU Architecture"
/// (2.02, appendix), "Blackwell Architecture Technical Brief" (table 3), "RTX Blackwell GPU
/// Architecture" (appendix).
struct Rates {
  std::string_view architecture;
  int f64, f32, tf32, f16, bf16, fp8;
};
constexpr std::array table{
    Rates{"sm_75", 4, 128, 0, 1024, 0, 0},
    Rates{"sm_80", 128, 128, 1024, 2048, 2048, 0},
    Rates{"sm_86", 4, 256, 512, 1024, 1024, 0},
    Rates{"sm_89", 4, 256, 512, 1024, 1024, 2048},
    Rates{"sm_90", 256, 256, 2048, 4096, 4096, 8192},
    Rates{"sm_100", 128, 256, 4096, 8192, 8192, 16384},
    Rates{"sm_120", 4, 256, 512, 1024, 1024, 2048},
};

/// "L4" is a word of "NVIDIA L4", and not of "NVIDIA L40".
bool has_word(std::string_view name, std::string_view word) {
  const auto ends = [name](std::size_t at) {
    return at >= name.size() || std::isalnum(static_cast<unsigned char>(name[at])) == 0;
  };
  for (auto at = name.find(word); at != name.npos; at = name.find(word, at + 1)) {
    if ((at == 0 || ends(at - 1)) && ends(at + word.size())) return true;
  }
  return false;
}

template <std::size_t count>
bool has_any(std::string_view name, const std::array<std::string_view, count>& words) {
  return std::any_of(words.begin(), words.end(),
                     [name](std::string_view word) { return has_word(name, word); });
}

/// Slowed down for sale where exports are limited, by factors that no white paper tells.
constexpr std::array<std::string_view, 6> slowed{"H20", "H800", "L20", "L2", "5090 D", "5880"};
/// Their tensor cores add in f32 at half the rate (white papers, data sheets).
constexpr std::array<std::string_view, 3> halved{"GeForce", "L40", "A10G"};
/// Turing has tensor cores under these names; others (GTX 16, T600, ...) have none.
constexpr std::array<std::string_view, 2> with_tensor_cores{"RTX", "T4"};

int tensor_operations(const GpuFacts& gpu, const Rates& rates, std::string_view product) {
  if (rates.architecture == "sm_75" && !has_any(gpu.name, with_tensor_cores)) return 0;
  const int all = product == "tf32"                       ? rates.tf32
                  : product == "f16" || product == "f32x" ? rates.f16
                  : product == "bf16"                     ? rates.bf16
                  : product == "fp8"                      ? rates.fp8
                                                          : 0;
  return has_any(gpu.name, halved) ? all / 2 : all;
}

}  // namespace

std::optional<double> theoretical_peak_flops(const GpuFacts& gpu, std::string_view product) {
  const auto* const rates = std::find_if(table.begin(), table.end(), [&](const Rates& known) {
    return known.architecture == gpu.architecture;
  });
  if (rates == table.end() || has_any(gpu.name, slowed)) return std::nullopt;
  const int operations = product == "f64"   ? rates->f64
                         : product == "f32" ? rates->f32
                                            : tensor_operations(gpu, *rates, product);
  const double peak = static_cast<double>(operations) * gpu.multiprocessors * gpu.clock_hz;
  if (!(peak > 0)) return std::nullopt;
  return product == "f32x" ? peak / 3 : peak;
}

}  // namespace hikaku
