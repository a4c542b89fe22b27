#include "golden.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace hikaku::test {
namespace {

constexpr std::uint64_t picture_stream = 1000, noise_stream = 2000, sample_stream = 4000;

/// 24 random bits: splitmix64's finaliser.
std::uint64_t rule_bits(std::uint64_t stream, std::uint64_t k) {
  std::uint64_t z = ((stream << 32) + k) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (z ^ (z >> 31)) >> 40;
}

double round_to_float(double value) { return static_cast<double>(static_cast<float>(value)); }

/// Number k of a stream: in [-1, 1), exact in f32.
double rule_value(std::uint64_t stream, std::uint64_t k) {
  return static_cast<double>(rule_bits(stream, k)) * 0x1p-23 - 1;
}

/// `fan_in` = c_in * k * k for a convolution's weight and bias, 0 for a batch norm's arrays.
std::vector<double> rule_array(std::uint64_t stream, const std::string& name, std::int64_t count,
                               std::int64_t fan_in, double shift) {
  std::vector<double> array(static_cast<std::size_t>(count));
  if (name.ends_with("running_mean")) return array;
  if (name.ends_with("running_var")) return std::vector<double>(array.size(), 1.0);
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0.25;
  const double centre = fan_in == 0 && name.ends_with("weight") ? 1 : 0;
  const bool shifts = fan_in == 0 && name.ends_with("bias") && !name.starts_with("up");
  for (std::size_t k = 0; k < array.size(); ++k) {
    const double away = !shifts ? 0.0 : k % 8 == 7 ? -shift : shift;
    array[k] = round_to_float(rule_value(stream, k) * bound + centre + away);
  }
  return array;
}

double norm(std::span<const double> values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

}  // namespace

std::string golden_path(const std::string& name) { return HIKAKU_GOLDEN_DIR "/" + name; }

reference::Arrays rule_arrays(const reference::UNetConfig& config, const Golden& golden,
                              const std::string& what) {
  constexpr std::array<std::string_view, 4> before_up{"down.4.4.bias", "merge.0.4.bias",
                                                      "merge.1.4.bias", "merge.2.4.bias"};
  reference::Arrays arrays;
  std::uint64_t stream = 0;
  std::int64_t fan_in = 0;
  for (const auto& [name, shape, trained] : reference::unet_arrays(config)) {
    // A convolution's bias comes right behind its weight and shares its fan-in.
    if (shape.size() == 4) {
      fan_in = shape[1] * shape[2] * shape[3];
    } else if (name.ends_with(".weight")) {
      fan_in = 0;
    }
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    const bool is_before_up =
        std::find(before_up.begin(), before_up.end(), name) != before_up.end();
    const double shift = golden.number(what + (is_before_up ? "_shift_before_up" : "_shift"));
    arrays[name] = rule_array(++stream, name, count, fan_in, shift);
  }
  return arrays;
}

RuleBatch rule_batch(std::uint64_t step, std::int64_t n, std::int64_t h, std::int64_t w,
                     int classes) {
  RuleBatch batch;
  const auto block_value = [&](std::int64_t image, std::int64_t c, std::int64_t y, std::int64_t x) {
    const std::int64_t block = ((image * 3 + c) * (h / 16) + y / 16) * (w / 16) + x / 16;
    return rule_value(picture_stream + step, static_cast<std::uint64_t>(block));
  };
  for (std::int64_t image = 0; image < n; ++image) {
    for (std::int64_t c = 0; c < 3; ++c) {
      for (std::int64_t y = 0; y < h; ++y) {
        for (std::int64_t x = 0; x < w; ++x) {
          const double colour = block_value(image, c, y, x);
          const double noise = rule_value(noise_stream + step, batch.pictures.size());
          batch.pictures.push_back(round_to_float(2 * colour + 0.25 * noise));
          if (c == 0) {
            batch.labels.push_back(static_cast<std::uint8_t>((colour + 1) / 2 * (classes - 1)));
          }
        }
      }
    }
  }
  return batch;
}

testing::AssertionResult Golden::matches(const std::string& tensor, std::span<const double> found,
                                         double limit) const {
  const std::vector<double> expected = values(tensor);
  if (limit == 0) limit = number("limit:" + tensor);
  const bool sampled = file_.metadata().contains("count:" + tensor);
  const auto count =
      sampled ? static_cast<std::size_t>(number("count:" + tensor)) : expected.size();
  if (found.size() != count) {
    return testing::AssertionFailure()
           << tensor << " has " << found.size() << " elements, expected " << count;
  }
  std::vector<double> difference(expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t place = sampled ? (rule_bits(sample_stream, i) * count) >> 24 : i;
    difference[i] = found[place] - expected[i];
  }
  double error = norm(difference) / norm(expected);
  if (tensor == "loss" || tensor == "losses") {
    error =
        std::abs(*std::max_element(difference.begin(), difference.end(),
                                   [](double a, double b) { return std::abs(a) < std::abs(b); }));
  }
  if (sampled) {
    error = std::max(error, std::abs(norm(found) / number("norm:" + tensor) - 1));
  }
  if (error <= limit) return testing::AssertionSuccess();
  return testing::AssertionFailure() << tensor << " is off by " << error << ", allowed " << limit;
}

}  // namespace hikaku::test
