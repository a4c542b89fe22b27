#include "tensor/tensor.h"

#include <array>

#include "base/error.h"

namespace hikaku {

std::size_t size_of(DType type) {
  constexpr std::array<std::size_t, 5> bytes{8, 4, 2, 2, 1};
  return bytes.at(static_cast<std::size_t>(type));
}

const char* name_of(DType type) {
  constexpr std::array<const char*, 5> names{"f64", "f32", "bf16", "f16", "u8"};
  return names.at(static_cast<std::size_t>(type));
}

std::string to_string(const Shape& shape) {
  return fmt::format("{}x{}x{}x{}", shape.n, shape.c, shape.h, shape.w);
}

Layout Layout::nchw(const Shape& shape) { return blocked(shape, 1); }

Layout Layout::blocked(const Shape& shape, std::int64_t block) {
  require(shape.c % block == 0, "[layout] {} channels are not a multiple of the block of {}",
          shape.c, block);
  return {block, shape.c * shape.pixels(), shape.pixels() * block, shape.w * block, block};
}

Layout Layout::nhwc(const Shape& shape) {
  return {shape.c, shape.c * shape.pixels(), 0, shape.w * shape.c, shape.c};
}

Tensor Tensor::channels(std::int64_t first, std::int64_t count) const {
  const bool whole_channels = layout.stride_c == 0;  // NHWC: any range is a view
  require(first >= 0 && count > 0 && first + count <= shape.c &&
              (whole_channels || (first % layout.block == 0 && count % layout.block == 0)),
          "[tensor] channels {}..{} are no view on {} with blocks of {}", first, first + count,
          to_string(shape), layout.block);
  Tensor view = *this;
  const std::int64_t offset = whole_channels ? first : (first / layout.block) * layout.stride_c;
  view.data = static_cast<std::byte*>(data) + static_cast<std::size_t>(offset) * size_of(dtype);
  view.shape.c = count;
  return view;
}

void copy_layout(const Tensor& from, const Tensor& to) {
  require(from.shape == to.shape && from.dtype == DType::f32 && to.dtype == DType::f32,
          "[copy_layout] {} {} does not fit {} {}", name_of(from.dtype), to_string(from.shape),
          name_of(to.dtype), to_string(to.shape));
  const auto* source = from.as<const float>();
  auto* target = to.as<float>();
  const Shape& s = from.shape;
#pragma omp parallel for collapse(2)
  for (std::int64_t n = 0; n < s.n; ++n) {
    for (std::int64_t c = 0; c < s.c; ++c) {
      for (std::int64_t y = 0; y < s.h; ++y) {
        for (std::int64_t x = 0; x < s.w; ++x) {
          target[to.layout.at(n, c, y, x)] = source[from.layout.at(n, c, y, x)];
        }
      }
    }
  }
}

}  // namespace hikaku
