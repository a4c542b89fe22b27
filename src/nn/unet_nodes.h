// The U-Net's shape, once for training and evaluation: which node comes after which, whose output
// is whose input, and how long each activation is needed.
#pragma once

#include <memory>
#include <vector>

#include "nn/plan_builder.h"

namespace hikaku {

/// A `Unit` is a convolution with batch norm and ReLU, and perhaps a pool behind it; it has the
/// tensors x, y and pooled. A `Step` is a way up; it has x and y.
///   units: (first, second) of each level down, then (first, second) of each level on the way up
///   steps: one before each such pair of the way up, deepest first
template <class Unit, class Step>
class UNetNodes {
 public:
  /// make_unit(tensors, level, pool, time) and make_step(tensors, level, time) return the new
  /// nodes, their tensors without memory; `time` is the node's place in the order of execution.
  template <class MakeUnit, class MakeStep>
  void draw(const UNet& net, PlanBuilder& builder, MakeUnit&& make_unit, MakeStep&& make_step) {
    levels_ = net.down.size();
    concat_.resize(levels_ - 1);
    for (std::size_t level = 0; level < levels_; ++level) {
      const int time = 2 * static_cast<int>(level);
      const bool deepest = level + 1 == levels_;
      Unit& first = add(make_unit(net.down[level].first, static_cast<int>(level), false, time));
      builder.place(first.y, time, time + 1);
      Unit& second =
          add(make_unit(net.down[level].second, static_cast<int>(level), !deepest, time + 1));
      if (deepest) {
        builder.place(second.y, time + 1, time + 2);
        continue;
      }
      builder.place(second.pooled, time + 1, time + 2);
      // A concatenation [skip, up] is never copied: the encoder writes its first half, the way up
      // its second.
      Shape joined = second.y.shape;
      joined.c *= 2;
      concat_[level] = builder.activation(joined);
      builder.place(concat_[level], time + 1, time_of_step(level) + 1);
    }
    for (std::size_t i = 0; i + 1 < levels_; ++i) {
      const std::size_t level = levels_ - 2 - i;
      const int time = time_of_step(level);
      steps.push_back(make_step(net.up[level], static_cast<int>(level), time));
      Unit& first =
          add(make_unit(net.merge[level].first, static_cast<int>(level), false, time + 1));
      builder.place(first.y, time + 1, time + 2);
      Unit& second =
          add(make_unit(net.merge[level].second, static_cast<int>(level), false, time + 2));
      builder.place(second.y, time + 2, time + 3);
    }
  }

  /// Once the builder has finished: every input is some other node's output.
  void connect() {
    for (std::size_t level = 0; level < levels_; ++level) {
      Unit& first = *units[2 * level];
      Unit& second = *units[2 * level + 1];
      if (level > 0) first.x = units[2 * level - 1]->pooled;
      second.x = first.y;
      if (level + 1 == levels_) continue;
      second.y = concat_[level].channels(0, second.y.shape.c);
      second.pooled.largest = second.y.largest;  // its values are among those of y
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Tensor& joined = concat_[levels_ - 2 - i];
      Unit& first = *units[2 * levels_ + 2 * i];
      Unit& second = *units[2 * levels_ + 2 * i + 1];
      steps[i]->x = units[2 * levels_ + 2 * i - 1]->y;
      steps[i]->y = joined.channels(joined.shape.c / 2, joined.shape.c / 2);
      first.x = joined;
      second.x = first.y;
    }
  }

  /// Calls for each node in the order of execution.
  template <class DoUnit, class DoStep>
  void forward(DoUnit&& do_unit, DoStep&& do_step) {
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (Step* step = step_before(i)) do_step(*step);
      do_unit(*units[i]);
    }
  }
  /// Calls for each node in the opposite order.
  template <class DoUnit, class DoStep>
  void backward(DoUnit&& do_unit, DoStep&& do_step) {
    for (std::size_t i = units.size(); i-- > 0;) {
      do_unit(*units[i]);
      if (Step* step = step_before(i)) do_step(*step);
    }
  }

  [[nodiscard]] const Tensor& output() const { return units.back()->y; }
  /// The network's input: the pictures' memory, only read.
  void set_images(const float* images) { units.front()->x.data = const_cast<float*>(images); }

  std::vector<std::unique_ptr<Unit>> units;
  std::vector<std::unique_ptr<Step>> steps;

 private:
  Unit& add(std::unique_ptr<Unit> unit) {
    units.push_back(std::move(unit));
    return *units.back();
  }
  [[nodiscard]] int time_of_step(std::size_t level) const {
    return static_cast<int>(2 * levels_ + 3 * (levels_ - 2 - level));
  }
  [[nodiscard]] Step* step_before(std::size_t unit) const {
    const bool way_up = unit >= 2 * levels_ && unit % 2 == 0;
    return way_up ? steps[(unit - 2 * levels_) / 2].get() : nullptr;
  }

  std::size_t levels_ = 0;
  std::vector<Tensor> concat_;
};

}  // namespace hikaku
