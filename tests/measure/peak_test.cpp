#include "measure/peak.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "measure/peak_kernel.h"

namespace hikaku {
namespace {

TEST(Peak, f32_is_about_twice_f64) {
  double f32 = 0, f64 = 0;
  for (int round = 0; round < 20; ++round) {  // neighbours disturb some of the windows, not all
    f32 = std::max(f32, measure_peak_flops(DType::f32, 0.03));
    f64 = std::max(f64, measure_peak_flops(DType::f64, 0.03));
  }
  EXPECT_GT(f64, 1e8);
  EXPECT_GT(f32 / f64, 1.5);
  EXPECT_LT(f32 / f64, 2.7);
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
