#include "nn/unet.h"

#include <fmt/core.h>

#include <functional>
#include <numeric>

namespace hikaku {

std::size_t UNet::add(const std::string& name, std::vector<std::int64_t> shape, bool trained,
                      std::int64_t fan_in) {
  std::int64_t& end = trained ? trained_count : statistics_count;
  const std::int64_t count =
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  tensors.push_back({name, std::move(shape), end, count, trained, fan_in});
  end += (count + 15) / 16 * 16;  // every tensor begins on a cache line
  return tensors.size() - 1;
}

ConvTensors UNet::add_conv(const std::string& name, std::int64_t c_in, std::int64_t c_out,
                           std::int64_t kernel) {
  const std::int64_t fan_in = c_in * kernel * kernel;
  const std::size_t weight = add(name + ".weight", {c_out, c_in, kernel, kernel}, true, fan_in);
  return {weight, add(name + ".bias", {c_out}, true, fan_in)};
}

NormTensors UNet::add_norm(const std::string& name, std::int64_t channels) {
  NormTensors norm{};
  norm.weight = add(name + ".weight", {channels}, true, 0);
  norm.bias = add(name + ".bias", {channels}, true, 0);
  norm.running_mean = add(name + ".running_mean", {channels}, false, 0);
  norm.running_var = add(name + ".running_var", {channels}, false, 0);
  return norm;
}

DoubleTensors UNet::add_double(const std::string& name, std::int64_t c_in, std::int64_t c_out) {
  // The numbers are those of the reference's nn.Sequential: 2 and 5 are its ReLUs.
  DoubleTensors block{};
  block.first = {c_in, c_out, add_conv(name + ".0", c_in, c_out, 3), add_norm(name + ".1", c_out)};
  block.second = {c_out, c_out, add_conv(name + ".3", c_out, c_out, 3),
                  add_norm(name + ".4", c_out)};
  return block;
}

UNet::UNet(const UNetConfig& c) : config(c) {
  for (int level = 0; level < c.levels; ++level) {
    down.push_back(add_double(fmt::format("down.{}", level),
                              level == 0 ? c.in_channels : c.channels(level - 1),
                              c.channels(level)));
  }
  // The reference counts the decoder from the deepest level up.
  const auto levels = static_cast<std::size_t>(c.levels) - 1;
  up.resize(levels);
  merge.resize(levels);
  for (std::size_t i = 0; i < levels; ++i) {
    const auto level = static_cast<int>(levels - 1 - i);
    const std::int64_t c_in = c.channels(level + 1), c_out = c.channels(level);
    const std::string name = fmt::format("up.{}", i);
    UpTensors& block = up[levels - 1 - i];
    block.c_in = c_in;
    block.c_out = c_out;
    block.norm1 = add_norm(name + ".1", c_in);
    block.conv = add_conv(name + ".2", c_in, c_out, 2);
    block.norm2 = add_norm(name + ".3", c_out);
  }
  for (std::size_t i = 0; i < levels; ++i) {
    const auto level = static_cast<int>(levels - 1 - i);
    merge[levels - 1 - i] =
        add_double(fmt::format("merge.{}", i), c.channels(level + 1), c.channels(level));
  }
  head = add_conv("head", c.width, c.classes, 1);
}

double UNet::forward_flops(std::int64_t height, std::int64_t width) const {
  double macs = 0;
  const auto add_pixels = [&](std::size_t tensor, std::size_t level) {
    macs += static_cast<double>(tensors[tensor].count) *
            static_cast<double>((height >> level) * (width >> level));
  };
  for (std::size_t level = 0; level < down.size(); ++level) {
    add_pixels(down[level].first.conv.weight, level);
    add_pixels(down[level].second.conv.weight, level);
  }
  for (std::size_t level = 0; level < up.size(); ++level) {
    add_pixels(up[level].conv.weight, level);
    add_pixels(merge[level].first.conv.weight, level);
    add_pixels(merge[level].second.conv.weight, level);
  }
  add_pixels(head.weight, 0);
  return 2 * macs;
}

}  // namespace hikaku
