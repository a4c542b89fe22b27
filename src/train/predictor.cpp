#include "train/predictor.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace hikaku {
namespace {

std::size_t area(std::int64_t width, std::int64_t height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

/// In place: [classes][pixels].
void softmax(std::vector<float>& values, std::size_t classes, std::size_t pixels) {
  for (std::size_t i = 0; i < pixels; ++i) {
    float top = values[i];
    for (std::size_t k = 1; k < classes; ++k) top = std::max(top, values[k * pixels + i]);
    float sum = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      float& value = values[k * pixels + i];
      value = std::exp(value - top);
      sum += value;
    }
    for (std::size_t k = 0; k < classes; ++k) values[k * pixels + i] /= sum;
  }
}

/// The two source pixels of a target pixel, and the share of the second.
struct Between {
  std::size_t low, high;
  float share;
};

std::vector<Between> between(int in, int out) {
  std::vector<Between> result;
  for (int i = 0; i < out; ++i) {
    const float at = std::max(
        0.0f,
        (static_cast<float>(i) + 0.5f) * static_cast<float>(in) / static_cast<float>(out) - 0.5f);
    const int low = std::min(static_cast<int>(at), in - 1);
    result.push_back({static_cast<std::size_t>(low),
                      static_cast<std::size_t>(std::min(low + 1, in - 1)),
                      at - static_cast<float>(low)});
  }
  return result;
}

}  // namespace

Predictor::Predictor(const Model& model, std::int64_t batch_size, int size)
    : model_(model),
      batch_size_(batch_size),
      size_(size),
      images_(model.backend(),
              static_cast<std::size_t>(batch_size) * 3 * area(size, size) * sizeof(float)),
      logits_(model.backend(), static_cast<std::size_t>(batch_size * model.net().config.classes) *
                                   area(size, size) * sizeof(float)) {}

EvalPlan& Predictor::plan_for(std::int64_t images) {
  auto& plan = plans_[images];
  if (plan == nullptr) {
    plan = std::make_unique<EvalPlan>(model_, BatchShape{images, size_, size_}, LossOptions{});
    plan->load_weights();
  }
  return *plan;
}

std::size_t Predictor::image_floats() const { return 3 * area(size_, size_); }

std::vector<Logits> Predictor::run(std::span<const float> images) {
  const auto count = static_cast<std::int64_t>(images.size() / image_floats());
  require(count >= 1 && count <= batch_size_, "[predictor] {} pictures in a batch of {}", count,
          batch_size_);
  EvalPlan& plan = plan_for(count);
  Backend& backend = model_.backend();
  backend.copy_to_device(images.data(), images_.get(), images.size_bytes());
  plan.forward(images_.floats());
  plan.logits(logits_.floats());
  const std::size_t one = static_cast<std::size_t>(classes()) * area(size_, size_);
  std::vector<Logits> result(static_cast<std::size_t>(count), Logits(one));
  for (std::size_t i = 0; i < result.size(); ++i) {
    backend.copy_to_host(logits_.floats() + i * one, result[i].data(), one * sizeof(float));
  }
  return result;
}

Segmentation segment(const Logits& logits, std::int64_t classes, int size, int height, int width,
                     bool all_probabilities) {
  const auto count = static_cast<std::size_t>(classes);
  const std::size_t pixels = area(size, size), target = area(width, height);
  std::vector<float> p = logits;
  softmax(p, count, pixels);
  Segmentation result;
  result.mask = {width, height, std::vector<std::uint8_t>(target), {}};
  result.confidence.assign(target, -1);
  if (all_probabilities) result.probabilities.resize(count * target);
  const auto rows = between(size, height), columns = between(size, width);
  const auto side = static_cast<std::size_t>(size);
  std::vector<float> row(side);  // of one class, between two rows
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t k = 0; k < count; ++k) {
      const float* low = p.data() + k * pixels + rows[y].low * side;
      const float* high = p.data() + k * pixels + rows[y].high * side;
      for (std::size_t x = 0; x < side; ++x) row[x] = low[x] + rows[y].share * (high[x] - low[x]);
      for (std::size_t x = 0; x < columns.size(); ++x) {
        const Between& at = columns[x];
        const float value = row[at.low] + at.share * (row[at.high] - row[at.low]);
        const std::size_t i = y * columns.size() + x;
        if (all_probabilities) result.probabilities[k * target + i] = value;
        if (value <= result.confidence[i]) continue;
        result.confidence[i] = value;
        result.mask.index[i] = static_cast<std::uint8_t>(k);
      }
    }
  }
  return result;
}

}  // namespace hikaku
