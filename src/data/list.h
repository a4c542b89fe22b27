// List files: one id a line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/finding.h"

namespace hikaku {

struct ListEntry {
  std::string id;
  int line = 0;  ///< counted from 1
};

struct List {
  std::string file;
  std::vector<ListEntry> entries;
};

/// Accepts CRLF, a UTF-8 byte order mark, blanks round an id, blank lines and a missing last
/// newline. BadData with the line for an id that is no plain file name, and for a list of 0
/// entries.
[[nodiscard]] List parse_list(std::string_view text, const std::string& file);
[[nodiscard]] List read_list(const std::filesystem::path& path);

/// What is allowed and still likely a mistake: an id twice in a list, or in both lists.
[[nodiscard]] std::vector<Finding> list_warnings(const List& train, const List& val);

}  // namespace hikaku
