// What the GPU's ops share: one stream on which all of them run in order, the libraries' handles,
// the precision, the tuning file, and scratch memory that grows while ops are planned.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/tuning.h"
#include "cuda/check.h"
#include "cuda/memory.h"
#include "cuda/planning.h"
#include "device/cuda_module.h"
#include "ops/backend.h"

struct cudnnContext;  // cudnnHandle_t points to it

namespace hikaku::cuda {

/// What f16 gradients are scaled by, on the device.
struct LossScale {
  float scale = 1, inverse = 1;  ///< activation gradients are `scale` times the true ones
  int good_steps = 0;            ///< since the scale last changed
  int overflow = 0;              ///< 1: a gradient of this step is not finite
};

struct Context {
  /// Throws ExitCode::missing where this GPU cannot be used, ExitCode::usage where it cannot
  /// compute in that precision.
  explicit Context(const CudaOptions& options);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  int device = 0;
  int multiprocessors = 1;
  int compute_capability = 75;  ///< 10 * major + minor
  bool deterministic = false;
  Precision precision = Precision::tf32;
  cudaStream_t stream = nullptr;
  cublasLtHandle_t blas = nullptr;
  cudnnContext* dnn = nullptr;
  LossScale* loss_scale = nullptr;  ///< on the device; 1 but for f16
  std::size_t workspace_limit = 0;  ///< bytes that an algorithm may take of scratch()
  Tuning tuning;
  PlanningLog planning;

  /// Throws ExitCode::usage where this GPU is older than the compute capability that `what`, an
  /// option with its value, needs.
  void require_capability(int least, const std::string& what) const;

  /// The element of activations: f32 for f32, f32x and tf32, else the 16-bit type.
  [[nodiscard]] DType activation_type() const;

  /// Called while planning; scratch() is then valid until the next call. Ops run one after the
  /// other and share it.
  void reserve_scratch(std::size_t bytes);
  [[nodiscard]] void* scratch() const { return scratch_.get(); }
  /// From now on scratch() of this moment stays allocated when it grows: recorded work uses it.
  void keep_scratch() { scratch_is_recorded_ = true; }

  /// The dense layout and type: NHWC of activation_type(), or NCHW f32 where `channel_unit` is
  /// positive and does not divide the channels (pictures).
  [[nodiscard]] Tensor activation(const Shape& shape, std::int64_t channel_unit) const;

 private:
  Context(const CudaOptions& options, const cudaDeviceProp& properties);
  void require_precision() const;

  Memory loss_scale_, scratch_;
  std::vector<Memory> kept_;
  bool scratch_is_recorded_ = false;
};

}  // namespace hikaku::cuda
