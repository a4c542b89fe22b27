// Texts that a reporter wrote before and that were looked at: a change of them must be wanted.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace hikaku {

/// Compares with tests/report/golden/<name>; HIKAKU_UPDATE_GOLDEN=1 writes that file instead.
inline void expect_golden(const std::string& text, const std::string& name) {
  const std::string file = std::string(HIKAKU_SOURCE_DIR "/tests/report/golden/") + name;
  if (std::getenv("HIKAKU_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  std::ifstream in(file, std::ios::binary);
  const std::string wanted(std::istreambuf_iterator<char>(in), {});
  ASSERT_FALSE(wanted.empty()) << file;
  if (text == wanted) return;
  const auto differs = std::mismatch(text.begin(), text.end(), wanted.begin(), wanted.end());
  const auto at = static_cast<std::size_t>(differs.first - text.begin());
  const std::size_t from = at < 200 ? 0 : at - 200;
  FAIL() << name << " differs at byte " << at << "\nwritten: " << text.substr(from, 400)
         << "\nwanted:  " << wanted.substr(std::min(from, wanted.size()), 400);
}

}  // namespace hikaku
