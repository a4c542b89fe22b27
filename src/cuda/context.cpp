#include "cuda/context.h"

#include <algorithm>
#include <bit>

#include "cuda/cudnn_graph.h"

namespace hikaku::cuda {
namespace {

constexpr int oldest_capability = 75;
constexpr std::size_t most_workspace = std::size_t{1} << 30;
/// Of the free memory. f32's fast engines bring both maps into their own layout, 0.5 GiB for most
/// layers with 16 pictures, to be had on a card of 8 GB; where it is not, a part of the pictures at
/// a time goes through them.
constexpr std::size_t workspace_share = 12;
/// Logit gradients of a batch of a million pixels are around 1e-6, where f16 has few bits left.
constexpr float default_loss_scale = 8192;

/// Of a workspace; rounded, so that a choice that was made within it is found in the next run, when
/// a little more or less is free.
std::size_t workspace_limit_of(const CudaOptions& options) {
  if (options.workspace_limit > 0) return options.workspace_limit;
  const auto share = static_cast<std::size_t>(free_memory()) / workspace_share;
  const std::size_t step = std::bit_floor(share) / 8;
  return std::min(most_workspace, step == 0 ? share : share / step * step);
}

int capability_of(const cudaDeviceProp& properties) {
  return 10 * properties.major + properties.minor;
}

/// A driver runs what was built for any CUDA of its own major version, or an older one.
void require_driver() {
  int driver = 0, runtime = 0;
  HIKAKU_CUDA(cudaDriverGetVersion(&driver));
  HIKAKU_CUDA(cudaRuntimeGetVersion(&runtime));
  if (driver / 1000 >= runtime / 1000) return;
  throw Error(
      ExitCode::missing,
      fmt::format("the NVIDIA driver supports CUDA {}.{}; the GPU module was built for CUDA "
                  "{}.{}",
                  driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10),
      "install a newer NVIDIA driver, or build with an older CUDA toolkit, or use "
      "--device cpu");
}

cudaDeviceProp inspect(int device) {
  require_driver();
  HIKAKU_CUDA(cudaSetDevice(device));
  cudaDeviceProp properties{};
  HIKAKU_CUDA(cudaGetDeviceProperties(&properties, device));
  if (capability_of(properties) < oldest_capability) {
    throw Error(ExitCode::missing,
                fmt::format("cuda:{}: {} has compute capability {}.{}; 7.5 or later is needed",
                            device, properties.name, properties.major, properties.minor),
                "use --device cpu, or a GPU of the Turing generation or later");
  }
  return properties;
}

/// Everything that a choice among algorithms depends on.
std::string machine_key(const cudaDeviceProp& properties) {
  int driver = 0, runtime = 0;
  HIKAKU_CUDA(cudaDriverGetVersion(&driver));
  HIKAKU_CUDA(cudaRuntimeGetVersion(&runtime));
  return fmt::format("{}, {} multiprocessors, driver for CUDA {}, CUDA {}, cuDNN {}",
                     properties.name, properties.multiProcessorCount, driver, runtime,
                     dnn_version());
}

}  // namespace

Context::Context(const CudaOptions& options) : Context(options, inspect(options.device)) {}

Context::Context(const CudaOptions& options, const cudaDeviceProp& properties)
    : device(options.device),
      multiprocessors(properties.multiProcessorCount),
      compute_capability(capability_of(properties)),
      deterministic(options.deterministic),
      precision(options.precision),
      workspace_limit(workspace_limit_of(options)),
      tuning(options.tuning_file, machine_key(properties)),
      planning(options.say),
      loss_scale_(sizeof(LossScale)) {
  require_precision();
  forget_peak_memory();
  int least = 0, greatest = 0;
  HIKAKU_CUDA(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  HIKAKU_CUDA(cudaStreamCreateWithPriority(&stream, cudaStreamDefault, greatest));
  HIKAKU_CUDA(cudaStreamCreateWithPriority(&aside, cudaStreamNonBlocking, least));
  for (cudaEvent_t* event : {&forked_, &joined_}) {
    HIKAKU_CUDA(cudaEventCreateWithFlags(event, cudaEventDisableTiming));
  }
  HIKAKU_CUDA(cublasLtCreate(&blas));
  dnn = open_dnn(stream);
  dnn_aside = open_dnn(aside);
  loss_scale = static_cast<LossScale*>(loss_scale_.get());
  LossScale scale;
  if (precision == Precision::f16) {
    scale.scale = options.loss_scale > 0 ? options.loss_scale : default_loss_scale;
    scale.inverse = 1 / scale.scale;
  }
  HIKAKU_CUDA(cudaMemcpy(loss_scale, &scale, sizeof scale, cudaMemcpyHostToDevice));
}

Context::~Context() {
  tuning.save();
  close_dnn(dnn_aside);
  close_dnn(dnn);
  cublasLtDestroy(blas);
  for (cudaEvent_t event : {forked_, joined_}) cudaEventDestroy(event);
  cudaStreamDestroy(aside);
  cudaStreamDestroy(stream);
}

void Context::require_precision() const {
  const std::string asked = fmt::format("--precision {}", name_of(precision));
  const bool ampere =
      precision == Precision::f32x || precision == Precision::tf32 || precision == Precision::bf16;
  require_capability(ampere ? 80 : oldest_capability, asked);
}

void Context::require_capability(int least, const std::string& what) const {
  if (compute_capability >= least) return;
  throw Error(
      ExitCode::usage,
      fmt::format("{}: not on this GPU, whose compute capability is {}.{}; {}.{} or later "
                  "is needed",
                  what, compute_capability / 10, compute_capability % 10, least / 10, least % 10),
      "use f32 or f16, which every GPU has");
}

DType Context::activation_type() const {
  switch (precision) {
    case Precision::bf16:
      return DType::bf16;
    case Precision::f16:
      return DType::f16;
    default:
      return DType::f32;
  }
}

void Context::fork() {
  HIKAKU_CUDA(cudaEventRecord(forked_, stream));
  HIKAKU_CUDA(cudaStreamWaitEvent(aside, forked_));
  apart_ = true;
}

void Context::join() {
  if (!apart_) return;
  HIKAKU_CUDA(cudaEventRecord(joined_, aside));
  HIKAKU_CUDA(cudaStreamWaitEvent(stream, joined_));
  apart_ = false;
}

void Context::keep_scratch() {
  scratch_.keep();
  aside_scratch.keep();
}

Tensor Context::activation(const Shape& shape, std::int64_t channel_unit) const {
  if (channel_unit > 0 && shape.c % channel_unit != 0) {
    return {nullptr, DType::f32, shape, Layout::nchw(shape)};
  }
  return {nullptr, activation_type(), shape, Layout::nhwc(shape)};
}

}  // namespace hikaku::cuda
