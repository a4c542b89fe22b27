#include "cuda/recording.h"

namespace hikaku::cuda {
namespace {

class GraphRecording final : public Recording {
 public:
  GraphRecording(cudaGraph_t graph, const Context& context) : context_(context) {
    const cudaError_t status = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    check(status, "cudaGraphInstantiate");
  }
  ~GraphRecording() override { cudaGraphExecDestroy(executable_); }
  GraphRecording(const GraphRecording&) = delete;
  GraphRecording& operator=(const GraphRecording&) = delete;

  void run() override {
    context_.make_current();
    HIKAKU_CUDA(cudaGraphLaunch(executable_, context_.stream));
  }

 private:
  const Context& context_;
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
  return std::make_unique<GraphRecording>(graph, context);
}

}  // namespace hikaku::cuda
