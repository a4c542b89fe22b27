#include "compare/guarded_memory.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "tensor/half.h"

namespace hikaku {
namespace {

constexpr std::size_t guard = 256;    // bytes before and behind each array, keeps its alignment
constexpr std::byte untouched{0xFF};  // two or four of them are a NaN

/// Bytes from a view's first element to its last, with whatever lies between.
std::size_t extent(const Tensor& tensor) {
  const Shape& s = tensor.shape;
  const std::int64_t last = tensor.layout.at(s.n - 1, s.c - 1, s.h - 1, s.w - 1);
  return static_cast<std::size_t>(last + 1) * size_of(tensor.dtype);
}

/// Calls for each element, in the order of a dense NCHW tensor, with its place in bytes.
template <class F>
void for_each_place(const Tensor& tensor, F&& call) {
  const Shape& s = tensor.shape;
  for (std::int64_t n = 0; n < s.n; ++n) {
    for (std::int64_t c = 0; c < s.c; ++c) {
      for (std::int64_t y = 0; y < s.h; ++y) {
        for (std::int64_t x = 0; x < s.w; ++x) {
          call(static_cast<std::size_t>(tensor.layout.at(n, c, y, x)) * size_of(tensor.dtype));
        }
      }
    }
  }
}

float read(const std::byte* from, DType type) {
  if (type == DType::f32) {
    float value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, from, sizeof bits);
  return type == DType::bf16 ? from_bf16(bits) : from_f16(bits);
}

void write(std::byte* to, DType type, float value) {
  if (type == DType::f32) {
    std::memcpy(to, &value, sizeof value);
    return;
  }
  const std::uint16_t bits = type == DType::bf16 ? to_bf16(value) : to_f16(value);
  std::memcpy(to, &bits, sizeof bits);
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
  Tensor tensor = backend_.activation(whole, unit);
  tensor.data = bytes(tensor.bytes());
  if (!slice) return tensor;
  guards_.push_back(tensor.channels(0, shape.c));
  return tensor.channels(shape.c, shape.c);
}

Tensor GuardedMemory::activation(const Shape& shape, std::int64_t unit, bool slice,
                                 const std::vector<float>& values) {
  const Tensor tensor = activation(shape, unit, slice);
  std::vector<std::byte> image = image_of(tensor);
  std::size_t next = 0;
  for_each_place(tensor, [&](std::size_t place) {
    write(image.data() + place, tensor.dtype, values[next++]);
  });
  backend_.copy_to_device(image.data(), tensor.data, image.size());
  return tensor;
}

Tensor GuardedMemory::copy(const Tensor& tensor, std::int64_t unit, bool slice) {
  return activation(tensor.shape, unit, slice, to_host(tensor));
}

std::vector<std::byte> GuardedMemory::image_of(const Tensor& tensor) {
  std::vector<std::byte> image(extent(tensor));
  backend_.synchronize();
  backend_.copy_to_host(tensor.data, image.data(), image.size());
  return image;
}

std::vector<float> GuardedMemory::to_host(const Tensor& tensor) {
  const std::vector<std::byte> image = image_of(tensor);
  std::vector<float> result;
  result.reserve(static_cast<std::size_t>(tensor.shape.count()));
  for_each_place(tensor, [&](std::size_t place) {
    result.push_back(read(image.data() + place, tensor.dtype));
  });
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
    const std::vector<std::byte> image = image_of(channels);
    bool all_intact = true;
    for_each_place(channels, [&](std::size_t place) {
      const auto* first = image.data() + place;
      all_intact &= std::all_of(first, first + size_of(channels.dtype), intact);
    });
    require(all_intact, "[{}] an op wrote into channels beside its slice of {}", backend_.name(),
            to_string(channels.shape));
  }
}

}  // namespace hikaku
