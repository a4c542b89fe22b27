// The loop whose rate is the peak: fused multiply-adds on registers alone. Included by one file for
// each instruction set, each compiled with its own flags; so it includes nothing, lest an inline
// function compiled for AVX-512 be linked into code that runs elsewhere.
#pragma once

namespace hikaku {

/// x <- x * factor + term. Not known to the compiler: a chain that starts at the fixed point of a
/// known step would be left out of the loop, and counted all the same.
struct PeakStep {
  double factor, term;
};

/// Runs `rounds` times `flops_per_round` operations and returns the sum of all lanes of all chains,
/// the i-th of which starts at i + 1.
struct PeakKernel {
  const char* isa;
  double (*run_f32)(long rounds, PeakStep step);
  double (*run_f64)(long rounds, PeakStep step);
  int flops_per_round_f32;
  int flops_per_round_f64;
};

PeakKernel peak_kernel_avx512();
PeakKernel peak_kernel_avx2();
PeakKernel peak_kernel_portable();

namespace {

/// Two units of a latency of up to five cycles need ten independent chains; twelve fit into the
/// sixteen registers of AVX2.
constexpr int chains = 12;

template <class T, int bytes>
double multiply_add(long rounds, PeakStep step) {
  typedef T Vector __attribute__((vector_size(bytes)));
  constexpr int lanes = bytes / static_cast<int>(sizeof(T));
  Vector sums[chains];
  for (int i = 0; i < chains; ++i) sums[i] = Vector{} + static_cast<T>(i + 1);
  const Vector factor = Vector{} + static_cast<T>(step.factor);
  const Vector term = Vector{} + static_cast<T>(step.term);
  for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) sums[i] = sums[i] * factor + term;
  }
  double total = 0;
  for (int i = 0; i < chains; ++i) {
    for (int lane = 0; lane < lanes; ++lane) total += static_cast<double>(sums[i][lane]);
  }
  return total;
}

template <int bytes>
PeakKernel peak_kernel(const char* isa) {
  return {isa, multiply_add<float, bytes>, multiply_add<double, bytes>, 2 * chains * (bytes / 4),
          2 * chains * (bytes / 8)};
}

}  // namespace
}  // namespace hikaku
