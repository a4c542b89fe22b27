#include "data/transform.h"

#include <array>

#include "data/voc_palette.h"

namespace hikaku {
namespace {

using ChannelTable = std::array<std::array<float, 256>, 3>;

/// A channel has only 256 values, so that the arithmetic is done once.
const ChannelTable& normalised() {
  static const ChannelTable table = [] {
    ChannelTable values;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t v = 0; v < 256; ++v) {
        values[c][v] = normalise(c, static_cast<float>(v) / 255.0f);
      }
    }
    return values;
  }();
  return table;
}

std::vector<std::size_t> nearest_sources(int in, int out) {
  std::vector<std::size_t> sources(static_cast<std::size_t>(out));
  for (int i = 0; i < out; ++i) {
    sources[static_cast<std::size_t>(i)] = static_cast<std::size_t>(nearest_source(i, in, out));
  }
  return sources;
}

}  // namespace

float normalise(std::size_t channel, float value) {
  constexpr std::array<float, 3> mean{0.485f, 0.456f, 0.406f};
  constexpr std::array<float, 3> deviation{0.229f, 0.224f, 0.225f};
  return (value - mean.at(channel)) / deviation.at(channel);
}

float normalised_value(std::size_t channel, std::uint8_t value) {
  return normalised().at(channel)[value];
}

void transform_picture(const Picture& picture, int height, int width, float* target) {
  const ChannelTable& table = normalised();
  const std::vector<std::size_t> columns = nearest_sources(picture.width, width);
  const std::size_t plane = static_cast<std::size_t>(height) * columns.size();
  for (int y = 0; y < height; ++y) {
    const auto source_y = static_cast<std::size_t>(nearest_source(y, picture.height, height));
    const std::uint8_t* row = &picture.rgb[source_y * static_cast<std::size_t>(picture.width) * 3];
    for (const std::size_t column : columns) {
      const std::uint8_t* pixel = row + 3 * column;
      target[0] = table[0][pixel[0]];
      target[plane] = table[1][pixel[1]];
      target[2 * plane] = table[2][pixel[2]];
      ++target;
    }
  }
}

void transform_mask(const Mask& mask, int height, int width, std::uint8_t void_becomes,
                    std::uint8_t* target) {
  const std::vector<std::size_t> columns = nearest_sources(mask.width, width);
  for (int y = 0; y < height; ++y) {
    const auto source_y = static_cast<std::size_t>(nearest_source(y, mask.height, height));
    const std::uint8_t* row = &mask.index[source_y * static_cast<std::size_t>(mask.width)];
    for (const std::size_t column : columns) {
      *target++ = row[column] == void_label ? void_becomes : row[column];
    }
  }
}

Picture resize_picture(const Picture& picture, int height, int width) {
  const std::vector<std::size_t> columns = nearest_sources(picture.width, width);
  Picture result{width, height, {}, 1, {}};
  result.rgb.reserve(static_cast<std::size_t>(height) * columns.size() * 3);
  for (int y = 0; y < height; ++y) {
    const auto source_y = static_cast<std::size_t>(nearest_source(y, picture.height, height));
    const std::uint8_t* row = &picture.rgb[source_y * static_cast<std::size_t>(picture.width) * 3];
    for (const std::size_t column : columns) {
      result.rgb.insert(result.rgb.end(), row + 3 * column, row + 3 * column + 3);
    }
  }
  return result;
}

Mask resize_mask(const Mask& mask, int height, int width) {
  Mask result{width, height, {}, {}};
  result.index.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  transform_mask(mask, height, width, void_label, result.index.data());
  return result;
}

}  // namespace hikaku
