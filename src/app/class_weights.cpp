#include "app/class_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "base/error.h"

namespace hikaku {
namespace {

constexpr double largest = 10;

std::vector<float> balanced(std::int64_t classes,
                            const std::array<std::int64_t, 256>& label_pixels) {
  double all = 0, present = 0;
  for (std::int64_t c = 0; c < classes; ++c) {
    const auto pixels = static_cast<double>(label_pixels[static_cast<std::size_t>(c)]);
    all += pixels;
    present += pixels > 0 ? 1 : 0;
  }
  std::vector<float> weights;
  for (std::int64_t c = 0; c < classes; ++c) {
    const auto pixels = static_cast<double>(label_pixels[static_cast<std::size_t>(c)]);
    const double weight = pixels > 0 ? std::sqrt(all / present / pixels) : 1;
    weights.push_back(static_cast<float>(std::min(weight, largest)));
  }
  return weights;
}

}  // namespace

std::vector<float> class_weights(const std::string& text, std::int64_t classes,
                                 const std::array<std::int64_t, 256>& label_pixels) {
  if (text.empty() || text == "none") return {};
  if (text == "balanced") return balanced(classes, label_pixels);
  std::vector<float> weights;
  std::istringstream stream(text);
  bool good = true;
  for (std::string word; std::getline(stream, word, ',');) {
    float value = 0;
    const char* const end = word.data() + word.size();
    good = good && std::from_chars(word.data(), end, value).ptr == end && !word.empty() &&
           std::isfinite(value) && value >= 0;
    weights.push_back(value);
  }
  if (good && static_cast<std::int64_t>(weights.size()) == classes) return weights;
  throw Error(
      ExitCode::usage,
      fmt::format("--class-weights: found '{}'; allowed is none, balanced, or {} numbers of 0 "
                  "or more, parted by commas",
                  text, classes),
      "give one number for each class, in the order of their labels (docs/data.md)");
}

}  // namespace hikaku
