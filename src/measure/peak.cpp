#include "measure/peak.h"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "measure/peak_kernel.h"

namespace hikaku {
namespace {

PeakKernel best_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return peak_kernel_avx512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return peak_kernel_avx2();
#endif
  return peak_kernel_portable();
}

/// Seconds of `rounds` a thread, shared out in pieces: a processor may have slower cores beside
/// fast ones.
double run_on_all_threads(double (*run)(long, PeakStep), long rounds) {
  constexpr int pieces_of_thread = 64;
  constexpr PeakStep towards_one{0.999, 0.001};  // no number overflows or becomes subnormal
  double total = 0;
  const double start = clock_seconds();
#pragma omp parallel for schedule(dynamic) reduction(+ : total)
  for (int i = 0; i < pieces_of_thread * omp_get_max_threads(); ++i) {
    total += run(rounds / pieces_of_thread, towards_one);
  }
  const double seconds = clock_seconds() - start;
  volatile double sink = total;  // keeps the work from being removed
  static_cast<void>(sink);
  return seconds;
}

/// A few milliseconds at any clock: long beside the start and the end of a parallel region, even if
/// other programs hold these up, and short enough that some windows pass undisturbed.
constexpr long rounds_of_window = 2'000'000;

/// Elements of each array of the triad: 128 MiB, 16 MiB a thread, and all three together twice the
/// last cache, which then keeps nothing from one pass to the next; if a quarter of the free memory
/// holds them.
std::int64_t triad_count() {
  constexpr std::int64_t size = sizeof(double);
  const std::int64_t last_cache = std::max(0L, sysconf(_SC_LEVEL3_CACHE_SIZE));
  const std::int64_t wanted =
      std::max({std::int64_t{1} << 24, (std::int64_t{1} << 21) * omp_get_max_threads(),
                2 * last_cache / (3 * size)});
  return std::clamp(read_memory().available / 4 / (3 * size), std::int64_t{1} << 20, wanted);
}

}  // namespace

void warm_up_cpu(double seconds) { static_cast<void>(measure_peak_flops(DType::f32, seconds)); }

double measure_peak_flops(DType dtype, double seconds) {
  require(dtype == DType::f32 || dtype == DType::f64, "[peak] {} is not f32 or f64",
          name_of(dtype));
  const PeakKernel kernel = best_kernel();
  const auto run = dtype == DType::f32 ? kernel.run_f32 : kernel.run_f64;
  const int flops = dtype == DType::f32 ? kernel.flops_per_round_f32 : kernel.flops_per_round_f64;
  const double begin = clock_seconds();
  double best_seconds = run_on_all_threads(run, rounds_of_window);
  while (clock_seconds() - begin < seconds) {
    best_seconds = std::min(best_seconds, run_on_all_threads(run, rounds_of_window));
  }
  return static_cast<double>(rounds_of_window) * flops * omp_get_max_threads() / best_seconds;
}

std::string peak_instruction_set() { return best_kernel().isa; }

double measure_memory_bandwidth(double seconds) {
  const std::int64_t count = triad_count();
  const auto make = [count] {
    return std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(count));
  };
  const auto a = make(), b = make(), c = make();
#pragma omp parallel for
  for (std::int64_t i = 0; i < count; ++i) {  // each thread touches its part first, for NUMA
    a[i] = 0;
    b[i] = 1;
    c[i] = 2;
  }
  double best_seconds = 1e300;
  const double begin = clock_seconds();
  do {
    const double start = clock_seconds();
#pragma omp parallel for simd
    for (std::int64_t i = 0; i < count; ++i) a[i] = b[i] + 0.5 * c[i];
    best_seconds = std::min(best_seconds, clock_seconds() - start);
  } while (clock_seconds() - begin < seconds);
  return 3.0 * static_cast<double>(count) * sizeof(double) / best_seconds;
}

}  // namespace hikaku
