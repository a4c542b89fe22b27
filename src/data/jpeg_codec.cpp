#include "data/jpeg_codec.h"

#include <jerror.h>

#include <cstdlib>

namespace hikaku {
namespace {

JpegDecoder* decoder_of(j_common_ptr info) { return static_cast<JpegDecoder*>(info->client_data); }

[[noreturn]] void fail(j_common_ptr info, JpegErrors& errors) {
  errors.manager.format_message(info, errors.text);
  std::longjmp(errors.on_failure, 1);
}

[[noreturn]] void fail_decoding(j_common_ptr info) {
  JpegDecoder* decoder = decoder_of(info);
  const bool ended = decoder->errors.manager.msg_code == JWRN_JPEG_EOF || !decoder->info.src;
  decoder->position = decoder->size - (ended ? 0 : decoder->info.src->bytes_in_buffer);
  fail(info, decoder->errors);
}

[[noreturn]] void fail_encoding(j_common_ptr info) {
  fail(info, static_cast<JpegEncoder*>(info->client_data)->errors);
}

void take_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // only a trace
  JpegDecoder* decoder = decoder_of(info);
  if (decoder->in_pixels || decoder->errors.manager.msg_code == JWRN_JPEG_EOF) {
    fail_decoding(info);
  }
  if (decoder->note_count < JpegDecoder::max_notes) {
    decoder->errors.manager.format_message(info, decoder->notes[decoder->note_count++]);
  }
}

void ignore_message(j_common_ptr /*info*/, int /*level*/) {}

void limit_scans(j_common_ptr info) {
  JpegDecoder* decoder = decoder_of(info);
  if (decoder->info.input_scan_number <= decoder->max_scans) return;
  decoder->too_many_scans = true;
  fail_decoding(info);
}

}  // namespace

bool read_jpeg_header(JpegDecoder* decoder) {
  jpeg_decompress_struct& info = decoder->info;
  info.err = jpeg_std_error(&decoder->errors.manager);
  info.client_data = decoder;
  info.err->error_exit = fail_decoding;
  info.err->emit_message = take_message;
  if (setjmp(decoder->errors.on_failure) != 0) return false;
  jpeg_create_decompress(&info);
  decoder->progress.progress_monitor = limit_scans;
  info.progress = &decoder->progress;
  jpeg_mem_src(&info, decoder->bytes, decoder->size);
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);  // EXIF
  jpeg_read_header(&info, TRUE);
  decoder->in_pixels = true;
  return true;
}

bool read_jpeg_pixels(JpegDecoder* decoder, unsigned char* pixels, std::size_t stride) {
  jpeg_decompress_struct& info = decoder->info;
  if (setjmp(decoder->errors.on_failure) != 0) return false;
  info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels + info.output_scanline * stride;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);  // reads on to the end marker: a cut after the last row shows here
  return true;
}

JpegEncoder::~JpegEncoder() {
  jpeg_destroy_compress(&info);
  std::free(bytes);  // NOLINT: libjpeg took it from malloc
}

bool write_jpeg(JpegEncoder* encoder, const unsigned char* rgb, int width, int height,
                int quality) {
  jpeg_compress_struct& info = encoder->info;
  info.err = jpeg_std_error(&encoder->errors.manager);
  info.client_data = encoder;
  info.err->error_exit = fail_encoding;
  info.err->emit_message = ignore_message;
  if (setjmp(encoder->errors.on_failure) != 0) return false;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &encoder->bytes, &encoder->size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(rgb) +  // NOLINT: libjpeg does not write there
                   static_cast<std::size_t>(info.next_scanline) * info.image_width * 3;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace hikaku
