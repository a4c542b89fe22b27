#include "reference/unet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "reference/max_pool.h"
#include "reference/unet_blocks.h"

namespace hikaku::reference {
namespace {

std::int64_t channels(const UNetConfig& config, std::int64_t level) {
  return config.width << level;
}

Shape level_shape(const UNetConfig& config, const Shape& input, std::int64_t level) {
  return {input.n, channels(config, level), input.h >> level, input.w >> level};
}

/// concat[skip, up] by channels, both of `shape`.
Values concatenate(const Shape& shape, In skip, In up) {
  const std::int64_t image = shape.c * shape.pixels();
  Values both;
  for (std::int64_t n = 0; n < shape.n; ++n) {
    both.insert(both.end(), skip.begin() + n * image, skip.begin() + (n + 1) * image);
    both.insert(both.end(), up.begin() + n * image, up.begin() + (n + 1) * image);
  }
  return both;
}

/// The other way: the gradients of skip and up from that of the concatenation.
void split(const Shape& shape, In both, Values& skip, Values& up) {
  const std::int64_t image = shape.c * shape.pixels();
  for (std::int64_t n = 0; n < shape.n; ++n) {
    const auto start = both.begin() + 2 * n * image;
    skip.insert(skip.end(), start, start + image);
    up.insert(up.end(), start + image, start + 2 * image);
  }
}

/// Of the maximum of a 2x2 window before its next, where it is above zero: what a ReLU has closed
/// sends no gradient, whichever is chosen.
double smallest_lead(const Shape& shape, In y) {
  double nearest = std::numeric_limits<double>::infinity();
  for (std::int64_t plane = 0; plane < shape.n * shape.c; ++plane) {
    for (std::int64_t row = 0; row + 1 < shape.h; row += 2) {
      for (std::int64_t x = 0; x + 1 < shape.w; x += 2) {
        const auto at = std::size_t((plane * shape.h + row) * shape.w + x);
        std::array window{y[at], y[at + 1], y[at + std::size_t(shape.w)],
                          y[at + std::size_t(shape.w) + 1]};
        std::sort(window.begin(), window.end());
        if (window[3] > 0) nearest = std::min(nearest, window[3] - window[2]);
      }
    }
  }
  return nearest;
}

void add_conv(std::vector<ArraySpec>& specs, const std::string& name, std::int64_t c_in,
              std::int64_t c_out, std::int64_t kernel) {
  specs.push_back({name + ".weight", {c_out, c_in, kernel, kernel}, true});
  specs.push_back({name + ".bias", {c_out}, true});
}

void add_norm(std::vector<ArraySpec>& specs, const std::string& name, std::int64_t c) {
  specs.push_back({name + ".weight", {c}, true});
  specs.push_back({name + ".bias", {c}, true});
  specs.push_back({name + ".running_mean", {c}, false});
  specs.push_back({name + ".running_var", {c}, false});
}

void add_double_conv(std::vector<ArraySpec>& specs, const std::string& name, std::int64_t c_in,
                     std::int64_t c_out) {
  add_conv(specs, name + ".0", c_in, c_out, 3);
  add_norm(specs, name + ".1", c_out);
  add_conv(specs, name + ".3", c_out, c_out, 3);
  add_norm(specs, name + ".4", c_out);
}

}  // namespace

std::vector<ArraySpec> unet_arrays(const UNetConfig& config) {
  std::vector<ArraySpec> specs;
  const std::int64_t ups = config.depth - 1;
  for (std::int64_t i = 0; i < config.depth; ++i) {
    add_double_conv(specs, "down." + std::to_string(i),
                    i == 0 ? config.in_channels : channels(config, i - 1), channels(config, i));
  }
  for (std::int64_t i = 0; i < ups; ++i) {
    const std::string name = "up." + std::to_string(i);
    const std::int64_t c_in = channels(config, ups - i), c_out = channels(config, ups - i - 1);
    add_norm(specs, name + ".1", c_in);
    add_conv(specs, name + ".2", c_in, c_out, 2);
    add_norm(specs, name + ".3", c_out);
  }
  for (std::int64_t i = 0; i < ups; ++i) {
    add_double_conv(specs, "merge." + std::to_string(i), channels(config, ups - i),
                    channels(config, ups - i - 1));
  }
  add_conv(specs, "head", config.width, config.classes, 1);
  return specs;
}

struct UNet::Blocks {
  UNetConfig config;
  Shape input;
  Arrays& arrays;
  std::vector<DoubleConv> down, merge;
  std::vector<Up> up;
  std::vector<Values> skips{};  ///< the output of each down block but the last

  [[nodiscard]] HeadLossParams head() const {
    HeadLossParams params;
    params.input = level_shape(config, input, 0);
    params.classes = config.classes;
    return params;
  }
  Values forward(In x, Mode mode);
  void backward(Values dy, Arrays& gradients);
  [[nodiscard]] double kink_distance() const;
  Values logits(In x, Mode mode) {
    const Values features = forward(x, mode);
    Values logits(features.size() / std::size_t(config.width) * std::size_t(config.classes));
    head_loss_logits(head(), features, arrays.at("head.weight"), arrays.at("head.bias"), logits);
    return logits;
  }
};

/// From the picture to what the head reads, [n, width, h, w].
Values UNet::Blocks::forward(In x, Mode mode) {
  skips.clear();
  Values y = down[0].forward(Values(x.begin(), x.end()), mode, arrays);
  for (std::size_t i = 1; i < down.size(); ++i) {
    const MaxPoolParams pool{level_shape(config, input, std::int64_t(i) - 1)};
    Values pooled(static_cast<std::size_t>(pool.output().count()));
    max_pool_forward(pool, y, pooled);
    skips.push_back(std::move(y));
    y = down[i].forward(std::move(pooled), mode, arrays);
  }
  for (std::size_t i = 0; i < up.size(); ++i) {
    const std::size_t level = up.size() - 1 - i;
    y = concatenate(level_shape(config, input, std::int64_t(level)), skips[level],
                    up[i].forward(y, mode, arrays));
    y = merge[i].forward(std::move(y), mode, arrays);
  }
  return y;
}

void UNet::Blocks::backward(Values dy, Arrays& gradients) {
  std::vector<Values> dskips(skips.size());
  for (std::size_t i = up.size(); i-- > 0;) {
    const std::size_t level = up.size() - 1 - i;
    Values dup;
    split(level_shape(config, input, std::int64_t(level)), merge[i].backward(dy, arrays, gradients),
          dskips[level], dup);
    dy = up[i].backward(dup, arrays, gradients);
  }
  for (std::size_t i = down.size() - 1; i > 0; --i) {
    const MaxPoolParams pool{level_shape(config, input, std::int64_t(i) - 1)};
    Values dpooled = down[i].backward(dy, arrays, gradients);
    dy.resize(skips[i - 1].size());
    max_pool_backward(pool, skips[i - 1], dpooled, dy);
    std::transform(dy.begin(), dy.end(), dskips[i - 1].begin(), dy.begin(), std::plus<>());
  }
  down[0].backward(dy, arrays, gradients);
}

/// Of the last training forward.
double UNet::Blocks::kink_distance() const {
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto* blocks : {&down, &merge}) {
    for (const DoubleConv& block : *blocks) {
      nearest = std::min(nearest, block.kink_distance(arrays));
    }
  }
  for (std::size_t level = 0; level < skips.size(); ++level) {
    nearest = std::min(
        nearest, smallest_lead(level_shape(config, input, std::int64_t(level)), skips[level]));
  }
  return nearest;
}

UNet::UNet(const UNetConfig& config, const Shape& input, Arrays& arrays)
    : blocks_(new Blocks{config, input, arrays, {}, {}, {}}) {
  const std::int64_t ups = config.depth - 1, step = std::int64_t{1} << ups;
  require(input.c == config.in_channels && input.h % step == 0 && input.w % step == 0,
          "[unet] input {} needs {} channels and sides that are multiples of {}", to_string(input),
          config.in_channels, step);
  for (const ArraySpec& spec : unet_arrays(config)) {
    std::int64_t count = 1;
    for (const std::int64_t side : spec.shape) count *= side;
    const auto found = arrays.find(spec.name);
    require(found != arrays.end() && std::int64_t(found->second.size()) == count,
            "[unet] array {} is missing or has not {} elements", spec.name, count);
  }
  for (std::int64_t i = 0; i < config.depth; ++i) {
    Shape from = level_shape(config, input, i);
    from.c = i == 0 ? config.in_channels : channels(config, i - 1);
    blocks_->down.emplace_back(from, channels(config, i), "down." + std::to_string(i));
  }
  for (std::int64_t i = 0; i < ups; ++i) {
    const std::int64_t level = ups - 1 - i;
    const std::string number = std::to_string(i);
    Shape both = level_shape(config, input, level);
    both.c *= 2;
    blocks_->up.emplace_back(level_shape(config, input, level + 1), channels(config, level),
                             "up." + number);
    blocks_->merge.emplace_back(both, channels(config, level), "merge." + number);
  }
}

UNet::~UNet() = default;

std::vector<double> UNet::training_logits(In x) { return blocks_->logits(x, Mode::training); }

std::vector<double> UNet::logits(In x) { return blocks_->logits(x, Mode::evaluation); }

double UNet::kink_distance(In x) {
  blocks_->forward(x, Mode::training);
  return blocks_->kink_distance();
}

LossValue UNet::train(In x, Labels labels, HeadLossParams loss, Arrays& gradients) {
  Arrays& arrays = blocks_->arrays;
  loss.input = blocks_->head().input;
  loss.classes = blocks_->config.classes;
  const Values& weight = arrays.at("head.weight");
  const Values& bias = arrays.at("head.bias");
  const Values features = blocks_->forward(x, Mode::training);
  const LossValue value = head_loss_forward(loss, features, weight, bias, labels);
  Values dfeatures(features.size());
  gradients["head.weight"].resize(weight.size());
  gradients["head.bias"].resize(bias.size());
  head_loss_backward(loss, features, weight, bias, labels, dfeatures, gradients["head.weight"],
                     gradients["head.bias"]);
  blocks_->backward(std::move(dfeatures), gradients);
  return value;
}

}  // namespace hikaku::reference
