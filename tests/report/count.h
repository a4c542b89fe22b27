// How often a part stands in a text.
#pragma once

#include <string>

namespace hikaku {

inline int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace hikaku
