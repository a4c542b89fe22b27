#include "compare/guarded_memory.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace hikaku {
namespace {

constexpr std::size_t guard = 256;    // bytes before and behind each array, keeps its alignment
constexpr std::byte untouched{0xFF};  // four of them are a NaN

/// Elements from a view's first to its last, with whatever lies between.
std::size_t extent(const Tensor& tensor) {
  const Shape& s = tensor.shape;
  return static_cast<std::size_t>(tensor.layout.at(s.n - 1, s.c - 1, s.h - 1, s.w - 1) + 1);
}

/// A dense NCHW tensor on host memory.
Tensor dense(std::vector<float>& values, const Shape& shape) {
  return {values.data(), DType::f32, shape, Layout::nchw(shape)};
}

}  // namespace

std::byte* GuardedMemory::bytes(std::size_t count) {
  const std::vector<std::byte> fresh(count + 2 * guard, untouched);
  const DeviceMemory& block = blocks_.emplace_back(backend_, fresh.size());
  backend_.copy_to_device(fresh.data(), block.get(), fresh.size());
  return static_cast<std::byte*>(block.get()) + guard;
}

std::uint8_t* GuardedMemory::bytes(const std::vector<std::uint8_t>& values) {
  auto* place = reinterpret_cast<std::uint8_t*>(bytes(values.size()));
  backend_.copy_to_device(values.data(), place, values.size());
  return place;
}

float* GuardedMemory::array(std::int64_t count) {
  return reinterpret_cast<float*>(bytes(static_cast<std::size_t>(count) * sizeof(float)));
}

float* GuardedMemory::array(const std::vector<float>& values) {
  float* place = array(static_cast<std::int64_t>(values.size()));
  backend_.copy_to_device(values.data(), place, values.size() * sizeof(float));
  return place;
}

Tensor GuardedMemory::activation(const Shape& shape, std::int64_t unit, bool slice) {
  Shape whole = shape;
  if (slice) whole.c *= 2;
  const Tensor tensor{array(whole.count()), DType::f32, whole,
                      backend_.activation_layout(whole, unit)};
  if (!slice) return tensor;
  guards_.push_back(tensor.channels(0, shape.c));
  return tensor.channels(shape.c, shape.c);
}

Tensor GuardedMemory::activation(const Shape& shape, std::int64_t unit, bool slice,
                                 const std::vector<float>& values) {
  const Tensor tensor = activation(shape, unit, slice);
  std::vector<float> source = values, image(extent(tensor));
  Tensor on_host = tensor;
  on_host.data = image.data();
  backend_.copy_to_host(tensor.data, image.data(), image.size() * sizeof(float));
  copy_layout(dense(source, shape), on_host);
  backend_.copy_to_device(image.data(), tensor.data, image.size() * sizeof(float));
  return tensor;
}

Tensor GuardedMemory::copy(const Tensor& tensor, std::int64_t unit, bool slice) {
  return activation(tensor.shape, unit, slice, to_host(tensor));
}

std::vector<float> GuardedMemory::to_host(const Tensor& tensor) {
  std::vector<float> image(extent(tensor));
  std::vector<float> result(static_cast<std::size_t>(tensor.shape.count()));
  backend_.synchronize();
  backend_.copy_to_host(tensor.data, image.data(), image.size() * sizeof(float));
  Tensor on_host = tensor;
  on_host.data = image.data();
  copy_layout(on_host, dense(result, tensor.shape));
  return result;
}

std::vector<double> GuardedMemory::values(const Tensor& tensor) {
  const std::vector<float> floats = to_host(tensor);
  return {floats.begin(), floats.end()};
}

std::vector<double> GuardedMemory::values(const float* array, std::int64_t count) {
  std::vector<float> floats(static_cast<std::size_t>(count));
  backend_.synchronize();
  backend_.copy_to_host(array, floats.data(), floats.size() * sizeof(float));
  return {floats.begin(), floats.end()};
}

std::vector<double> GuardedMemory::values(const std::uint8_t* array, std::int64_t count) {
  std::vector<std::uint8_t> found(static_cast<std::size_t>(count));
  backend_.synchronize();
  backend_.copy_to_host(array, found.data(), found.size());
  return {found.begin(), found.end()};
}

void GuardedMemory::check() {
  backend_.synchronize();
  const auto intact = [](std::byte byte) { return byte == untouched; };
  for (const DeviceMemory& block : blocks_) {
    std::vector<std::byte> found(block.bytes());
    backend_.copy_to_host(block.get(), found.data(), found.size());
    require(std::all_of(found.begin(), found.begin() + guard, intact),
            "[{}] an op wrote before the start of an array of {} bytes", backend_.name(),
            found.size() - 2 * guard);
    require(std::all_of(found.end() - guard, found.end(), intact),
            "[{}] an op wrote behind the end of an array of {} bytes", backend_.name(),
            found.size() - 2 * guard);
  }
  for (const Tensor& channels : guards_) {
    const std::vector<float> found = to_host(channels);
    require(std::all_of(found.begin(), found.end(),
                        [](float value) { return std::bit_cast<std::uint32_t>(value) == ~0u; }),
            "[{}] an op wrote into channels beside its slice of {}", backend_.name(),
            to_string(channels.shape));
  }
}

}  // namespace hikaku
