#include "data/jpeg.h"

#include <jerror.h>

#include <new>

#include "data/finding.h"
#include "data/jpeg_codec.h"

namespace hikaku {
namespace {

constexpr const char* replace_file = "restore the file from its source, or take it out of the list";
constexpr const char* convert_file = "convert it, for example: convert IN -colorspace sRGB OUT.jpg";

[[noreturn]] void refuse(const std::string& name, std::string found, const char* fix) {
  throw BadData({name, 0, std::move(found), fix});
}

[[noreturn]] void refuse_failure(const JpegDecoder& decoder, const std::string& name) {
  const jpeg_error_mgr& error = decoder.errors.manager;
  if (decoder.too_many_scans) {
    refuse(name, fmt::format("more than {} scans; so many only waste time", decoder.max_scans),
           convert_file);
  }
  switch (error.msg_code) {
    case JWRN_JPEG_EOF:
      refuse(name,
             fmt::format("the JPEG ends early at byte {}{}", decoder.size,
                         decoder.in_pixels ? " of the entropy data" : ", in its header"),
             replace_file);
    case JERR_NO_SOI:
      refuse(name, "not a JPEG; the first bytes must be ff d8", convert_file);
    case JERR_BAD_PRECISION:
      refuse(name, fmt::format("a {}-bit JPEG; 8 bits a sample are allowed", error.msg_parm.i[0]),
             convert_file);
    case JERR_SOF_UNSUPPORTED:
      refuse(name,
             fmt::format("a lossless or hierarchical JPEG (SOF{}); baseline and progressive are "
                         "allowed",
                         error.msg_parm.i[0] & 15),
             convert_file);
    case JERR_OUT_OF_MEMORY:
      throw std::bad_alloc();
    default:
      refuse(name,
             fmt::format("damaged JPEG at byte {} of {} ({})", decoder.position, decoder.size,
                         decoder.errors.text),
             replace_file);
  }
}

void require_supported(const jpeg_decompress_struct& info, const std::string& name,
                       const DecodeLimits& limits) {
  if (std::int64_t{info.image_width} * info.image_height > limits.pixels) {
    refuse(name,
           fmt::format("{} x {} pixels; at most {} are allowed", info.image_width,
                       info.image_height, limits.pixels),
           "scale the picture down");
  }
  if (info.data_precision != 8) {
    refuse(name, fmt::format("a {}-bit JPEG; 8 bits a sample are allowed", info.data_precision),
           convert_file);
  }
  if (info.jpeg_color_space == JCS_UNKNOWN) {
    refuse(name, fmt::format("{} colour components; 1, 3 or 4 are allowed", info.num_components),
           convert_file);
  }
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (const jpeg_marker_struct* marker = info.marker_list; marker; marker = marker->next) {
    const int orientation = exif_orientation({marker->data, marker->data_length});
    if (orientation != 1) return orientation;
  }
  return 1;
}

void take_notes(const JpegDecoder& decoder, Picture& picture) {
  for (int i = 0; i < decoder.note_count; ++i) {
    picture.notes.push_back(fmt::format("odd JPEG header ({})", decoder.notes[i]));
  }
  if (picture.orientation != 1) {
    picture.notes.push_back(fmt::format(
        "EXIF orientation {} is ignored: the mask follows the stored pixels", picture.orientation));
  }
}

/// Inverted CMYK to RGB with Pillow's rounding; RGB may begin where CMYK begins.
void rgb_from_cmyk(const std::uint8_t* cmyk, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const unsigned key = cmyk[4 * i + 3];
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const unsigned ink = (255u - cmyk[4 * i + channel]) * key + 128;
      rgb[3 * i + channel] = static_cast<std::uint8_t>(key - ((ink + (ink >> 8)) >> 8));
    }
  }
}

}  // namespace

Picture decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& name, Picture recycled,
                    const DecodeLimits& limits) {
  JpegDecoder decoder(bytes.data(), bytes.size(), limits.scans);
  if (!read_jpeg_header(&decoder)) refuse_failure(decoder, name);
  jpeg_decompress_struct& info = decoder.info;
  require_supported(info, name, limits);

  Picture picture = std::move(recycled);
  picture.width = static_cast<int>(info.image_width);
  picture.height = static_cast<int>(info.image_height);
  picture.orientation = orientation_of(info);
  picture.notes.clear();
  take_notes(decoder, picture);

  const bool cmyk = info.num_components == 4;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  const std::size_t stride = std::size_t{info.image_width} * (cmyk ? 4 : 3);
  const std::size_t pixels = std::size_t{info.image_width} * info.image_height;
  picture.rgb.resize(stride * info.image_height);
  if (!read_jpeg_pixels(&decoder, picture.rgb.data(), stride)) refuse_failure(decoder, name);
  if (cmyk) {
    rgb_from_cmyk(picture.rgb.data(), pixels, picture.rgb.data());
    picture.rgb.resize(3 * pixels);
  }
  return picture;
}

std::vector<std::uint8_t> encode_jpeg(const Picture& picture, int quality) {
  const std::int64_t pixels = std::int64_t{picture.width} * picture.height;
  require(pixels > 0 && std::cmp_equal(picture.rgb.size(), 3 * pixels),
          "[encode_jpeg] {} bytes for {} x {} pixels", picture.rgb.size(), picture.width,
          picture.height);
  JpegEncoder encoder;
  if (!write_jpeg(&encoder, picture.rgb.data(), picture.width, picture.height, quality)) {
    require(false, "[encode_jpeg] libjpeg: {}", encoder.errors.text);
  }
  return {encoder.bytes, encoder.bytes + encoder.size};
}

}  // namespace hikaku
