// JPEG pictures: decode or refuse by name.
#include "data/jpeg.h"
#include "data/finding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hikaku;
  try {
    // Small pictures reach the same code, and many more of them a second.
    const Picture picture = decode_jpeg({data, size}, "f.jpg", {}, {1 << 20, 100});
    const auto pixels =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    if (picture.rgb.size() != 3 * pixels) __builtin_trap();
  } catch (const BadData& error) {
    if (error.finding().file != "f.jpg" || error.fix().empty()) __builtin_trap();
  }
  return 0;
}
