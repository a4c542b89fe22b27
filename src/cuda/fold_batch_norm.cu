#include "cuda/fold_batch_norm.h"

namespace hikaku::cuda {
namespace {

constexpr int threads = 256;

__global__ void fold(FoldBatchNormArgs args) {
  const BatchNormState& state = args.state;
  const std::int64_t o = blockIdx.x;
  const float scale = state.gamma[o] / sqrtf(state.running_var[o] + args.eps);
  if (threadIdx.x == 0) {
    const float shift = state.shift != nullptr ? state.shift[o] : 0.0f;
    args.folded_bias[o] = (shift - state.running_mean[o]) * scale + state.beta[o];
  }
  const std::int64_t first = o * args.weights_per_channel;
  for (std::int64_t i = threadIdx.x; i < args.weights_per_channel; i += threads) {
    args.folded_weight[first + i] = args.weight[first + i] * scale;
  }
}

}  // namespace

void fold_batch_norm(const FoldBatchNormArgs& args, Context& context) {
  fold<<<static_cast<unsigned>(args.out_channels), threads, 0, context.stream>>>(args);
  HIKAKU_CUDA(cudaGetLastError());
}

}  // namespace hikaku::cuda
