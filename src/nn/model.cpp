#include "nn/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/philox.h"

namespace hikaku {
namespace {

std::size_t bytes_of(std::int64_t floats) {
  return static_cast<std::size_t>(floats) * sizeof(float);
}

Error bad_tensor(const std::string& what) {
  return {ExitCode::bad_checkpoint, what,
          "use weights of the same network (width, levels and classes)"};
}

}  // namespace

Model::Model(const UNetConfig& config, Backend& backend, bool trainable)
    : net_(config),
      backend_(backend),
      parameters_(backend, bytes_of(net_.trained_count)),
      statistics_(backend, bytes_of(net_.statistics_count)) {
  if (!trainable) return;
  for (auto* array : {&gradients_, &first_moment_, &second_moment_}) {
    *array = std::make_unique<DeviceMemory>(backend, bytes_of(net_.trained_count));
  }
}

float* Model::value(std::size_t index) const {
  const TensorInfo& tensor = net_.tensors.at(index);
  return (tensor.trained ? parameters_ : statistics_).floats() + tensor.offset;
}

float* Model::gradient(std::size_t index) const {
  return gradients_->floats() + net_.tensors.at(index).offset;
}

BatchNormState Model::norm_state(const NormTensors& norm, const ConvTensors* conv) const {
  return {value(norm.weight), value(norm.bias), conv != nullptr ? value(conv->bias) : nullptr,
          value(norm.running_mean), value(norm.running_var)};
}

void Model::initialise(std::uint64_t seed) {
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    const TensorInfo& tensor = net_.tensors[i];
    const bool one = tensor.name.ends_with(".weight") || tensor.name.ends_with(".running_var");
    std::vector<float> values(static_cast<std::size_t>(tensor.count), one ? 1.0f : 0.0f);
    if (tensor.fan_in > 0) {
      Philox random(seed, RandomUse::weights, i);
      const float bound = 1.0f / std::sqrt(static_cast<float>(tensor.fan_in));
      for (float& value : values) value = (2 * random.uniform() - 1) * bound;
    }
    backend_.copy_to_device(values.data(), value(i), bytes_of(tensor.count));
    if (!tensor.trained || first_moment_ == nullptr) continue;
    values.assign(values.size(), 0.0f);
    for (const auto* moments : {first_moment_.get(), second_moment_.get()}) {
      backend_.copy_to_device(values.data(), moments->floats() + tensor.offset,
                              bytes_of(tensor.count));
    }
  }
  steps_ = 0;
}

std::map<std::string, HostTensor> Model::to_host() const {
  std::map<std::string, HostTensor> result;
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    result[net_.tensors[i].name] = download(i, value(i));
  }
  return result;
}

std::map<std::string, HostTensor> Model::gradients_to_host() const {
  std::map<std::string, HostTensor> result;
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    if (net_.tensors[i].trained) result[net_.tensors[i].name] = download(i, gradient(i));
  }
  return result;
}

HostTensor Model::download(std::size_t index, const float* from) const {
  const TensorInfo& tensor = net_.tensors[index];
  HostTensor host{tensor.shape, std::vector<float>(static_cast<std::size_t>(tensor.count))};
  backend_.copy_to_host(from, host.values.data(), bytes_of(tensor.count));
  return host;
}

void Model::from_host(const std::map<std::string, HostTensor>& tensors) {
  for (const auto& given : tensors) {
    const bool known = std::any_of(net_.tensors.begin(), net_.tensors.end(),
                                   [&](const TensorInfo& t) { return t.name == given.first; });
    if (!known) throw bad_tensor(fmt::format("tensor '{}' is not of this network", given.first));
  }
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    const TensorInfo& tensor = net_.tensors[i];
    upload(i, tensors, tensor.name, value(i));
  }
}

void Model::upload(std::size_t index, const std::map<std::string, HostTensor>& tensors,
                   const std::string& name, float* to) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw bad_tensor(fmt::format("tensor '{}' is missing", name));
  const TensorInfo& tensor = net_.tensors[index];
  if (found->second.shape != tensor.shape) {
    throw bad_tensor(fmt::format("tensor '{}' is [{}]; the network's is [{}]", name,
                                 fmt::join(found->second.shape, ", "),
                                 fmt::join(tensor.shape, ", ")));
  }
  backend_.copy_to_device(found->second.values.data(), to, bytes_of(tensor.count));
}

std::map<std::string, HostTensor> Model::moments_to_host() const {
  std::map<std::string, HostTensor> result;
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    const TensorInfo& tensor = net_.tensors[i];
    if (!tensor.trained) continue;
    result["first." + tensor.name] = download(i, first_moment_->floats() + tensor.offset);
    result["second." + tensor.name] = download(i, second_moment_->floats() + tensor.offset);
  }
  return result;
}

void Model::moments_from_host(const std::map<std::string, HostTensor>& tensors,
                              std::int64_t steps) {
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    const TensorInfo& tensor = net_.tensors[i];
    if (!tensor.trained) continue;
    upload(i, tensors, "first." + tensor.name, first_moment_->floats() + tensor.offset);
    upload(i, tensors, "second." + tensor.name, second_moment_->floats() + tensor.offset);
  }
  steps_ = steps;
}

void Model::accumulate(float share, bool first) {
  if (sum_ == nullptr) {
    sum_ = std::make_unique<DeviceMemory>(backend_, bytes_of(net_.trained_count));
  }
  backend_.accumulate({gradients_->floats(), sum_->floats(), net_.trained_count, share, first});
  summed_ = true;
}

void Model::adam_step(const AdamParams& params, const LossValue* loss) {
  const float* const gradient = (summed_ ? *sum_ : *gradients_).floats();
  summed_ = false;
  backend_.adam(params, steps_ + 1,
                {parameters_.floats(), gradient, first_moment_->floats(), second_moment_->floats(),
                 net_.trained_count},
                loss);
}

}  // namespace hikaku
