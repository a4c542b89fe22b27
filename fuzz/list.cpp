// List files: ids that are plain file names, or a refusal.
#include "data/list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hikaku;
  try {
    const List list = parse_list({reinterpret_cast<const char*>(data), size}, "f.txt");
    if (list.entries.empty()) __builtin_trap();
    for (const ListEntry& entry : list.entries) {
      const bool is_name = !entry.id.empty() && entry.id.find('/') == std::string::npos &&
                           entry.id.find('\0') == std::string::npos && entry.id[0] != '.';
      if (!is_name || entry.line < 1) __builtin_trap();
    }
    (void)list_warnings(list, list);
  } catch (const BadData& error) {
    if (error.finding().file != "f.txt" || error.fix().empty()) __builtin_trap();
  }
  return 0;
}
