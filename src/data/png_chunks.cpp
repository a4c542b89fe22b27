#include "data/png_chunks.h"

#include <array>
#include <cstring>

#include "data/finding.h"

namespace hikaku {
namespace {

[[noreturn]] void refuse(const std::string& name, std::string found) {
  throw BadData(
      {name, 0, std::move(found), "restore the file from its source, or take it out of the list"});
}

std::uint32_t big_endian(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
         at[3];
}

}  // namespace

PngHeader read_png_header(std::span<const std::uint8_t> bytes, const std::string& name) {
  constexpr std::array<std::uint8_t, 8> signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  constexpr std::size_t frame = 12;  // length, type and checksum of a chunk
  if (bytes.size() < signature.size() ||
      std::memcmp(bytes.data(), signature.data(), signature.size()) != 0) {
    refuse(name, "not a PNG; the first bytes must be 89 50 4e 47 0d 0a 1a 0a");
  }
  PngHeader header;
  for (std::size_t at = signature.size();;) {
    const std::size_t left = bytes.size() - at;
    const std::size_t length = left >= frame ? big_endian(&bytes[at]) : 0;
    if (left < frame || length > left - frame) {
      refuse(name, fmt::format("the PNG ends early: the chunk at byte {} is not whole, and there "
                               "is no end chunk",
                               at));
    }
    const std::uint8_t* type = &bytes[at + 4];
    if (at == signature.size()) {
      if (std::memcmp(type, "IHDR", 4) != 0 || length != 13) {
        refuse(name, "damaged PNG: the first chunk is not a header (IHDR)");
      }
      header = {big_endian(type + 4), big_endian(type + 8), type[12], type[13], 0};
    }
    at += frame + length;
    if (std::memcmp(type, "IEND", 4) == 0) {
      header.end = at;
      return header;
    }
  }
}

void require_png_size(const PngHeader& header, const std::string& name, const DecodeLimits& limits,
                      const char* fix) {
  constexpr std::uint32_t max_side = 65535;
  if (header.width > 0 && header.height > 0 && header.width <= max_side &&
      header.height <= max_side && std::int64_t{header.width} * header.height <= limits.pixels) {
    return;
  }
  throw BadData({name, 0,
                 fmt::format("{} x {} pixels; 1 to {} on a side and at most {} are allowed",
                             header.width, header.height, max_side, limits.pixels),
                 fix});
}

}  // namespace hikaku
