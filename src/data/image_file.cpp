#include "data/image_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "data/file.h"
#include "data/finding.h"
#include "data/jpeg.h"
#include "data/png_chunks.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& name, std::string found, const char* fix) {
  throw BadData({name, 0, std::move(found), fix});
}

std::size_t area(int width, int height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

bool has_picture_name(const fs::path& path) {
  std::string end = path.extension().string();
  for (char& c : end) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return end == ".jpg" || end == ".jpeg" || end == ".png";
}

}  // namespace

Picture read_image(const fs::path& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  constexpr std::uint8_t jpeg[] = {0xff, 0xd8};
  constexpr std::uint8_t png[] = {0x89, 'P', 'N', 'G'};
  const auto begins = [&](std::span<const std::uint8_t> magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
  };
  if (begins(jpeg)) return decode_jpeg(bytes, path.string());
  if (begins(png)) return decode_png_picture(bytes, path.string());
  refuse(path.string(), "neither a JPEG nor a PNG by its first bytes; these two are read",
         "convert it, for example: convert IN OUT.png");
}

Picture upright(Picture picture) {
  const int orientation = picture.orientation;
  if (orientation == 1) return picture;
  const auto is_one_of = [&](std::string_view digits) {
    return digits.find(static_cast<char>('0' + orientation)) != std::string_view::npos;
  };
  // Of a stored row, and of a stored column; then 5 to 8 exchange rows and columns.
  const bool from_right = is_one_of("2378"), from_below = is_one_of("3467");
  const bool exchanged = orientation >= 5;
  const int width = picture.width, height = picture.height;
  Picture turned;
  turned.width = exchanged ? height : width;
  turned.height = exchanged ? width : height;
  turned.rgb.reserve(picture.rgb.size());
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      const int column = exchanged ? y : x, row = exchanged ? x : y;
      const std::size_t pixel = area(from_below ? height - 1 - row : row, width) +
                                static_cast<std::size_t>(from_right ? width - 1 - column : column);
      const std::uint8_t* const from = picture.rgb.data() + 3 * pixel;
      turned.rgb.insert(turned.rgb.end(), from, from + 3);
    }
  }
  return turned;
}

Picture decode_png_picture(std::span<const std::uint8_t> bytes, const std::string& name,
                           const DecodeLimits& limits) {
  const PngHeader header = read_png_header(bytes, name);
  require_png_size(header, name, limits, "scale the picture down");
  // libpng's simplified interface: it keeps its own error state, without longjmp to the caller.
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  Picture picture;
  picture.width = static_cast<int>(header.width);
  picture.height = static_cast<int>(header.height);
  const png_color black{0, 0, 0};
  bool read = png_image_begin_read_from_memory(&image, bytes.data(), header.end) != 0;
  image.format = PNG_FORMAT_RGB;
  if (read) {
    picture.rgb.resize(PNG_IMAGE_SIZE(image));
    read = png_image_finish_read(&image, &black, picture.rgb.data(), 0, nullptr) != 0;
  }
  const std::string text = image.message;
  png_image_free(&image);
  if (!read) {
    refuse(name, fmt::format("damaged PNG ({}); a complete one is needed", text),
           "restore the file from its source");
  }
  return picture;
}

std::vector<fs::path> pictures_at(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (has_picture_name(entry.path())) files.push_back(entry.path());
  }
  if (error || files.empty()) {
    refuse(path.string(),
           error ? "cannot be read: " + error.message()
                 : "no picture is in this folder; .jpg, .jpeg or .png are looked for",
           "name a folder with pictures, or the pictures themselves");
  }
  std::sort(files.begin(), files.end());
  return files;
}

Picture overlay(const Picture& picture, const Mask& mask, const Classes& classes) {
  Picture mixed = picture;
  for (std::size_t i = 0; i < mask.index.size(); ++i) {
    if (mask.index[i] == 0) continue;
    const Colour colour = classes.colour(mask.index[i]);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      std::uint8_t& value = mixed.rgb[3 * i + channel];
      value = static_cast<std::uint8_t>((value + colour.at(channel)) / 2);
    }
  }
  return mixed;
}

std::vector<std::uint8_t> encode_grey16(const std::vector<float>& values, int width, int height) {
  require(width > 0 && height > 0 && values.size() == area(width, height),
          "[encode_grey16] {} values for {} x {} pixels", values.size(), width, height);
  std::vector<std::uint16_t> levels;
  levels.reserve(values.size());
  for (const float value : values) {
    levels.push_back(
        static_cast<std::uint16_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 65535.0f)));
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_LINEAR_Y;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> bytes(size);
  const int written =
      png_image_write_to_memory(&image, bytes.data(), &size, 0, levels.data(), 0, nullptr);
  require(written != 0, "[encode_grey16] libpng: {}", image.message);
  bytes.resize(size);
  return bytes;
}

std::vector<std::uint8_t> encode_npy(std::span<const float> values,
                                     const std::vector<std::int64_t>& shape) {
  constexpr std::size_t before = 10, unit = 64;  // magic, version and length; the data's alignment
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}",
                                   fmt::join(shape, ", "));
  header.resize((before + header.size() + unit) / unit * unit - before - 1, ' ');
  header += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() & 255);
  text += static_cast<char>(header.size() >> 8);
  text += header;
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  bytes.resize(text.size() + values.size_bytes());
  std::memcpy(bytes.data() + text.size(), values.data(), values.size_bytes());
  return bytes;
}

}  // namespace hikaku
