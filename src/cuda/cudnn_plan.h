// A convolution's pass as an operation graph of cuDNN, and an engine that computes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cuda/cudnn_engines.h"
#include "cuda/cudnn_graph.h"

namespace hikaku::cuda {

/// The problem as cuDNN sees it; keeps all its parts.
class Graph {
 public:
  Graph(const ConvProblem& problem, cudnnHandle_t handle);
  [[nodiscard]] bool supported() const { return supported_; }
  [[nodiscard]] const Descriptor& get() const { return graph_; }

 private:
  const Descriptor& keep(Descriptor part);
  // False where cuDNN does not support what was described.
  bool add(Descriptor operation);
  bool add_bias_relu(const ConvProblem& problem, const Tensor& dense, const Descriptor& sums,
                     const Descriptor& y);
  bool add_pointwise(cudnnPointwiseMode_t mode, const Descriptor& from, const Descriptor* other,
                     const Descriptor& to);

  std::vector<std::unique_ptr<Descriptor>> parts_;
  std::vector<Descriptor> operations_;
  Descriptor graph_{CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR};
  bool supported_ = false;
};

/// An engine with its settings, ready to run.
class EnginePlan final : public ConvPlan {
 public:
  EnginePlan(std::shared_ptr<const Graph> graph, EngineConfig config, cudnnHandle_t handle);

  void run(const ConvMemory& memory, void* workspace) override;
  [[nodiscard]] cudnnStatus_t try_to_run(const ConvMemory& memory, void* workspace);
  [[nodiscard]] std::size_t workspace_bytes() const override { return workspace_; }
  [[nodiscard]] double seconds() const override { return seconds_; }
  [[nodiscard]] bool supported() const { return supported_; }
  [[nodiscard]] const std::string& name() const { return config_.name; }
  [[nodiscard]] const EngineConfig& config() const { return config_; }
  void set_seconds(double seconds) { seconds_ = seconds; }

 private:
  std::shared_ptr<const Graph> graph_;
  EngineConfig config_;
  cudnnHandle_t handle_;
  Descriptor plan_{CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR};
  bool supported_ = false;
  std::size_t workspace_ = 0;
  double seconds_ = 0;
};

}  // namespace hikaku::cuda
