// Plans of one convolution, tried on memory of their own: how long they take, and whether they are
// right.
#pragma once

#include "cuda/context.h"
#include "cuda/cudnn_plan.h"
#include "cuda/events.h"

namespace hikaku::cuda {

class ConvTrial {
 public:
  /// Throws OutOfMemory.
  ConvTrial(const ConvProblem& problem, cudaStream_t stream);

  /// Of one run; infinity where it fails or has no memory. One that takes twice `best` is given up
  /// early.
  double seconds_of(EnginePlan& plan, double best);
  /// Whole numbers come out exactly, from memory that held none before; those of Winograd's
  /// algorithms nearly. False where it fails.
  bool is_right(EnginePlan& plan);

 private:
  struct Piece {
    Piece(DType type, std::size_t bytes) : type(type), memory(bytes, false) {}
    [[nodiscard]] std::int64_t count() const {
      return static_cast<std::int64_t>(memory.bytes() / size_of(type));
    }
    DType type;
    Memory memory;
  };

  bool runs(EnginePlan& plan);
  bool grow_workspace(std::size_t bytes);
  double seconds_of(EnginePlan& plan, int count);
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
