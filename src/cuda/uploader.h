// Copies to the GPU that run beside its work: from pinned memory, on a stream of their own.
#pragma once

#include <array>
#include <cstddef>

#include "cuda/context.h"

namespace hikaku::cuda {

class Uploader {
 public:
  explicit Uploader(Context& context);
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  /// See Backend::upload. Waits only while the copy four uploads ago is still under way.
  void upload(const void* host, void* device, std::size_t bytes);

 private:
  /// Memory that one copy reads, and what tells that it has.
  struct Stage {
    void* memory = nullptr;  ///< pinned
    std::size_t bytes = 0;
    cudaEvent_t copied = nullptr;
  };
  void grow(Stage& stage, std::size_t bytes);

  Context& context_;
  cudaStream_t stream_ = nullptr;
  std::array<Stage, 4> stages_;  ///< taken in turns: pictures and labels of two batches
  std::size_t next_ = 0;
};

}  // namespace hikaku::cuda
