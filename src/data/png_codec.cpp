#include "data/png_codec.h"

#include <cstdio>
#include <cstring>

namespace hikaku {
namespace {

[[noreturn]] void fail(png_structp png, png_const_charp text) {
  auto* decoder = static_cast<PngDecoder*>(png_get_error_ptr(png));
  std::snprintf(decoder->text, sizeof decoder->text, "%s", text);
  std::longjmp(decoder->on_failure, 1);
}

void take_warning(png_structp png, png_const_charp text) {
  auto* decoder = static_cast<PngDecoder*>(png_get_error_ptr(png));
  std::snprintf(decoder->note, sizeof decoder->note, "%s", text);
}

void read_bytes(png_structp png, png_bytep target, std::size_t count) {
  auto* decoder = static_cast<PngDecoder*>(png_get_io_ptr(png));
  if (count > decoder->size - decoder->position) png_error(png, "ends early");
  std::memcpy(target, decoder->bytes + decoder->position, count);
  decoder->position += count;
}

}  // namespace

bool read_png(PngDecoder* decoder, png_bytepp rows) {
  if (setjmp(decoder->on_failure) != 0) return false;
  decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, fail, take_warning);
  if (!decoder->png) return false;
  png_structp png = decoder->png;
  decoder->info = png_create_info_struct(png);
  if (!decoder->info) return false;
  png_set_read_fn(png, decoder, read_bytes);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Text and colour profiles can hold compressed bombs, and nobody reads them here.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png, decoder->info);
  png_set_packing(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, decoder->info);
  png_colorp palette = nullptr;
  png_get_PLTE(png, decoder->info, &palette, &decoder->palette_entries);
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

}  // namespace hikaku
