#include "reference/head_loss.h"

#include <algorithm>
#include <cmath>

#include "reference/conv2d.h"

namespace hikaku::reference {
namespace {

Conv2dParams convolution(const HeadLossParams& params) {
  return {.input = params.input, .out_channels = params.classes, .kernel = 1};
}

/// The sums that the loss and its gradient are made of.
struct Sums {
  double weight = 0, cross_entropy = 0;             ///< sum of w[t]; of w[t] * -log p[t]
  std::vector<double> overlap, predicted, present;  ///< each [n, classes]: sum p*t, sum p, sum t
};

/// One batch: log-probabilities (exact where p itself would underflow), labels, and how its pixels
/// are walked.
class Batch {
 public:
  Batch(const HeadLossParams& params, In x, In weight, In bias, Labels labels)
      : params_(params), shape_(convolution(params).output()), labels_(labels) {
    log_p_.resize(static_cast<std::size_t>(shape_.count()));
    head_loss_logits(params, x, weight, bias, log_p_);
    for_each_pixel([&](std::int64_t n, std::int64_t pixel, int) { log_softmax(n, pixel); });
  }

  /// body(image, pixel, label) for each pixel that takes part.
  template <class Body>
  void for_each_pixel(const Body& body) const {
    for (std::int64_t n = 0; n < shape_.n; ++n) {
      for (std::int64_t pixel = 0; pixel < shape_.pixels(); ++pixel) {
        const int label = labels_[static_cast<std::size_t>(n * shape_.pixels() + pixel)];
        if (label != params_.ignore) body(n, pixel, label);
      }
    }
  }

  [[nodiscard]] double class_weight(int label) const {
    return params_.class_weights.empty() ? 1.0 : params_.class_weights[std::size_t(label)];
  }
  [[nodiscard]] std::size_t index(std::int64_t n, std::int64_t k, std::int64_t pixel) const {
    return at(shape_, n, k, 0, pixel);
  }
  [[nodiscard]] double log_p(std::int64_t n, std::int64_t k, std::int64_t pixel) const {
    return log_p_[index(n, k, pixel)];
  }
  [[nodiscard]] double p(std::int64_t n, std::int64_t k, std::int64_t pixel) const {
    return std::exp(log_p(n, k, pixel));
  }
  [[nodiscard]] Sums sums() const;

 private:
  void log_softmax(std::int64_t n, std::int64_t pixel) {
    const auto logit = [&](std::int64_t k) -> double& { return log_p_[index(n, k, pixel)]; };
    double largest = logit(0), sum = 0;
    for (std::int64_t k = 1; k < shape_.c; ++k) largest = std::max(largest, logit(k));
    for (std::int64_t k = 0; k < shape_.c; ++k) sum += std::exp(logit(k) - largest);
    for (std::int64_t k = 0; k < shape_.c; ++k) logit(k) -= largest + std::log(sum);
  }

  const HeadLossParams& params_;
  Shape shape_;  ///< n, classes, h, w
  Labels labels_;
  std::vector<double> log_p_;
};

Sums Batch::sums() const {
  const auto pairs = static_cast<std::size_t>(shape_.n * shape_.c);
  Sums sums;
  for (auto* array : {&sums.overlap, &sums.predicted, &sums.present}) array->assign(pairs, 0.0);
  for_each_pixel([&](std::int64_t n, std::int64_t pixel, int label) {
    sums.weight += class_weight(label);
    sums.cross_entropy -= class_weight(label) * log_p(n, label, pixel);
    for (std::int64_t k = 0; k < shape_.c; ++k) {
      const auto pair = static_cast<std::size_t>(n * shape_.c + k);
      sums.predicted[pair] += p(n, k, pixel);
      if (k != label) continue;
      sums.overlap[pair] += p(n, k, pixel);
      sums.present[pair] += 1;
    }
  });
  return sums;
}

}  // namespace

void head_loss_logits(const HeadLossParams& params, In x, In weight, In bias, Out logits) {
  conv2d_forward(convolution(params), x, weight, bias, logits);
}

LossValue head_loss_forward(const HeadLossParams& params, In x, In weight, In bias, Labels labels) {
  const Sums sums = Batch(params, x, weight, bias, labels).sums();
  LossValue loss;
  if (sums.weight > 0) loss.cross_entropy = sums.cross_entropy / sums.weight;
  for (std::size_t i = 0; i < sums.overlap.size(); ++i) {
    loss.dice += (2 * sums.overlap[i] + params.smooth) /
                 (sums.predicted[i] + sums.present[i] + params.smooth);
  }
  loss.dice /= static_cast<double>(sums.overlap.size());
  loss.total =
      (1.0 - params.dice_share) * loss.cross_entropy + params.dice_share * (1.0 - loss.dice);
  return loss;
}

void head_loss_backward(const HeadLossParams& params, In x, In weight, In bias, Labels labels,
                        Out dx, Out dweight, Out dbias) {
  const Batch batch(params, x, weight, bias, labels);
  const Sums sums = batch.sums();
  const auto pairs = static_cast<double>(sums.overlap.size());
  std::vector<double> dlogits(static_cast<std::size_t>(convolution(params).output().count()));
  std::vector<double> g(static_cast<std::size_t>(params.classes));  // of Dice by p, of one pixel
  batch.for_each_pixel([&](std::int64_t n, std::int64_t pixel, int label) {
    double expected = 0;
    for (std::int64_t k = 0; k < params.classes; ++k) {
      const auto pair = static_cast<std::size_t>(n * params.classes + k);
      const double both = sums.predicted[pair] + sums.present[pair] + params.smooth;
      const double t = k == label ? 1 : 0;
      auto& slope = g[static_cast<std::size_t>(k)];
      slope = (2 * t * both - (2 * sums.overlap[pair] + params.smooth)) / (both * both) / pairs;
      expected += batch.p(n, k, pixel) * slope;
    }
    for (std::int64_t k = 0; k < params.classes; ++k) {
      const double p = batch.p(n, k, pixel), t = k == label ? 1 : 0;
      const double dce = sums.weight > 0 ? batch.class_weight(label) / sums.weight * (p - t) : 0;
      const double ddice = p * (g[static_cast<std::size_t>(k)] - expected);
      dlogits[batch.index(n, k, pixel)] =
          (1.0 - params.dice_share) * dce - params.dice_share * ddice;
    }
  });
  conv2d_backward_data(convolution(params), dlogits, weight, dx);
  conv2d_backward_weight(convolution(params), x, dlogits, dweight);
  conv2d_backward_bias(convolution(params), dlogits, dbias);
}

void head_loss_predict(const HeadLossParams& params, In x, In weight, In bias,
                       std::span<std::uint8_t> classes) {
  const Shape shape = convolution(params).output();
  std::vector<double> logits(static_cast<std::size_t>(shape.count()));
  head_loss_logits(params, x, weight, bias, logits);
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t pixel = 0; pixel < shape.pixels(); ++pixel) {
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < shape.c; ++k) {
        if (logits[at(shape, n, k, 0, pixel)] > logits[at(shape, n, best, 0, pixel)]) best = k;
      }
      classes[static_cast<std::size_t>(n * shape.pixels() + pixel)] =
          static_cast<std::uint8_t>(best);
    }
  }
}

}  // namespace hikaku::reference
