#include "data/png.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "data/finding.h"
#include "data/png_chunks.h"
#include "data/png_codec.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

constexpr const char* draw_again = "store the mask as a palette PNG whose index is the class";

[[noreturn]] void refuse(const std::string& name, std::string found, const char* fix) {
  throw BadData({name, 0, std::move(found), fix});
}

std::string kind_of(const PngHeader& header) {
  constexpr std::array<const char*, 7> names{
      "grey", "colour type 1", "RGB", "palette", "grey with alpha", "colour type 5", "RGBA"};
  const bool known = header.colour_type < static_cast<int>(names.size());
  return fmt::format("{} of {} bits",
                     known ? names[static_cast<std::size_t>(header.colour_type)] : "unknown",
                     header.bits);
}

void require_supported(const PngHeader& header, const std::string& name,
                       const DecodeLimits& limits) {
  const bool indexed =
      header.colour_type == PNG_COLOR_TYPE_PALETTE || header.colour_type == PNG_COLOR_TYPE_GRAY;
  const bool rgb = header.colour_type == PNG_COLOR_TYPE_RGB;
  if (!(indexed && header.bits <= 8) && !(rgb && header.bits == 8)) {
    refuse(name,
           fmt::format("the mask is {}; palette or grey of at most 8 bits is allowed",
                       kind_of(header)),
           draw_again);
  }
  require_png_size(header, name, limits, "scale picture and mask down");
}

void require_in_palette(const Mask& mask, int entries, const std::string& name) {
  const auto bad = std::find_if(mask.index.begin(), mask.index.end(),
                                [&](std::uint8_t index) { return index >= entries; });
  if (bad == mask.index.end()) return;
  const auto at = bad - mask.index.begin();
  refuse(name,
         fmt::format("index {} at x {}, y {}; the palette has only {} entries", *bad,
                     at % mask.width, at / mask.width, entries),
         draw_again);
}

std::optional<std::uint8_t> label_of(const Colour& colour, const Classes* own) {
  if (own != nullptr) return own->label_of(colour);
  const std::uint8_t index = voc_index(colour);
  if (voc_colour(index) == colour) return index;
  return {};
}

void indices_from_rgb(Mask& mask, const std::string& name, const Classes* own) {
  const std::size_t pixels = mask.index.size() / 3;
  for (std::size_t i = 0; i < pixels; ++i) {
    const Colour colour{mask.index[3 * i], mask.index[3 * i + 1], mask.index[3 * i + 2]};
    const auto index = label_of(colour, own);
    if (!index) {
      const auto width = static_cast<std::size_t>(mask.width);
      refuse(name,
             fmt::format("the mask is RGB, and its colour {},{},{} at x {}, y {} is not in {}; a "
                         "palette PNG is needed",
                         colour[0], colour[1], colour[2], i % width, i / width,
                         own == nullptr ? "the VOC colour map" : "classes.txt"),
             draw_again);
    }
    mask.index[i] = *index;
  }
  mask.index.resize(pixels);
  mask.notes.push_back(fmt::format("the mask is RGB; its colours were turned into {}",
                                   own == nullptr ? "VOC classes" : "classes"));
}

}  // namespace

Mask decode_mask(std::span<const std::uint8_t> bytes, const std::string& name, Mask recycled,
                 const DecodeLimits& limits, const Classes* own) {
  const PngHeader header = read_png_header(bytes, name);
  require_supported(header, name, limits);
  const bool rgb = header.colour_type == PNG_COLOR_TYPE_RGB;
  const std::size_t stride = std::size_t{header.width} * (rgb ? 3 : 1);

  Mask mask = std::move(recycled);
  mask.width = static_cast<int>(header.width);
  mask.height = static_cast<int>(header.height);
  mask.notes.clear();
  mask.index.resize(stride * header.height);
  std::vector<png_bytep> rows(header.height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = mask.index.data() + y * stride;

  PngDecoder decoder(bytes.data(), header.end);
  if (!read_png(&decoder, rows.data())) {
    refuse(name,
           fmt::format("damaged PNG at byte {} of {} ({})", decoder.position, bytes.size(),
                       decoder.text),
           "restore the file from its source, or take it out of the list");
  }
  if (decoder.note[0] != '\0') mask.notes.push_back(fmt::format("odd PNG ({})", decoder.note));
  if (header.end < bytes.size()) {
    mask.notes.push_back(
        fmt::format("{} bytes behind the PNG are ignored", bytes.size() - header.end));
  }
  if (rgb) {
    indices_from_rgb(mask, name, own);
  } else if (header.colour_type == PNG_COLOR_TYPE_PALETTE) {
    require_in_palette(mask, decoder.palette_entries, name);
  }
  return mask;
}

std::vector<std::uint8_t> encode_mask(const Mask& mask, const Classes& classes) {
  require(mask.width > 0 && mask.height > 0 &&
              mask.index.size() == static_cast<std::size_t>(mask.width) * mask.height,
          "[encode_mask] {} indices for {} x {} pixels", mask.index.size(), mask.width,
          mask.height);
  std::array<Colour, 256> palette;
  for (std::size_t i = 0; i < palette.size(); ++i) {
    palette[i] = classes.colour(static_cast<std::int64_t>(i));
  }
  // libpng's simplified interface: it keeps its own error state, without longjmp to the caller.
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(mask.width);
  image.height = static_cast<png_uint_32>(mask.height);
  image.format = PNG_FORMAT_RGB_COLORMAP;
  image.colormap_entries = palette.size();
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> bytes(size);
  const int written = png_image_write_to_memory(&image, bytes.data(), &size, 0, mask.index.data(),
                                                0, palette.data());
  require(written != 0, "[encode_mask] libpng: {}", image.message);
  bytes.resize(size);
  return bytes;
}

}  // namespace hikaku
