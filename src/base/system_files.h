// Reading the small text files in which Linux describes itself.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace hikaku {

/// The first line, without its end; empty if the file cannot be read.
inline std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// What follows `key` and the separators ":", "=", blanks and quotes on the first line that begins
/// with it.
inline std::string value_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t begin = line.find_first_not_of(" \t:=\"", key.size());
    if (begin == std::string::npos) return {};
    return line.substr(begin, line.find_last_not_of("\" \t") - begin + 1);
  }
  return {};
}

/// The number a text begins with: "24689880 kB", "max" has none.
inline std::optional<std::int64_t> number_in(const std::string& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  return std::strtoll(text.c_str(), nullptr, 10);
}

}  // namespace hikaku
