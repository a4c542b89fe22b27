// Every call of CUDA and its libraries goes through check(): a failure becomes an Error that names
// the call.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include "base/error.h"

namespace hikaku::cuda {

/// Throws ExitCode::out_of_memory for cudaErrorMemoryAllocation, ExitCode::missing where the driver
/// or the GPU is missing or too old, else ExitCode::internal.
void check(cudaError_t status, const char* call);
void check(cublasStatus_t status, const char* call);

/// Of a library that could not take memory for itself.
[[nodiscard]] Error out_of_library_memory(const char* library, const char* call);

}  // namespace hikaku::cuda

#define HIKAKU_CUDA(call) ::hikaku::cuda::check((call), #call)
