// PNG masks: decode or refuse by name.
#include "data/png.h"
#include "data/finding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hikaku;
  try {
    const Mask mask = decode_mask({data, size}, "f.png", {}, {1 << 20, 100});
    const auto pixels =
        static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height);
    if (mask.index.size() != pixels) __builtin_trap();
  } catch (const BadData& error) {
    if (error.finding().file != "f.png" || error.fix().empty()) __builtin_trap();
  }
  return 0;
}
