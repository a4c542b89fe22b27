// Plans of one convolution, tried on memory of their own: how long they take, and whether they are
// right.
#pragma once

#include "cuda/context.h"
#include "cuda/cudnn_plan.h"
#include "cuda/events.h"
#include "cuda/guard.h"

namespace hikaku::cuda {

class ConvTrial {
 public:
  /// Throws OutOfMemory.
  ConvTrial(const ConvProblem& problem, cudaStream_t stream);

  /// Of one run; infinity where it fails or has no memory. One that takes twice `best` is given up
  /// early.
  double seconds_of(EnginePlan& plan, double best);
  enum class Verdict : std::uint8_t {
    right,    ///< whole numbers come out exactly; of what calls itself Winograd's, nearly
    inexact,  ///< they come out nearly: it transforms what it multiplies, and does not say so
    wrong,    ///< or it fails, reads what is not its own, or writes there
  };
  Verdict judge(EnginePlan& plan);

 private:
  struct Piece {
    Piece(DType type, std::size_t bytes)
        : type(type), bytes(bytes), memory(bytes + guard_bytes, false) {}
    [[nodiscard]] std::int64_t count() const {
      return static_cast<std::int64_t>(bytes / size_of(type));
    }
    DType type;
    std::size_t bytes;  ///< before the guard zone
    Memory memory;
  };

  bool runs(EnginePlan& plan);
  [[nodiscard]] bool wrote_outside(const EnginePlan& plan) const;
  bool grow_workspace(std::size_t bytes);
  [[nodiscard]] const Memory& output() const;

  const ConvProblem& problem_;
  cudaStream_t stream_;
  Piece x_, y_, weight_;
  Memory bias_, wrong_, workspace_;
  ConvMemory memory_;
  Events events_;
};

/// Null where there is no memory for it.
[[nodiscard]] std::unique_ptr<ConvTrial> make_trial(const ConvProblem& problem,
                                                    const Context& context);

}  // namespace hikaku::cuda
