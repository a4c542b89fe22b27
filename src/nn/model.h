// A network's numbers on a device: parameters, their gradients, Adam's moments, running statistics.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nn/unet.h"
#include "ops/backend.h"

namespace hikaku {

/// Memory of a backend, released with its owner. Move-only.
class DeviceMemory {
 public:
  DeviceMemory(Backend& backend, std::size_t bytes)
      : backend_(&backend), data_(backend.allocate(bytes)), bytes_(bytes) {}
  ~DeviceMemory() { backend_->release(data_); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  [[nodiscard]] void* get() const { return data_; }
  [[nodiscard]] float* floats() const { return static_cast<float*>(data_); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  Backend* backend_;
  void* data_;
  std::size_t bytes_;
};

struct HostTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

class Model {
 public:
  /// With gradients and moments only if it is to be trained.
  Model(const UNetConfig& config, Backend& backend, bool trainable);

  /// As PyTorch's defaults: convolutions uniform in +-1/sqrt(fan_in), batch norms 1 and 0. No steps
  /// were done: moments are 0.
  void initialise(std::uint64_t seed);
  /// All tensors by name, and back. Missing, unknown or misshapen ones throw
  /// ExitCode::bad_checkpoint.
  [[nodiscard]] std::map<std::string, HostTensor> to_host() const;
  void from_host(const std::map<std::string, HostTensor>& tensors);
  /// The gradients by name; those of biases before a batch norm are zero (ops/batch_norm.h).
  [[nodiscard]] std::map<std::string, HostTensor> gradients_to_host() const;

  /// Adam's moments, "first.<name>" and "second.<name>" for each trained tensor, and back, with the
  /// steps that led to them.
  [[nodiscard]] std::map<std::string, HostTensor> moments_to_host() const;
  void moments_from_host(const std::map<std::string, HostTensor>& tensors, std::int64_t steps);

  /// Adds `share` of the gradients to a sum that the next adam_step() takes in their place; `first`
  /// begins it anew. Takes memory for the sum at the first call.
  void accumulate(float share, bool first);

  /// The next step of Adam, unless `loss`, on the device, is not finite. Only who has waited for
  /// the loss knows; hence the step counts once count_step() is called.
  void adam_step(const AdamParams& params, const LossValue* loss);
  void count_step() { ++steps_; }

  [[nodiscard]] const UNet& net() const { return net_; }
  [[nodiscard]] Backend& backend() const { return backend_; }
  [[nodiscard]] bool trainable() const { return gradients_ != nullptr; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }

  /// The array of tensor `index` of net().tensors.
  [[nodiscard]] float* value(std::size_t index) const;
  [[nodiscard]] float* gradient(std::size_t index) const;
  /// `conv` is the convolution before the norm, whose bias is its shift.
  [[nodiscard]] BatchNormState norm_state(const NormTensors& norm,
                                          const ConvTensors* conv = nullptr) const;

 private:
  [[nodiscard]] HostTensor download(std::size_t index, const float* from) const;
  void upload(std::size_t index, const std::map<std::string, HostTensor>& tensors,
              const std::string& name, float* to);

  UNet net_;
  Backend& backend_;
  DeviceMemory parameters_, statistics_;
  std::unique_ptr<DeviceMemory> gradients_, first_moment_, second_moment_, sum_;
  bool summed_ = false;  ///< the next step takes sum_
  std::int64_t steps_ = 0;
};

}  // namespace hikaku
