// Arrays on a device for running single ops: each lies between guard zones, and whatever has not
// been written yet is NaN, so that an op that reads or writes outside its arrays is found out.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "nn/model.h"
#include "ops/backend.h"

namespace hikaku {

class GuardedMemory {
 public:
  explicit GuardedMemory(Backend& backend) : backend_(backend) {}

  /// Arrays that live as long as this object.
  float* array(const std::vector<float>& values);
  float* array(std::int64_t count);
  std::uint8_t* bytes(const std::vector<std::uint8_t>& values);
  std::byte* bytes(std::size_t count);

  /// An activation in the backend's layout for this channel unit; with `slice`, channels [c, 2c) of
  /// one with 2c channels, of which the others stay NaN and count as guard.
  Tensor activation(const Shape& shape, std::int64_t unit, bool slice);
  Tensor activation(const Shape& shape, std::int64_t unit, bool slice,
                    const std::vector<float>& values);  ///< `values`: dense NCHW
  /// Another activation with the same elements and layout.
  Tensor copy(const Tensor& tensor, std::int64_t unit, bool slice);

  [[nodiscard]] std::vector<double> values(const float* array, std::int64_t count);
  [[nodiscard]] std::vector<double> values(const std::uint8_t* array, std::int64_t count);
  [[nodiscard]] std::vector<double> values(const Tensor& tensor);  ///< dense NCHW

  /// Throws ExitCode::internal if anything outside the arrays has been written.
  void check();

 private:
  /// The bytes from a view's first element to its last.
  std::vector<std::byte> image_of(const Tensor& tensor);
  std::vector<float> to_host(const Tensor& tensor);  ///< dense NCHW

  Backend& backend_;
  std::deque<DeviceMemory> blocks_;
  std::vector<Tensor> guards_;  ///< the channels beside slices
};

}  // namespace hikaku
