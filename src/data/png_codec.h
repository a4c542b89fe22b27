// libpng behind functions that return false: as jpeg_codec.h, for the same reason.
#pragma once

#include <png.h>

#include <csetjmp>
#include <cstddef>

namespace hikaku {

struct PngDecoder {
  PngDecoder(const unsigned char* bytes, std::size_t size) : bytes(bytes), size(size) {}
  ~PngDecoder() { png_destroy_read_struct(&png, &info, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  const unsigned char* bytes;
  std::size_t size;
  std::size_t position = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf on_failure{};
  char text[96] = {};  ///< libpng's message of the failure
  char note[96] = {};  ///< its last warning
  int palette_entries = 0;
};

/// Reads the whole file into `rows`: one byte a pixel for palette and grey (the stored value, never
/// expanded), three for RGB. All chunks but the pixels' own are skipped, after their checksum.
[[nodiscard]] bool read_png(PngDecoder* decoder, png_bytepp rows);

}  // namespace hikaku
