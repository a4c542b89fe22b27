#include "compare/speedups.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace hikaku {
namespace {

constexpr const char* baseline = "cpu";

/// One kind of work in one precision on one device. A single sample is one that ran once.
struct Measured {
  std::string what, device, precision;
  Samples seconds;
};

std::vector<Measured> measured(const Result& result) {
  std::vector<Measured> all;
  for (const MatmulResult& product : result.matmul) {
    if (product.verified) {
      all.push_back({"matmul", product.device, product.dtype, product.seconds});
    }
  }
  for (const UnetResult& unet : result.unet) {
    const auto add = [&](const char* what, const Samples& seconds) {
      all.push_back({what, unet.device, unet.precision, seconds});
    };
    add("train_step", unet.train.step_seconds);
    add("eval_step", unet.eval.step_seconds);
    add("train", {{unet.train.seconds}});
    add("eval", {{unet.eval.seconds}});
  }
  return all;
}

Speedup speedup(const Measured& slow, const Measured& fast, const std::string& kind,
                const std::string& label, std::uint64_t seed) {
  Speedup found{slow.what + " " + label, slow.device, fast.device,
                ratio_of_medians(slow.seconds, fast.seconds, seed)};
  found.kind = kind;
  found.baseline_precision = slow.precision;
  found.device_precision = fast.precision;
  return found;
}

class Pairing {
 public:
  explicit Pairing(const Result& result) : all_(measured(result)), seed_(result.seed) {
    for (const Measured& one : all_) {
      if (one.device != baseline &&
          std::find(devices_.begin(), devices_.end(), one.device) == devices_.end()) {
        devices_.push_back(one.device);
      }
    }
  }

  std::vector<Speedup> run() {
    for (const std::string& device : devices_) {
      like_with_like(device, [](const Measured& slow) { return slow.precision == "f32"; });
      like_with_like(device, [](const Measured& slow) { return slow.precision != "f32"; });
      for (const char* what : {"matmul", "train_step", "eval_step", "train", "eval"}) {
        best(device, what);
      }
      pair(find("matmul", baseline, "f64"), find("matmul", device, "f32"), "notebook", "notebook");
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] const Measured* find(const std::string& what, const std::string& device,
                                     const std::string& precision) const {
    const auto at = std::find_if(all_.begin(), all_.end(), [&](const Measured& one) {
      return one.what == what && one.device == device && one.precision == precision;
    });
    return at == all_.end() ? nullptr : &*at;
  }
  [[nodiscard]] const Measured* fastest(const std::string& what, const std::string& device) const {
    const Measured* best = nullptr;
    for (const Measured& one : all_) {
      if (one.what != what || one.device != device || one.seconds.values.empty()) continue;
      if (best == nullptr || one.seconds.median() < best->seconds.median()) best = &one;
    }
    return best;
  }

  void pair(const Measured* slow, const Measured* fast, const char* kind,
            const std::string& label) {
    if (slow == nullptr || fast == nullptr) return;
    if (slow->seconds.values.empty() || fast->seconds.values.empty()) return;
    found_.push_back(speedup(*slow, *fast, kind, label, seed_));
  }
  void like_with_like(const std::string& device,
                      const std::function<bool(const Measured&)>& wanted) {
    for (const Measured& slow : all_) {
      if (slow.device != baseline || !wanted(slow)) continue;
      pair(&slow, find(slow.what, device, slow.precision), "like_with_like", slow.precision);
    }
  }
  /// Left out where the best of both is one precision: that pair was told already.
  void best(const std::string& device, const std::string& what) {
    const Measured *slow = fastest(what, baseline), *fast = fastest(what, device);
    if (slow != nullptr && fast != nullptr && slow->precision != fast->precision) {
      pair(slow, fast, "best", "best");
    }
  }

  std::vector<Measured> all_;
  std::uint64_t seed_;
  std::vector<std::string> devices_;
  std::vector<Speedup> found_;
};

}  // namespace

std::vector<Speedup> speedups(const Result& result) { return Pairing(result).run(); }

}  // namespace hikaku
