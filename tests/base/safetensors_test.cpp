#include "base/safetensors.h"

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/philox.h"
#include "scratch_folder.h"

namespace hikaku {
namespace {

using SafetensorsTest = test::ScratchFolder;

std::vector<std::byte> file_of(const std::string& header, const std::string& data,
                               std::uint64_t length) {
  std::vector<std::byte> file(8 + header.size() + data.size());
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  std::memcpy(file.data() + 8 + header.size(), data.data(), data.size());
  return file;
}

std::vector<std::byte> file_of(const std::string& header, const std::string& data = "") {
  return file_of(header, data, header.size());
}

std::string refusal(std::vector<std::byte> file) {
  try {
    Safetensors::parse(std::move(file), "x.safetensors");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_checkpoint);
    return error.what();
  }
  return "accepted";
}

TEST_F(SafetensorsTest, WhatIsWrittenIsRead) {
  const std::vector<float> weight{1.5f, -2.0f, 0.25f, 3.0f, 4.0f, 5.0f};
  const std::vector<std::uint8_t> labels{1, 2, 255};
  const std::int64_t steps = 19;
  const double rate = 1e-3;
  write_safetensors(path("a"),
                    {{"labels", {StoredType::u8, {3}, std::as_bytes(std::span(labels))}},
                     {"weight", {StoredType::f32, {2, 3}, std::as_bytes(std::span(weight))}},
                     {"steps", {StoredType::i64, {}, std::as_bytes(std::span(&steps, 1))}},
                     {"rate", {StoredType::f64, {1, 1}, std::as_bytes(std::span(&rate, 1))}},
                     {"nothing", {StoredType::f32, {0, 4}, {}}}},
                    {{"epoch", "3"}, {"name", "\"quoted\" \xff"}});
  const Safetensors file = Safetensors::read(path("a"));
  EXPECT_EQ(file.tensors().size(), 5u);
  EXPECT_EQ(file.at("weight").values<float>(), weight);
  EXPECT_EQ(file.at("weight").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(file.at("labels").values<double>(), (std::vector<double>{1, 2, 255}));
  EXPECT_EQ(file.at("steps").values<double>(), std::vector<double>{19});
  EXPECT_EQ(file.at("rate").values<double>(), std::vector<double>{1e-3});
  EXPECT_EQ(file.at("nothing").count(), 0);
  EXPECT_EQ(file.metadata().at("epoch"), "3");
  EXPECT_THROW((void)file.at("bias"), Error);
}

TEST(SafetensorsHalf, ConvertsBothSixteenBitTypes) {
  const auto numbers = [](const char* type, const std::vector<std::uint16_t>& bits) {
    std::string data(bits.size() * 2, '\0');
    std::memcpy(data.data(), bits.data(), data.size());
    const std::string header =
        fmt::format(R"({{"t":{{"dtype":"{}","shape":[{}],"data_offsets":[0,{}]}}}})", type,
                    bits.size(), data.size());
    return Safetensors::parse(file_of(header, data), "t").at("t").values<double>();
  };
  EXPECT_EQ(numbers("F16", {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x03FF, 0x7C00}),
            (std::vector<double>{1, -2, 65504, 0x1p-24, 1023 * 0x1p-24, INFINITY}));
  EXPECT_EQ(numbers("BF16", {0x3F80, 0xC000, 0x4049}), (std::vector<double>{1, -2, 3.140625}));
}

TEST(SafetensorsDamage, IsRefusedWithTheRuleThatItBreaks) {
  const std::string eight(8, 'd');
  const auto one = [](const std::string& dtype, const std::string& shape, const std::string& at) {
    return R"({"t":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + at + "}}";
  };
  const std::string good = one(R"("F32")", "[2]", "[0,8]");
  EXPECT_EQ(refusal(file_of(good, eight)), "accepted");
  EXPECT_EQ(refusal(file_of(good + "   ", eight)), "accepted");  // padded
  EXPECT_EQ(refusal(std::vector<std::byte>(7)), "x.safetensors: has only 7 bytes");

  const struct {
    std::vector<std::byte> file;
    const char* rule;
  } cases[] = {
      {file_of(good, eight, 100'000'001), "a header of 100000001 bytes"},
      {file_of(good, eight, UINT64_MAX), "a header of 18446744073709551615 bytes"},
      {file_of(good, eight, good.size() + 9), "a header of"},
      {file_of("", eight), "a header of 0 bytes"},
      {file_of("[" + good + "]", eight), "does not start with '{'"},
      {file_of(good.substr(1), eight), "does not start with '{'"},
      {file_of(good + "x", eight), "not JSON at its byte"},
      {file_of("{\"t\xff\":1}", eight), "not JSON at its byte"},
      {file_of(R"({"t":1e999})", eight), "out of range"},
      {file_of(R"({"a":{"x":{"y":{"z":{}}}}})", eight), "nested too deep"},
      {file_of(std::string(R"({"a":)") + std::string(100000, '['), eight), "nested too deep"},
      {file_of(R"({"__metadata__":{},"__metadata__":{}})"), "\"__metadata__\" occurs twice"},
      {file_of(R"({"t":{"dtype":"U8","dtype":"U8","shape":[8],"data_offsets":[0,8]}})", eight),
       "\"dtype\" occurs twice"},
      {file_of(R"({"__metadata__":{"a":1}})"), "__metadata__ \"a\" is not a text"},
      {file_of(R"({"__metadata__":[]})"), "__metadata__ is not an object"},
      {file_of(R"({"t":{"dtype":"U8","shape":[8]}})", eight),
       "needs dtype, shape and data_offsets"},
      {file_of(one(R"("F8")", "[8]", "[0,8]"), eight), "dtype \"F8\" is not one of F64"},
      {file_of(one("7", "[8]", "[0,8]"), eight), "dtype 7 is not one of F64"},
      {file_of(one(R"("U8")", "[-8]", "[0,8]"), eight), "shape [-8] is not a list of sizes"},
      {file_of(one(R"("U8")", "[8.0]", "[0,8]"), eight), "shape [8.0] is not a list of sizes"},
      {file_of(one(R"("U8")", "[18446744073709551615]", "[0,8]"), eight), "not a list of sizes"},
      {file_of(one(R"("F32")", "[4294967296,4294967296,2]", "[0,8]"), eight), "is too large"},
      {file_of(one(R"("U8")", "[8]", "[0,9]"), eight), "do not lie in the file's 8 bytes"},
      {file_of(one(R"("U8")", "[8]", "[8,0]"), eight), "do not lie in the file's 8 bytes"},
      {file_of(one(R"("U8")", "[8]", "[0]"), eight), "do not lie in the file's 8 bytes"},
      {file_of(one(R"("F32")", "[3]", "[0,8]"), eight), "has 8 bytes, its shape needs 12"},
      {file_of(one(R"("U8")", "[4]", "[4,8]"), eight), "hole or overlap at byte 0"},
      {file_of(one(R"("U8")", "[4]", "[0,4]"), eight), "4 bytes behind the last tensor"},
      {file_of(R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},)"
               R"("b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}})",
               eight),
       "hole or overlap at byte 5"},
  };
  for (const auto& damage : cases) {
    EXPECT_NE(refusal(damage.file).find(damage.rule), std::string::npos)
        << refusal(damage.file) << "\n  wanted: " << damage.rule;
  }
}

std::vector<std::byte> good_file() {
  std::string data(48, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i);
  return file_of(R"({"__metadata__":{"step":"3"},)"
                 R"("weight":{"dtype":"F32","shape":[2,5],"data_offsets":[0,40]},)"
                 R"("empty":{"dtype":"F16","shape":[0],"data_offsets":[40,40]},)"
                 R"("labels":{"dtype":"U8","shape":[8],"data_offsets":[40,48]}})",
                 data);
}

TEST(SafetensorsDamage, EveryTruncationIsRefused) {
  const auto file = good_file();
  ASSERT_EQ(refusal(file), "accepted");
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(refusal({file.begin(), file.begin() + std::ptrdiff_t(size)}), "accepted") << size;
  }
  auto longer = file;
  longer.push_back(std::byte{0});
  EXPECT_NE(refusal(longer), "accepted");
}

/// The format has no checksum: a flipped bit of data goes through, but nothing may crash or read
/// outside (run under the address sanitizer).
TEST(SafetensorsDamage, RandomDamageNeverCrashes) {
  const auto file = good_file();
  Philox random(1, RandomUse::check);
  int refused = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    auto damaged = file;
    const std::uint32_t changes = 1 + random.below(4);
    for (std::uint32_t i = 0; i < changes; ++i) {
      auto& byte = damaged[random.below(static_cast<std::uint32_t>(file.size()))];
      byte = random.below(2) == 0 ? std::byte(random.below(256))
                                  : byte ^ std::byte(1u << random.below(8));
    }
    try {
      const Safetensors parsed = Safetensors::parse(damaged, "x");
      for (const auto& [name, tensor] : parsed.tensors()) (void)tensor.values<double>();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_checkpoint);
      ++refused;
    }
  }
  EXPECT_GT(refused, 10000);
}

TEST_F(SafetensorsTest, WhatCannotBeReadIsNamed) {
  for (const auto& bad : {path("absent"), path("")}) {
    try {
      Safetensors::read(bad);
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_data);
      EXPECT_EQ(std::string(error.what()).find(bad.string() + ": cannot be read: "), 0u);
    }
  }
}

}  // namespace
}  // namespace hikaku
