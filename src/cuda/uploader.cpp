#include "cuda/uploader.h"

#include <cstring>

#include "base/memory.h"

namespace hikaku::cuda {

Uploader::Uploader(Context& context) : context_(context) {
  HIKAKU_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  for (Stage& stage : stages_) {
    HIKAKU_CUDA(cudaEventCreateWithFlags(&stage.copied, cudaEventDisableTiming));
  }
}

Uploader::~Uploader() {
  cudaStreamSynchronize(stream_);
  for (Stage& stage : stages_) {
    cudaEventDestroy(stage.copied);
    cudaFreeHost(stage.memory);
  }
  cudaStreamDestroy(stream_);
}

void Uploader::grow(Stage& stage, std::size_t bytes) {
  if (stage.bytes >= bytes) return;
  HIKAKU_CUDA(cudaFreeHost(stage.memory));
  stage = {nullptr, 0, stage.copied};
  const cudaError_t status = cudaMallocHost(&stage.memory, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // or the next call would report it again
    throw out_of_host_memory(bytes);
  }
  check(status, "cudaMallocHost");
  stage.bytes = bytes;
}

void Uploader::upload(const void* host, void* device, std::size_t bytes) {
  Stage& stage = stages_.at(next_++ % stages_.size());
  HIKAKU_CUDA(cudaEventSynchronize(stage.copied));
  grow(stage, bytes);
  std::memcpy(stage.memory, host, bytes);
  HIKAKU_CUDA(cudaMemcpyAsync(device, stage.memory, bytes, cudaMemcpyHostToDevice, stream_));
  HIKAKU_CUDA(cudaEventRecord(stage.copied, stream_));
  HIKAKU_CUDA(cudaStreamWaitEvent(context_.stream, stage.copied));
}

}  // namespace hikaku::cuda
