// Is a pass of a convolution right? Whole numbers of which all sums are exact in any of the types,
// and some thousand elements of the result computed once more by a plain kernel.
#pragma once

#include <cuda_runtime.h>

#include "cuda/cudnn_graph.h"

namespace hikaku::cuda {

/// -1, 0 and 1 for the problem's operands, so seldom not 0 that a sum's standard deviation is at
/// most 32: bf16 holds whole numbers up to 256 exactly (compare/verify.h reasons likewise).
void fill_integers(const ConvProblem& problem, void* data, DType type, std::int64_t count,
                   std::uint32_t seed, cudaStream_t stream);
/// The bias of channel c: c % 5 - 2.
void fill_bias(void* bias, DType type, std::int64_t count, cudaStream_t stream);

/// Of the elements looked at, those that are further than `tolerance` from what they should be; not
/// a number counts. The first and the last element are among them. Waits for the stream.
/// `counter`: an int on the device.
[[nodiscard]] int wrong_elements(const ConvProblem& problem, const ConvMemory& memory,
                                 float tolerance, int* counter, cudaStream_t stream);

}  // namespace hikaku::cuda
