// libjpeg behind functions that return false. libjpeg leaves an error by longjmp, which must not
// jump over C++ objects: the frames that call setjmp hold none, and all state is in these structs.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h uses FILE without including it

#include <jpeglib.h>

namespace hikaku {

struct JpegErrors {
  jpeg_error_mgr manager{};
  std::jmp_buf on_failure{};
  char text[JMSG_LENGTH_MAX] = {};  ///< libjpeg's message of the failure
};

/// One picture to decode: set up, `read_jpeg_header`, look at `info`, `read_jpeg_pixels`.
struct JpegDecoder {
  static constexpr int max_notes = 4;

  JpegDecoder(const unsigned char* bytes, std::size_t size, int max_scans)
      : bytes(bytes), size(size), max_scans(max_scans) {}
  ~JpegDecoder() { jpeg_destroy_decompress(&info); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  const unsigned char* bytes;
  std::size_t size;
  int max_scans;
  bool in_pixels = false;  ///< from here on a warning means wrong pixels, and is a failure
  bool too_many_scans = false;
  std::size_t position = 0;  ///< byte at which decoding failed
  int note_count = 0;
  char notes[max_notes][JMSG_LENGTH_MAX] = {};
  JpegErrors errors;
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
};

/// Reads up to the first scan. Warnings on the way are harmless and go to `notes`.
[[nodiscard]] bool read_jpeg_header(JpegDecoder* decoder);

/// Decodes into `pixels`, `stride` bytes a row, in info.out_color_space (set it before), with the
/// accurate integer DCT and libjpeg's default upsampling, as Pillow does. False at the first
/// warning, too: libjpeg "decodes" a truncated file with grey and one warning.
[[nodiscard]] bool read_jpeg_pixels(JpegDecoder* decoder, unsigned char* pixels,
                                    std::size_t stride);

struct JpegEncoder {
  JpegEncoder() = default;
  ~JpegEncoder();
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  JpegErrors errors;
  jpeg_compress_struct info{};
  unsigned char* bytes = nullptr;  ///< the result, `size` bytes
  unsigned long size = 0;          // NOLINT: libjpeg's type
};

/// Encodes tight RGB rows as YCbCr 4:2:0.
[[nodiscard]] bool write_jpeg(JpegEncoder* encoder, const unsigned char* rgb, int width, int height,
                              int quality);

}  // namespace hikaku
