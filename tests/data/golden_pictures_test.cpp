// From files to the network's input against PyTorch's own pipeline (Pillow, torchvision): every
// bit.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

#include "data/jpeg.h"
#include "data/png.h"
#include "data/transform.h"
#include "golden.h"

namespace hikaku {
namespace {

constexpr int side = 256;

std::vector<std::uint8_t> content_of(const std::string& file) {
  std::ifstream stream(test::golden_path(file), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class GoldenPicture : public testing::TestWithParam<const char*> {
 protected:
  const std::string name_ = GetParam();
  const test::Golden golden_{"preprocess.safetensors"};
};

TEST_P(GoldenPicture, ImageIsPyTorchs) {
  const Picture picture = decode_jpeg(content_of(name_ + ".jpg"), name_);
  EXPECT_EQ(fmt::format("{}x{}", picture.width, picture.height), golden_.text("size:" + name_));
  std::vector<float> image(std::size_t{3} * side * side);
  transform_picture(picture, side, side, image.data());
  const auto bytes = std::as_bytes(std::span(image));
  const auto checksum =
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  EXPECT_EQ(fmt::format("{:08x}", checksum), golden_.text("crc32:" + name_ + "/image"));
}

TEST_P(GoldenPicture, LabelsArePyTorchs) {
  const Mask mask = decode_mask(content_of(name_ + ".png"), name_);
  std::vector<std::uint8_t> labels(std::size_t{side} * side);
  transform_mask(mask, side, side, 255, labels.data());
  EXPECT_EQ(std::vector<double>(labels.begin(), labels.end()), golden_.values(name_ + "/labels"));
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenPicture,
                         testing::Values("landscape_420", "portrait_444", "odd_420", "progressive",
                                         "grey", "small_422"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace hikaku
