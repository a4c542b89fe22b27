#include "measure/peak.h"

#include <gtest/gtest.h>
#include <omp.h>

#include "base/error.h"
#include "measure/peak_kernel.h"

namespace hikaku {
namespace {

TEST(Peak, is_of_this_world) {
  // No core does more than 256 operations a cycle, at 10 GHz; and even a busy one does something.
  for (const DType dtype : {DType::f32, DType::f64}) {
    const double rate = measure_peak_flops(dtype, 0.05);
    EXPECT_GT(rate, 1e7);
    EXPECT_LT(rate, 2.56e12 * omp_get_max_threads());
  }
}

TEST(Peak, each_kernel_converges_to_its_fixed_point) {
  // x <- 0.999 x + 0.001 tends to 1 in each of the lanes, so their sum counts them.
  const PeakKernel kernel = peak_kernel_portable();
  EXPECT_NEAR(kernel.run_f64(100'000), kernel.flops_per_round_f64 / 2, 1e-6);
  EXPECT_NEAR(kernel.run_f32(100'000), kernel.flops_per_round_f32 / 2, 1e-2);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    const PeakKernel wide = peak_kernel_avx512();
    EXPECT_NEAR(wide.run_f64(100'000), wide.flops_per_round_f64 / 2, 1e-6);
    EXPECT_EQ(peak_instruction_set(), wide.isa);
  }
#endif
}

TEST(Peak, refuses_what_has_no_fused_multiply_add) {
  EXPECT_THROW(static_cast<void>(measure_peak_flops(DType::u8)), Error);
}

TEST(Bandwidth, is_of_this_world) {
  const double bytes_per_second = measure_memory_bandwidth(0.1);
  EXPECT_GT(bytes_per_second, 1e8);
  EXPECT_LT(bytes_per_second, 1e13);
}

}  // namespace
}  // namespace hikaku
