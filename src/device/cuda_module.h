// The GPU as a device of the planner. Its code lies in a module of its own, libhikaku_cuda.so,
// which is opened when a GPU is asked for: the program starts without CUDA, and this header needs
// none.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "ops/backend.h"

namespace hikaku {

struct CudaOptions {
  int device = 0;  ///< as CUDA counts them, from 0
  Precision precision = Precision::tf32;
  bool deterministic = false;  ///< only algorithms that give the same bits each time
  std::string tuning_file;     ///< where chosen algorithms are kept (base/tuning.h); "": nowhere
  float loss_scale = 0;        ///< of f16 gradients, a power of two; 0: the default
  /// Bytes that an algorithm may take beside its operands; 0: by the free memory.
  std::size_t workspace_limit = 0;
  /// Is told what the user should know: an algorithm that was given up because it is wrong.
  std::function<void(const std::string&)> say = {};
};

/// Throws ExitCode::missing, with cause and cure, if the module, a library, the driver or the GPU
/// is missing or too old.
[[nodiscard]] std::unique_ptr<Backend> open_cuda(const CudaOptions& options);

/// What a module exports: `extern "C" Backend* hikaku_cuda_open(const CudaOptions*)`. Its errors
/// are exceptions of this program's own types.
using OpenCuda = Backend* (*)(const CudaOptions*);
inline constexpr const char* cuda_module_entry = "hikaku_cuda_open";

/// The same from another module file: a path, or a name to be found in the usual folders.
[[nodiscard]] std::unique_ptr<Backend> open_cuda(const CudaOptions& options,
                                                 const std::string& module);

}  // namespace hikaku
