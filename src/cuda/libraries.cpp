#include "cuda/libraries.h"

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include "cuda/check.h"

namespace hikaku::cuda {
namespace {

/// Each library counts in its own way: CUDA 13.0 is 13000, cuBLAS 13.1.2 is 130102.
std::string version(std::size_t number, std::size_t major, std::size_t minor, std::size_t patch) {
  std::string text = fmt::format("{}.{}", number / major, number % major / minor);
  if (patch != 0) text += fmt::format(".{}", number % minor / patch);
  return text;
}

std::string runtime(int number) { return version(static_cast<std::size_t>(number), 1000, 10, 0); }
std::string library(std::size_t number) { return version(number, 10000, 100, 1); }

}  // namespace

std::vector<LibraryVersion> libraries() {
  int loaded = 0;
  HIKAKU_CUDA(cudaRuntimeGetVersion(&loaded));
  return {{"CUDA runtime", runtime(CUDART_VERSION), runtime(loaded)},
          {"cuBLAS", library(CUBLAS_VERSION), library(cublasLtGetVersion())},
          {"cuDNN", library(CUDNN_VERSION), library(cudnnGetVersion())}};
}

}  // namespace hikaku::cuda
