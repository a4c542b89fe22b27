#include "device/cuda_module.h"

#include <gtest/gtest.h>

#include "base/memory.h"

namespace hikaku {
namespace {

CudaOptions on_device(int device) {
  CudaOptions options;
  options.device = device;
  return options;
}

TEST(CudaModule, ItsErrorsArriveAsWhatTheyAre) {
  try {
    (void)open_cuda(on_device(1), HIKAKU_MODULE);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::missing);
    EXPECT_STREQ(error.what(), "no such GPU");
    EXPECT_EQ(error.fix(), "buy one");
  }
  try {
    (void)open_cuda(on_device(0), HIKAKU_MODULE);
    FAIL() << "nothing was thrown";
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.available(), 1024u);
  }
}

TEST(CudaModule, AMissingOneIsSaidToBeMissing) {
  for (const char* module : {"libno_such_module.so", "libm.so.6", "/dev/null"}) {
    try {
      (void)open_cuda({}, module);
      FAIL() << module;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::missing) << module;
      EXPECT_NE(error.fix(), "") << module;
    }
  }
}

}  // namespace
}  // namespace hikaku
