#include "data/list.h"

#include <algorithm>
#include <map>

#include "base/lines.h"
#include "data/file.h"

namespace hikaku {
namespace {

constexpr std::size_t max_id_bytes = 200;  // with its ending, below every file system's 255

[[noreturn]] void refuse(const std::string& file, int line, std::string found) {
  throw BadData({file, line, std::move(found), "write one id a line, such as 2007_000032"});
}

void require_id(std::string_view id, const std::string& file, int line) {
  if (id.size() > max_id_bytes) {
    refuse(file, line,
           fmt::format("an id of {} bytes; at most {} are allowed", id.size(), max_id_bytes));
  }
  const auto control = std::find_if(id.begin(), id.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control != id.end()) {
    refuse(file, line,
           fmt::format("control character 0x{:02x} in an id; is this a text file in UTF-8?",
                       static_cast<unsigned char>(*control)));
  }
  if (id.find_first_of("/\\ ") != std::string_view::npos || id.front() == '.') {
    refuse(
        file, line,
        fmt::format("\"{}\" is not an id; folders, blanks and a leading dot are not allowed", id));
  }
}

}  // namespace

List parse_list(std::string_view text, const std::string& file) {
  List list{file, {}};
  each_line(text, [&](int line, std::string_view content) {
    const std::string_view id = trimmed(content);
    if (id.empty()) return;
    require_id(id, file, line);
    list.entries.push_back({std::string(id), line});
  });
  if (list.entries.empty()) refuse(file, 0, "0 entries; at least 1 is needed");
  return list;
}

List read_list(const std::filesystem::path& path) {
  return parse_list(read_text(path), path.string());
}

std::vector<Finding> list_warnings(const List& train, const List& val) {
  std::vector<Finding> warnings;
  std::map<std::string_view, std::string> first_at;
  const auto scan = [&](const List& list) {
    for (const ListEntry& entry : list.entries) {
      const std::string here = fmt::format("{}:{}", list.file, entry.line);
      const auto [first, is_new] = first_at.emplace(entry.id, here);
      if (is_new) continue;
      warnings.push_back(
          {list.file, entry.line,
           fmt::format("\"{}\" is also in {}; it counts twice", entry.id, first->second),
           "take one of them out, unless it is meant"});
    }
  };
  scan(train);
  scan(val);
  return warnings;
}

}  // namespace hikaku
