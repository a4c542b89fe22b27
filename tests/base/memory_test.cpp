#include "base/memory.h"

#include <gtest/gtest.h>

namespace hikaku {
namespace {

TEST(Memory, SomeIsAvailableAndNotMoreThanThereIs) {
  const MemoryFacts memory = read_memory();
  EXPECT_GT(memory.total, 1 << 20);
  EXPECT_GT(memory.available, 0);
  EXPECT_LE(memory.available, memory.total);
}

TEST(Memory, WhatIsThereIsGrantedAndWhatIsNotIsRefused) {
  EXPECT_NO_THROW(require_host_memory(std::size_t{1} << 20));
  EXPECT_NO_THROW(require_host_memory(static_cast<std::size_t>(read_memory().available) / 2));
  const auto all = static_cast<std::size_t>(read_memory().total);
  try {
    require_host_memory(all + 1);
    FAIL() << "granted";
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.code(), ExitCode::out_of_memory);
    EXPECT_GT(error.available(), 0U);
    EXPECT_LE(error.available(), all);
  }
}

TEST(Memory, TheRefusalSaysWhatIsNeededAndWhatIsFree) {
  const OutOfMemory error("host memory", "a picture", std::size_t{3} << 30, std::size_t{1} << 29,
                          "paint a smaller one");
  EXPECT_STREQ(error.what(), "host memory: a picture needs 3.00 GiB; 0.50 GiB are free");
  EXPECT_EQ(error.fix(), "paint a smaller one");
}

}  // namespace
}  // namespace hikaku
