#include "cuda/conv_parts.h"

#include "base/error.h"

namespace hikaku::cuda {
namespace {

std::size_t bytes_apart(const Tensor& tensor, std::int64_t pictures) {
  return static_cast<std::size_t>(pictures * tensor.layout.stride_n) * size_of(tensor.dtype);
}

void* behind(void* memory, std::size_t bytes) { return static_cast<std::byte*>(memory) + bytes; }

}  // namespace

std::int64_t fewest_parts(std::int64_t pictures) {
  std::int64_t parts = 2;
  while (parts < pictures && pictures % parts != 0) ++parts;
  return pictures < 2 ? 1 : parts;
}

ConvProblem part_of(ConvProblem problem, std::int64_t parts) {
  problem.x.shape.n /= parts;
  problem.y.shape.n /= parts;
  return problem;
}

PartsPlan::PartsPlan(std::unique_ptr<ConvPlan> part, const ConvProblem& problem, std::int64_t parts)
    : part_(std::move(part)),
      parts_(parts),
      x_bytes_(bytes_apart(problem.x, problem.x.shape.n / parts)),
      y_bytes_(bytes_apart(problem.y, problem.y.shape.n / parts)) {
  require(problem.pass != ConvPass::backward_weight && problem.x.shape.n % parts == 0,
          "[conv2d] {} pictures cannot go in {} parts", problem.x.shape.n, parts);
}

void PartsPlan::run(const ConvMemory& memory, void* workspace) {
  for (std::int64_t i = 0; i < parts_; ++i) {
    const auto before = static_cast<std::size_t>(i);
    part_->run({behind(memory.x, before * x_bytes_), memory.weight,
                behind(memory.y, before * y_bytes_), memory.bias},
               workspace);
  }
}

}  // namespace hikaku::cuda
