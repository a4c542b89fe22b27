#include "cuda/cudnn_plan.h"

namespace hikaku::cuda {
namespace {

using Dims = std::array<std::int64_t, 4>;

constexpr std::int64_t alignment = 16;

/// How the tensors of a graph are told apart.
enum Uid : std::int64_t { uid_x = 1, uid_y, uid_weight, uid_bias, uid_sums, uid_biased };

cudnnDataType_t type_of(DType type) {
  switch (type) {
    case DType::bf16:
      return CUDNN_DATA_BFLOAT16;
    case DType::f16:
      return CUDNN_DATA_HALF;
    default:
      return CUDNN_DATA_FLOAT;
  }
}

Descriptor tensor(Uid uid, DType type, const Dims& dims, const Dims& strides,
                  bool is_virtual = false) {
  Descriptor descriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, static_cast<std::int64_t>(uid))
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, type_of(type))
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, alignment)
      .set(CUDNN_ATTR_TENSOR_DIMENSIONS, dims)
      .set(CUDNN_ATTR_TENSOR_STRIDES, strides)
      .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, is_virtual);
  descriptor.finalize();
  return descriptor;
}

Descriptor activation(Uid uid, DType type, const Tensor& t, bool is_virtual = false) {
  return tensor(uid, type, {t.shape.n, t.shape.c, t.shape.h, t.shape.w},
                {t.layout.stride_n, 1, t.layout.stride_h, t.layout.stride_w}, is_virtual);
}

Descriptor weight(const ConvProblem& problem) {
  const std::int64_t c = problem.x.shape.c, k = problem.kernel;
  return tensor(uid_weight, problem.weight, {problem.y.shape.c, c, k, k}, {k * k * c, 1, k * c, c});
}

Descriptor geometry(std::int64_t kernel) {
  const std::int64_t before = (kernel - 1) / 2, after = kernel - 1 - before;
  using Pair = std::array<std::int64_t, 2>;
  Descriptor descriptor(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2})
      .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
      .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, Pair{1, 1})
      .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, Pair{1, 1})
      .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, Pair{before, before})
      .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, Pair{after, after});
  descriptor.finalize();
  return descriptor;
}

/// The names of one kind of convolution's attributes.
struct Attributes {
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t geometry, x, weight, y, alpha, beta;
};
constexpr Attributes attributes_of(ConvPass pass) {
  switch (pass) {
    case ConvPass::backward_data:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case ConvPass::backward_weight:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
    default:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
  }
}

}  // namespace

Graph::Graph(const ConvProblem& problem, cudnnHandle_t handle) {
  const Attributes names = attributes_of(problem.pass);
  const Descriptor& x = keep(activation(uid_x, problem.x.dtype, problem.x));
  const Descriptor& y = keep(activation(uid_y, problem.y.dtype, problem.y));
  const Descriptor& w = keep(weight(problem));
  Tensor dense = problem.y;
  dense.layout = Layout::nhwc(dense.shape);
  const Descriptor& sums =
      problem.bias_relu ? keep(activation(uid_sums, DType::f32, dense, true)) : y;
  Descriptor convolution(names.type);
  convolution.set(names.geometry, keep(geometry(problem.kernel)))
      .set(names.x, x)
      .set(names.weight, w)
      .set(names.y, sums)
      .set(names.alpha, 1.0f)
      .set(names.beta, 0.0f);
  if (!add(std::move(convolution))) return;
  if (problem.bias_relu && !add_bias_relu(problem, dense, sums, y)) return;
  graph_.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle)
      .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations_);
  supported_ = graph_.try_to_finalize();
}

const Descriptor& Graph::keep(Descriptor part) {
  return *parts_.emplace_back(std::make_unique<Descriptor>(std::move(part)));
}

bool Graph::add(Descriptor operation) {
  if (!operation.try_to_finalize()) return false;
  operations_.push_back(std::move(operation));
  return true;
}

bool Graph::add_bias_relu(const ConvProblem& problem, const Tensor& dense, const Descriptor& sums,
                          const Descriptor& y) {
  const std::int64_t c = dense.shape.c;
  const Descriptor& bias = keep(tensor(uid_bias, problem.bias, {1, c, 1, 1}, {c, 1, c, c}));
  const Descriptor& biased = keep(activation(uid_biased, DType::f32, dense, true));
  return add_pointwise(CUDNN_POINTWISE_ADD, sums, &bias, biased) &&
         add_pointwise(CUDNN_POINTWISE_RELU_FWD, biased, nullptr, y);
}

bool Graph::add_pointwise(cudnnPointwiseMode_t mode, const Descriptor& from,
                          const Descriptor* other, const Descriptor& to) {
  Descriptor pointwise(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  pointwise.set(CUDNN_ATTR_POINTWISE_MODE, mode)
      .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
  pointwise.finalize();
  Descriptor operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, keep(std::move(pointwise)))
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, from)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, to);
  if (other != nullptr) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *other);
  return add(std::move(operation));
}

EnginePlan::EnginePlan(std::shared_ptr<const Graph> graph, EngineConfig config,
                       cudnnHandle_t handle)
    : graph_(std::move(graph)), config_(std::move(config)), handle_(handle) {
  plan_.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle)
      .set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config_.descriptor);
  supported_ = plan_.try_to_finalize();
  if (!supported_) return;
  workspace_ =
      static_cast<std::size_t>(plan_.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
}

cudnnStatus_t EnginePlan::try_to_run(const ConvMemory& memory, void* workspace) {
  std::vector<std::int64_t> uids{uid_x, uid_y, uid_weight};
  std::vector<void*> pointers{memory.x, memory.y, memory.weight};
  if (memory.bias != nullptr) {
    uids.push_back(uid_bias);
    pointers.push_back(const_cast<void*>(memory.bias));  // only read
  }
  Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span<const std::int64_t>(uids))
      .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::span<void* const>(pointers))
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace);
  pack.finalize();
  return cudnnBackendExecute(handle_, plan_.get(), pack.get());
}

void EnginePlan::run(const ConvMemory& memory, void* workspace) {
  check(try_to_run(memory, workspace), "cudnnBackendExecute");
}

}  // namespace hikaku::cuda
