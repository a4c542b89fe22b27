#include "base/checksums.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "scratch_folder.h"

namespace hikaku {
namespace {

class Checksums : public test::ScratchFolder {
 protected:
  /// A small file with two tensors and some metadata.
  std::vector<std::byte> written(Metadata metadata = {{"hikaku.kind", "weights"}, {"other", "x"}}) {
    const std::vector<float> a{1, 2, 3, 4, 5, 6}, b{7};
    std::vector<NamedTensor> tensors{
        {"a", {StoredType::f32, {2, 3}, std::as_bytes(std::span(a))}},
        {"b.weight", {StoredType::f32, {1}, std::as_bytes(std::span(b))}}};
    add_checksums(tensors, metadata);
    write_safetensors(path("file"), tensors, metadata);
    const std::string content = test::content_of(path("file"));
    const auto bytes = std::as_bytes(std::span(content));
    return {bytes.begin(), bytes.end()};
  }
};

/// Whether a file with these bytes is taken for one of ours, or refused with
/// ExitCode::bad_checkpoint.
bool accepted(const std::vector<std::byte>& bytes) {
  try {
    return verify_checksums(Safetensors::parse(bytes, "file"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_checkpoint) << error.what();
    return false;
  }
}

TEST(Crc32, IsZlibs) {
  const std::string text = "123456789";
  EXPECT_EQ(crc32_of(std::as_bytes(std::span(text))), "cbf43926");
}

TEST_F(Checksums, EverySingleFlippedBitIsSeen) {
  const std::vector<std::byte> good = written();
  ASSERT_TRUE(accepted(good));
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::vector<std::byte> bad = good;
    bad[i / 8] ^= std::byte{1} << (i % 8);
    EXPECT_FALSE(accepted(bad)) << "bit " << i;
  }
}

TEST_F(Checksums, EveryTruncationIsSeen) {
  const std::vector<std::byte> good = written();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(accepted({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
}

TEST_F(Checksums, AnotherProgramsFileHasNone) {
  const std::vector<float> a{1};
  write_safetensors(path("other"), {{"a", {StoredType::f32, {1}, std::as_bytes(std::span(a))}}},
                    {{"format", "pt"}});
  EXPECT_FALSE(verify_checksums(Safetensors::read(path("other"))));
}

TEST_F(Checksums, TextsThatAreNoUtf8StayVerifiable) {
  EXPECT_TRUE(accepted(written({{"hikaku.config", "data = \"\xff\xfe\""}})));
}

}  // namespace
}  // namespace hikaku
