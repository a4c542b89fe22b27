#include "cuda/check.h"

namespace hikaku::cuda {
namespace {

ExitCode exit_code_of(cudaError_t status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
      return ExitCode::out_of_memory;
    case cudaErrorInsufficientDriver:
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
    case cudaErrorInitializationError:
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorDevicesUnavailable:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorSystemNotReady:
    case cudaErrorCallRequiresNewerDriver:
    case cudaErrorStubLibrary:
    case cudaErrorCompatNotSupportedOnDevice:
    // A GPU that failed in mid-run.
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorUnknown:
      return ExitCode::missing;
    default:
      return ExitCode::internal;
  }
}

const char* fix_of(cudaError_t status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
      return "use a smaller --batch-size or --size, or free the GPU of other programs";
    case cudaErrorInsufficientDriver:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorCallRequiresNewerDriver:
      return "install a newer NVIDIA driver, or use --device cpu";
    case cudaErrorInvalidDevice:
      return "nvidia-smi lists the GPUs; count from 0: --device cuda:0";
    case cudaErrorNoKernelImageForDevice:
      return "build again with HIKAKU_CUDA_ARCHITECTURES set to this GPU's, or use --device cpu";
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorUnknown:
      return "nvidia-smi and dmesg (Xid) tell how the GPU failed; it may need a restart";
    default:
      return "look at the GPU with nvidia-smi; --device cpu runs on the CPU";
  }
}

}  // namespace

void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // or the next call would report it again
  throw Error(
      exit_code_of(status),
      fmt::format("[cuda] {}: {} ({})", call, cudaGetErrorString(status), cudaGetErrorName(status)),
      fix_of(status));
}

Error out_of_library_memory(const char* library, const char* call) {
  return {ExitCode::out_of_memory, fmt::format("[{}] {}: no GPU memory is left", library, call),
          fix_of(cudaErrorMemoryAllocation)};
}

void check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_ALLOC_FAILED) throw out_of_library_memory("cublas", call);
  require(status == CUBLAS_STATUS_SUCCESS, "[cublas] {}: {}", call,
          cublasLtGetStatusString(status));
}

}  // namespace hikaku::cuda
