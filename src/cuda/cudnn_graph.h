// One pass of a convolution, planned by cuDNN: the fastest of its engines for one problem. What is
// planned does not change, allocates nothing and can be recorded. No header of cuDNN is needed
// here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tensor/tensor.h"

struct cudnnContext;
struct CUstream_st;

namespace hikaku::cuda {

struct Context;

[[nodiscard]] std::string dnn_version();  ///< of the loaded library: "9.19.0"
/// Throws ExitCode::missing if the library does not start.
[[nodiscard]] cudnnContext* open_dnn(CUstream_st* stream);
void close_dnn(cudnnContext* handle) noexcept;

enum class ConvPass : std::uint8_t { forward, backward_data, backward_weight };

/// What is to be computed; see ops/conv2d.h for the formula. x and y (or their gradients) are NHWC
/// of one type, perhaps slices of channels, aligned to 16 bytes. The weight is dense KRSC [c_out,
/// kernel, kernel, c_in].
struct ConvProblem {
  ConvPass pass = ConvPass::forward;
  Tensor x, y;  ///< without memory
  std::int64_t kernel = 3;
  DType weight = DType::f32;  ///< of the weight, or of its gradient
  bool bias_relu = false;     ///< forward: y = max(conv(x) + bias, 0)
  DType bias = DType::f32;
  /// Only kernels that are compiled already: nothing is to be compiled for this problem.
  bool ahead_of_time = false;
};
[[nodiscard]] std::string to_string(const ConvProblem& problem);
/// The same without the number of pictures.
[[nodiscard]] std::string shape_of(const ConvProblem& problem);

struct ConvMemory {
  void *x = nullptr, *weight = nullptr, *y = nullptr;
  const void* bias = nullptr;
};

class ConvPlan {
 public:
  virtual ~ConvPlan() = default;
  /// `workspace`: workspace_bytes() of memory.
  /// On Context::stream; gradients of weights on Context::aside.
  virtual void run(const ConvMemory& memory, void* workspace) = 0;
  [[nodiscard]] virtual std::size_t workspace_bytes() const = 0;
  /// Of one run when it was chosen; 0 if it was chosen before, or was the only one.
  [[nodiscard]] virtual double seconds() const = 0;
};

/// The fastest by timing that passes a check with whole numbers; one that does not is told and the
/// next taken. The choice is kept in the tuning file, and serves smaller batches of the same layer.
/// What is tried is bounded in time, for each problem and for all of a context; when that is spent,
/// the first engine that runs is taken, and not kept. Null if no engine fits the problem, the
/// precision and the limit of the workspace.
[[nodiscard]] std::unique_ptr<ConvPlan> plan_convolution(const ConvProblem& problem,
                                                         Context& context);

}  // namespace hikaku::cuda
