// wgmma of sm_90a: four warps multiply matrices of f16 in shared memory, with f32 sums in
// registers.
#pragma once

#include <cstdint>

#include "cuda/mma.cuh"

namespace hikaku::cuda {

#ifdef __CUDA_ARCH_FEAT_SM90_ALL

/// Where an operand lies, for the instruction: core matrices of 8 rows x 16 bytes, each 128 bytes
/// in a row. `along_depth`, `along_rows`: bytes from one to the next. PTX ISA, "matrix descriptor",
/// without swizzling.
__device__ inline std::uint64_t core_matrices(std::uint32_t address, int along_depth,
                                              int along_rows) {
  const auto field = [](std::uint32_t bytes) { return std::uint64_t{bytes >> 4 & 0x3fffu}; };
  return field(address) | field(static_cast<std::uint32_t>(along_depth)) << 16 |
         field(static_cast<std::uint32_t>(along_rows)) << 32;
}

/// What this thread wrote to shared memory is seen by wgmma after the next barrier.
__device__ inline void publish_to_group() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}
/// Before the first product of a batch; registers that it adds to have been written.
__device__ inline void group_begin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
/// Ends a batch, which then runs beside this thread.
__device__ inline void group_end() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
/// Until all batches are done.
__device__ inline void group_wait() {
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
}

/// d (+)= a * b, of 64 x 16 times 16 x N, both by rows of 16: N = 64 or 128. Thread t of the group
/// has rows t / 32 * 16 + t % 32 / 4 (+ 8 for elements 2 and 3 of each four) and the columns i / 4
/// * 8 + t % 4 * 2 (+ 1) in element i.
__device__ inline void group_multiply(float (&d)[32], std::uint64_t a, std::uint64_t b, bool adds) {
  asm volatile(
      "{ .reg .pred adds;\n"
      "setp.ne.b32 adds, %34, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      " %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
      "%32, %33, adds, 1, 1, 0, 0; }"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]),
        "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]),
        "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]),
        "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]),
        "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])
      : "l"(a), "l"(b), "r"(static_cast<int>(adds)));
}
__device__ inline void group_multiply(float (&d)[64], std::uint64_t a, std::uint64_t b, bool adds) {
  asm volatile(
      "{ .reg .pred adds;\n"
      "setp.ne.b32 adds, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      " %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      " %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      " %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, adds, 1, 1, 0, 0; }"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]),
        "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]),
        "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]),
        "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]),
        "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31]), "+f"(d[32]), "+f"(d[33]), "+f"(d[34]),
        "+f"(d[35]), "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39]), "+f"(d[40]), "+f"(d[41]),
        "+f"(d[42]), "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]), "+f"(d[48]),
        "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55]),
        "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]), "+f"(d[61]), "+f"(d[62]),
        "+f"(d[63])
      : "l"(a), "l"(b), "r"(static_cast<int>(adds)));
}

#else

__device__ inline void publish_to_group() {}

#endif

}  // namespace hikaku::cuda
