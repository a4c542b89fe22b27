// The golden files of tests/golden/ (written by tools/make_golden.py from PyTorch), and the rule by
// which both sides make the networks' weights and batches.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "reference/unet.h"

namespace hikaku::test {

/// The place of a file of tests/golden/.
[[nodiscard]] std::string golden_path(const std::string& name);

class Golden {
 public:
  explicit Golden(const std::string& name) : file_(Safetensors::read(golden_path(name))) {}

  [[nodiscard]] std::vector<double> values(const std::string& tensor) const {
    return file_.at(tensor).values<double>();
  }
  [[nodiscard]] std::vector<float> floats(const std::string& tensor) const {
    return file_.at(tensor).values<float>();
  }
  [[nodiscard]] const std::vector<std::int64_t>& shape(const std::string& tensor) const {
    return file_.at(tensor).shape;
  }
  [[nodiscard]] bool has(const std::string& tensor) const {
    return file_.tensors().contains(tensor);
  }
  [[nodiscard]] const std::string& text(const std::string& key) const {
    return file_.metadata().at(key);
  }
  [[nodiscard]] double number(const std::string& key) const { return std::stod(text(key)); }
  [[nodiscard]] const Safetensors& file() const { return file_; }

  /// Compares a whole tensor with the stored one or with its samples and norm: relative L2, or the
  /// largest difference where the file holds losses. `limit` 0: the file's own, for f32 programs.
  [[nodiscard]] testing::AssertionResult matches(const std::string& tensor,
                                                 std::span<const double> found,
                                                 double limit = 0) const;

 private:
  Safetensors file_;
};

/// The start values of a golden network, by name; `what`: "pass" or "losses", by whose shifts the
/// biases of batch norms move ReLU's inputs away from its kink.
[[nodiscard]] reference::Arrays rule_arrays(const reference::UNetConfig& config,
                                            const Golden& golden, const std::string& what);

struct RuleBatch {
  std::vector<double> pictures;      ///< [n, 3, h, w]
  std::vector<std::uint8_t> labels;  ///< [n, h, w]
};
/// The batch of one training step; sides are multiples of 16. The golden losses use 0 and 1 in
/// turn.
[[nodiscard]] RuleBatch rule_batch(std::uint64_t step, std::int64_t n, std::int64_t h,
                                   std::int64_t w, int classes);

}  // namespace hikaku::test
