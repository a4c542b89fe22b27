#include "compare/bandwidth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "cpu/backend.h"

namespace hikaku {
namespace {

TEST(Bandwidth, OfACpuIsTheTriad) {
  const auto cpu = make_cpu_backend();
  const auto found = measure_bandwidth(*cpu);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->how, "triad");
  EXPECT_GT(found->bytes_per_second, 1e8);
}

TEST(Backend, CopiesFromPlaceToPlace) {
  const auto cpu = make_cpu_backend();
  const std::string text = "from one place to another";
  void *from = cpu->allocate(text.size()), *to = cpu->allocate(text.size());
  cpu->copy_to_device(text.data(), from, text.size());
  cpu->copy(from, to, text.size());
  std::string found(text.size(), ' ');
  cpu->copy_to_host(to, found.data(), found.size());
  EXPECT_EQ(found, text);
  cpu->release(from);
  cpu->release(to);
}

}  // namespace
}  // namespace hikaku
