// A tensor is a typed view on memory that somebody else owns: pointer, element type, shape, layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hikaku {

enum class DType : std::uint8_t { f64, f32, bf16, f16, u8 };

[[nodiscard]] std::size_t size_of(DType type);  ///< bytes of one element
[[nodiscard]] const char* name_of(DType type);  ///< "f32"

/// Images x channels x rows x columns.
struct Shape {
  std::int64_t n = 1, c = 1, h = 1, w = 1;

  [[nodiscard]] std::int64_t count() const { return n * c * h * w; }
  [[nodiscard]] std::int64_t pixels() const { return h * w; }  ///< of one channel of one image
  bool operator==(const Shape&) const = default;
};
[[nodiscard]] std::string to_string(const Shape& shape);  ///< "16x64x256x256"

/// Where element (n, c, y, x) lies:  n * stride_n + (c / block) * stride_c + y * stride_h +
/// x * stride_w + c % block.  One formula serves the three layouts in use:
///   NCHW     block = 1                      (files, PyTorch, the reference)
///   blocked  block = 8 or 16, "nChw16c"     (CPU: a vector register holds one block)
///   NHWC     block = all channels           (CUDA)
/// Strides count elements, and a view on a range of channels keeps them: that is how a
/// concatenation is never copied.
struct Layout {
  std::int64_t block = 1;
  std::int64_t stride_n = 0, stride_c = 0, stride_h = 0, stride_w = 0;

  [[nodiscard]] std::int64_t at(std::int64_t n, std::int64_t c, std::int64_t y,
                                std::int64_t x) const {
    return n * stride_n + (c / block) * stride_c + y * stride_h + x * stride_w + c % block;
  }
  bool operator==(const Layout&) const = default;

  static Layout nchw(const Shape& shape);
  static Layout blocked(const Shape& shape, std::int64_t block);  ///< `block` must divide shape.c
  static Layout nhwc(const Shape& shape);
};

struct Tensor {
  void* data = nullptr;
  DType dtype = DType::f32;
  Shape shape;
  Layout layout;
  /// On a GPU, where whoever writes the tensor leaves the bits of a number that no magnitude in it
  /// exceeds, for those who scale it (Backend::wants_largest). Null: nobody does. batch_norm starts
  /// it anew; up_block, whose output lies beside batch_norm's in a concatenation, only raises it.
  std::uint32_t* largest = nullptr;

  template <class T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(data);
  }
  /// The view on channels [first, first + count); both must be multiples of the layout's block.
  [[nodiscard]] Tensor channels(std::int64_t first, std::int64_t count) const;
  [[nodiscard]] std::size_t bytes() const {
    return static_cast<std::size_t>(shape.count()) * size_of(dtype);
  }
};

/// Copies between layouts, on the host; shapes must be equal, both f32.
void copy_layout(const Tensor& from, const Tensor& to);

}  // namespace hikaku
