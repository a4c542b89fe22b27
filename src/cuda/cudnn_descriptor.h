// A descriptor of cuDNN's backend interface: a bag of typed attributes that is filled and then
// finalised, an operation, an engine or a plan, for example.
#pragma once

#include <cudnn_backend.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace hikaku::cuda {

/// Throws ExitCode::internal.
void check(cudnnStatus_t status, const char* call);

namespace detail {
template <class T>
struct AttributeType;
#define HIKAKU_ATTRIBUTE(T, name)                              \
  template <>                                                  \
  struct AttributeType<T> {                                    \
    static constexpr cudnnBackendAttributeType_t value = name; \
  }
HIKAKU_ATTRIBUTE(std::int64_t, CUDNN_TYPE_INT64);
HIKAKU_ATTRIBUTE(float, CUDNN_TYPE_FLOAT);
HIKAKU_ATTRIBUTE(bool, CUDNN_TYPE_BOOLEAN);
HIKAKU_ATTRIBUTE(void*, CUDNN_TYPE_VOID_PTR);
HIKAKU_ATTRIBUTE(cudnnHandle_t, CUDNN_TYPE_HANDLE);
HIKAKU_ATTRIBUTE(cudnnDataType_t, CUDNN_TYPE_DATA_TYPE);
HIKAKU_ATTRIBUTE(cudnnConvolutionMode_t, CUDNN_TYPE_CONVOLUTION_MODE);
HIKAKU_ATTRIBUTE(cudnnPointwiseMode_t, CUDNN_TYPE_POINTWISE_MODE);
HIKAKU_ATTRIBUTE(cudnnBackendHeurMode_t, CUDNN_TYPE_HEUR_MODE);
HIKAKU_ATTRIBUTE(cudnnBackendKnobType_t, CUDNN_TYPE_KNOB_TYPE);
HIKAKU_ATTRIBUTE(cudnnBackendNumericalNote_t, CUDNN_TYPE_NUMERICAL_NOTE);
HIKAKU_ATTRIBUTE(cudnnBackendBehaviorNote_t, CUDNN_TYPE_BEHAVIOR_NOTE);
#undef HIKAKU_ATTRIBUTE
}  // namespace detail

/// Move-only.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    check(cudnnBackendCreateDescriptor(type, &descriptor_), "cudnnBackendCreateDescriptor");
  }
  ~Descriptor() {
    if (descriptor_ != nullptr) cudnnBackendDestroyDescriptor(descriptor_);
  }
  Descriptor(Descriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, nullptr)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, std::span<const T> values) {
    return set_raw(name, detail::AttributeType<T>::value, values.size(), values.data());
  }
  template <class T, std::size_t n>
  Descriptor& set(cudnnBackendAttributeName_t name, const std::array<T, n>& values) {
    return set(name, std::span<const T>(values));
  }
  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, const T& value) {
    return set(name, std::span<const T>(&value, 1));
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& other) {
    return set_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &other.descriptor_);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const std::vector<Descriptor>& others) {
    std::vector<cudnnBackendDescriptor_t> raw;
    raw.reserve(others.size());
    for (const Descriptor& other : others) raw.push_back(other.descriptor_);
    return set_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, raw.size(), raw.data());
  }

  void finalize() { check(cudnnBackendFinalize(descriptor_), "cudnnBackendFinalize"); }
  /// False where cuDNN does not support what was described.
  [[nodiscard]] bool try_to_finalize() {
    return cudnnBackendFinalize(descriptor_) == CUDNN_STATUS_SUCCESS;
  }

  /// At most `most` values; none where there is no such attribute.
  template <class T>
  [[nodiscard]] std::vector<T> get(cudnnBackendAttributeName_t name, std::size_t most) const {
    std::vector<T> values(most);
    values.resize(get_raw(name, detail::AttributeType<T>::value, most, values.data()));
    return values;
  }
  template <class T>
  [[nodiscard]] T get(cudnnBackendAttributeName_t name) const {
    T value{};
    get_raw(name, detail::AttributeType<T>::value, 1, &value);
    return value;
  }
  [[nodiscard]] std::vector<Descriptor> get_descriptors(cudnnBackendAttributeName_t name,
                                                        cudnnBackendDescriptorType_t type,
                                                        std::size_t most) const {
    std::vector<Descriptor> found;
    std::vector<cudnnBackendDescriptor_t> raw;
    for (std::size_t i = 0; i < most; ++i) raw.push_back(found.emplace_back(type).descriptor_);
    const std::size_t count = get_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, most, raw.data());
    while (found.size() > count) found.pop_back();
    return found;
  }

  [[nodiscard]] cudnnBackendDescriptor_t get() const { return descriptor_; }

 private:
  Descriptor& set_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                      std::size_t count, const void* values) {
    check(
        cudnnBackendSetAttribute(descriptor_, name, type, static_cast<std::int64_t>(count), values),
        "cudnnBackendSetAttribute");
    return *this;
  }
  std::size_t get_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                      std::size_t most, void* values) const {
    std::int64_t count = 0;
    const cudnnStatus_t status = cudnnBackendGetAttribute(
        descriptor_, name, type, static_cast<std::int64_t>(most), &count, values);
    if (status != CUDNN_STATUS_SUCCESS) return 0;
    return std::min(static_cast<std::size_t>(count), most);
  }

  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

}  // namespace hikaku::cuda
