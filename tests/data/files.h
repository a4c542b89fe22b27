// Small files, good and bad, made in code.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/finding.h"
#include "data/picture.h"

namespace hikaku {

using Bytes = std::vector<std::uint8_t>;

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct JpegSpec {
  int width = 48, height = 32;
  int components = 3;  ///< 1 grey, 3 YCbCr, 4 CMYK
  bool progressive = false;
  Bytes colour = {};  ///< of every pixel; if empty, a pattern
};
/// Random smooth content, so that the entropy data are many.
Bytes make_jpeg(const JpegSpec& spec = {});

/// Puts an EXIF marker with this orientation behind the start of the file.
Bytes with_orientation(const Bytes& jpeg, int orientation);

struct PngSpec {
  std::uint32_t width = 4, height = 2;
  int bits = 8, colour_type = 3;
  int palette_entries = 256;
};
Bytes png_chunk(const std::string& type, const Bytes& content);
/// `rows`: each begins with its filter byte 0 and is packed as the spec says.
Bytes make_png(const PngSpec& spec, const Bytes& rows);

/// A picture with a colour ramp, and a mask of one class inside void.
Picture ramp(int width, int height);
Mask disc(int width, int height, std::uint8_t label);

/// A VOC folder of good pairs with ids pair_00 and on; the first `train` are in the training list.
void make_voc(const std::filesystem::path& root, int train, int val);

/// Runs `work`, which must throw BadData, and returns "what | fix".
std::string refusal(const std::function<void()>& work);

/// The text of a refusal begins so.
#define EXPECT_REFUSAL(text, beginning)                                   \
  do {                                                                    \
    const std::string& text_ = (text);                                    \
    EXPECT_EQ(text_.substr(0, std::string(beginning).size()), beginning); \
  } while (false)

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes, std::uint64_t hash = 0xcbf29ce484222325u);

/// The folder in an environment variable, or empty.
std::filesystem::path folder_in(const char* variable);

}  // namespace hikaku
