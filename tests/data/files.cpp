#include "files.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "data/file.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "data/voc_palette.h"

namespace hikaku {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "hikaku-test-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

TempFolder::~TempFolder() { std::filesystem::remove_all(path_); }

Bytes make_jpeg(const JpegSpec& spec) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = static_cast<JDIMENSION>(spec.width);
  info.image_height = static_cast<JDIMENSION>(spec.height);
  info.input_components = spec.components;
  info.in_color_space = spec.components == 1   ? JCS_GRAYSCALE
                        : spec.components == 3 ? JCS_RGB
                                               : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (spec.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  Bytes row(static_cast<std::size_t>(spec.width * spec.components));
  while (info.next_scanline < info.image_height) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] =
          spec.colour.empty()
              ? static_cast<std::uint8_t>(i * 7 + std::size_t{11} * info.next_scanline + i * i / 9)
              : spec.colour[i % spec.colour.size()];
    }
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes bytes(memory, memory + size);
  std::free(memory);
  return bytes;
}

Bytes with_orientation(const Bytes& jpeg, int orientation) {
  const Bytes marker{
      0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,
      'M',  'M',  0, 42, 0,   0,   0,   8,   0, 1,
      1,    0x12, 0, 3,  0,   0,   0,   1,   0, static_cast<std::uint8_t>(orientation),
      0,    0,    0, 0,  0,   0};
  Bytes bytes = jpeg;
  bytes.insert(bytes.begin() + 2, marker.begin(), marker.end());
  return bytes;
}

namespace {

void append_number(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

Bytes png_chunk(const std::string& type, const Bytes& content) {
  Bytes chunk;
  append_number(chunk, static_cast<std::uint32_t>(content.size()));
  for (const char letter : type) chunk.push_back(static_cast<std::uint8_t>(letter));
  append(chunk, content);
  const uLong sum = crc32(0, chunk.data() + 4, static_cast<uInt>(chunk.size() - 4));
  append_number(chunk, static_cast<std::uint32_t>(sum));
  return chunk;
}

Bytes make_png(const PngSpec& spec, const Bytes& rows) {
  Bytes bytes{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  append_number(header, spec.width);
  append_number(header, spec.height);
  append(header, {static_cast<std::uint8_t>(spec.bits), static_cast<std::uint8_t>(spec.colour_type),
                  0, 0, 0});
  append(bytes, png_chunk("IHDR", header));
  if (spec.colour_type == 3) {
    Bytes palette;
    for (int i = 0; i < spec.palette_entries; ++i) {
      const Colour colour = voc_colour(static_cast<std::uint8_t>(i));
      palette.insert(palette.end(), colour.begin(), colour.end());
    }
    append(bytes, png_chunk("PLTE", palette));
  }
  uLongf size = compressBound(rows.size());
  Bytes packed(size);
  compress(packed.data(), &size, rows.data(), rows.size());
  packed.resize(size);
  append(bytes, png_chunk("IDAT", packed));
  append(bytes, png_chunk("IEND", {}));
  return bytes;
}

Picture ramp(int width, int height) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {x * 255 / width, y * 255 / height, (x + y) & 255}) {
        picture.rgb.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return picture;
}

Mask disc(int width, int height, std::uint8_t label) {
  Mask mask;
  mask.width = width;
  mask.height = height;
  const int radius = std::min(width, height) / 3;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int dx = x - width / 2, dy = y - height / 2, distance = dx * dx + dy * dy;
      mask.index.push_back(distance < (radius - 2) * (radius - 2) ? label
                           : distance < radius * radius           ? void_label
                                                                  : std::uint8_t{0});
    }
  }
  return mask;
}

void make_voc(const std::filesystem::path& root, int train, int val) {
  for (const char* folder : {"JPEGImages", "SegmentationClass", "listfile"}) {
    std::filesystem::create_directories(root / folder);
  }
  std::string lists[2];
  for (int i = 0; i < train + val; ++i) {
    const std::string id = fmt::format("pair_{:02}", i);
    const int width = 40 + 3 * i, height = 30 + 2 * i;
    write_file(root / "JPEGImages" / (id + ".jpg"), encode_jpeg(ramp(width, height)));
    write_file(root / "SegmentationClass" / (id + ".png"),
               encode_mask(disc(width, height, static_cast<std::uint8_t>(1 + i % 20))));
    lists[i < train ? 0 : 1] += id + "\n";
  }
  write_text(root / "listfile" / "train_list_300.txt", lists[0]);
  write_text(root / "listfile" / "val_list_100.txt", lists[1]);
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const BadData& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_FALSE(error.fix().empty());
    return std::string(error.what()) + " | " + error.fix();
  }
  ADD_FAILURE() << "accepted what it must refuse";
  return "";
}

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes, std::uint64_t hash) {
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

std::filesystem::path folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

}  // namespace hikaku
