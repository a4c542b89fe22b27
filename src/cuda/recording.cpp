#include "cuda/recording.h"

namespace hikaku::cuda {
namespace {

class GraphRecording final : public Recording {
 public:
  GraphRecording(cudaGraph_t graph, cudaStream_t stream) : stream_(stream) {
    const cudaError_t status = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    check(status, "cudaGraphInstantiate");
  }
  ~GraphRecording() override { cudaGraphExecDestroy(executable_); }
  GraphRecording(const GraphRecording&) = delete;
  GraphRecording& operator=(const GraphRecording&) = delete;

  void run() override { HIKAKU_CUDA(cudaGraphLaunch(executable_, stream_)); }

 private:
  cudaStream_t stream_;
  cudaGraphExec_t executable_ = nullptr;
};

/// Leaves the stream as it was, whatever happened while it recorded.
void abandon(cudaStream_t stream) noexcept {
  cudaGraph_t graph = nullptr;
  if (cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph != nullptr) {
    cudaGraphDestroy(graph);
  }
  cudaGetLastError();
}

}  // namespace

std::unique_ptr<Recording> record(const std::function<void()>& work, Context& context) {
  context.join();
  HIKAKU_CUDA(cudaStreamBeginCapture(context.stream, cudaStreamCaptureModeThreadLocal));
  try {
    work();
    context.join();
  } catch (...) {
    abandon(context.stream);
    throw;
  }
  cudaGraph_t graph = nullptr;
  HIKAKU_CUDA(cudaStreamEndCapture(context.stream, &graph));
  context.keep_scratch();
  return std::make_unique<GraphRecording>(graph, context.stream);
}

}  // namespace hikaku::cuda
