// What the GPU's ops share: a stream on which all of them run in order, one beside it for what no
// later op waits for, the libraries' handles, the precision, the tuning file, and scratch memory
// that grows while ops are planned.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/tuning.h"
#include "cuda/check.h"
#include "cuda/planning.h"
#include "cuda/scratch.h"
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
  /// Beside it, with less priority: weights on their way to the form that convolutions read, and
  /// the gradients of weights, which only Adam waits for. Passes that memory bounds and those that
  /// tensor cores bound then share the GPU.
  cudaStream_t aside = nullptr;
  cublasLtHandle_t blas = nullptr;
  cudnnContext *dnn = nullptr, *dnn_aside = nullptr;  ///< of these two streams
  LossScale* loss_scale = nullptr;                    ///< on the device; 1 but for f16
  std::size_t workspace_limit = 0;  ///< bytes that an algorithm may take of scratch()
  Tuning tuning;
  PlanningLog planning;

  /// CUDA's calls go to this GPU from now on: a program may use several.
  /// Where it is current already, nothing happens: ops are recorded in between.
  void make_current() const {
    int current = -1;
    HIKAKU_CUDA(cudaGetDevice(&current));
    if (current != device) HIKAKU_CUDA(cudaSetDevice(device));
  }

  /// Throws ExitCode::usage where this GPU is older than the compute capability that `what`, an
  /// option with its value, needs.
  void require_capability(int least, const std::string& what) const;

  /// The element of activations: f32 for f32, f32x and tf32, else the 16-bit type.
  [[nodiscard]] DType activation_type() const;

  /// What is put on `aside` from now on comes after all that was put on `stream` until now.
  void fork();
  /// What is put on `stream` from now on comes after all that was put on `aside`.
  void join();

  /// Called while planning; scratch() is then valid until the next call. Ops of `stream` run one
  /// after the other and share it; those of `aside` share another.
  void reserve_scratch(std::size_t bytes) { scratch_.reserve(bytes); }
  [[nodiscard]] void* scratch() const { return scratch_.get(); }
  Scratch aside_scratch;
  /// From now on both stay allocated when they grow: recorded work uses them.
  void keep_scratch();

  /// The dense layout and type: NHWC of activation_type(), or NCHW f32 where `channel_unit` is
  /// positive and does not divide the channels (pictures).
  [[nodiscard]] Tensor activation(const Shape& shape, std::int64_t channel_unit) const;

 private:
  Context(const CudaOptions& options, const cudaDeviceProp& properties);
  void require_precision() const;

  Memory loss_scale_;
  Scratch scratch_;
  cudaEvent_t forked_ = nullptr, joined_ = nullptr;
  bool apart_ = false;  ///< `aside` has work that `stream` has not waited for
};

}  // namespace hikaku::cuda
