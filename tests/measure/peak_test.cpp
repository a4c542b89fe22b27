#include "measure/peak.h"

#include <gtest/gtest.h>
#include <omp.h>

#include "base/error.h"
#include "measure/peak_kernel.h"

namespace hikaku {
namespace {

TEST(Peak, IsOfThisWorld) {
  // No core does more than 256 operations a cycle, at 10 GHz; and even a busy one does something.
  for (const DType dtype : {DType::f32, DType::f64}) {
    const double rate = measure_peak_flops(dtype, 0.05);
    EXPECT_GT(rate, 1e7);
    EXPECT_LT(rate, 2.56e12 * omp_get_max_threads());
  }
}

TEST(Peak, EachKernelDoesEveryChain) {
  // After two rounds of x <- x / 2 + 1 the chain that began at i + 1 is at (i + 1) / 4 + 3 / 2.
  const auto expect = [](const PeakKernel& kernel) {
    const auto truth = [](int flops_per_round) {
      const int lanes = flops_per_round / 2 / chains;
      return lanes * (chains * (chains + 1) / 8.0 + chains * 1.5);
    };
    EXPECT_EQ(kernel.run_f32(2, {0.5, 1}), truth(kernel.flops_per_round_f32)) << kernel.isa;
    EXPECT_EQ(kernel.run_f64(2, {0.5, 1}), truth(kernel.flops_per_round_f64)) << kernel.isa;
  };
  expect(peak_kernel_portable());
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) expect(peak_kernel_avx2());
  if (__builtin_cpu_supports("avx512f")) {
    expect(peak_kernel_avx512());
    EXPECT_EQ(peak_instruction_set(), peak_kernel_avx512().isa);
  }
#endif
}

TEST(Peak, RefusesWhatHasNoFusedMultiplyAdd) {
  EXPECT_THROW(static_cast<void>(measure_peak_flops(DType::u8)), Error);
}

TEST(Bandwidth, IsOfThisWorld) {
  const double bytes_per_second = measure_memory_bandwidth(0.1);
  EXPECT_GT(bytes_per_second, 1e8);
  EXPECT_LT(bytes_per_second, 1e13);
}

}  // namespace
}  // namespace hikaku
