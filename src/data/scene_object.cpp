#include "data/scene_object.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace hikaku {
namespace {

using enum Look::Outline;
using enum Look::Texture;

constexpr std::array<Look, 12> looks{{
    {1, cross, stripes, {205, 210, 245}, {110, 125, 215}, 110, 90},
    {3, triangle, plain, {250, 210, 30}, {250, 210, 30}, 80, 80},
    {4, hull, stripes, {205, 25, 35}, {245, 235, 230}, 130, 60},
    {6, box, checks, {250, 150, 15}, {95, 50, 10}, 125, 65},
    {7, disc, frame, {25, 60, 215}, {140, 175, 250}, 120, 65},
    {8, disc, stripes, {165, 85, 30}, {60, 30, 10}, 85, 85},
    {10, box, dots, {245, 245, 240}, {20, 20, 20}, 105, 70},
    {12, diamond, rings, {225, 170, 100}, {135, 80, 30}, 110, 95},
    {15, disc, plain, {235, 50, 145}, {235, 50, 145}, 50, 130},
    {16, star, rings, {40, 190, 50}, {10, 85, 25}, 115, 115},
    {19, box, stripes, {0, 165, 165}, {0, 60, 75}, 150, 45},
    {20, box, frame, {45, 30, 50}, {150, 80, 230}, 90, 75},
}};

/// sin(15 degrees * step) * 2^14.
constexpr int sine_of(int step) {
  constexpr std::array<int, 7> quarter{0, 4240, 8192, 11585, 14189, 15826, 16384};
  const int turn = (step % 24 + 24) % 24, half = turn % 12;
  const int value = quarter[static_cast<std::size_t>(half <= 6 ? half : 12 - half)];
  return turn < 12 ? value : -value;
}

/// The remainder that is never negative.
constexpr int wrapped(int value, int period) { return (value % period + period) % period; }

}  // namespace

SceneObject::SceneObject(Philox& random, int width, int height) {
  const auto below = [&](int bound) {
    return static_cast<int>(random.below(static_cast<std::uint32_t>(bound)));
  };
  look_ = &looks[random.below(looks.size())];
  const int size = std::min(width, height) * (16 + below(19)) / 100;
  centre_x_ = width * (15 + below(71)) / 100;
  centre_y_ = height * (15 + below(71)) / 100;
  half_width_ = size * look_->width / 100;
  half_height_ = size * look_->height / 100;
  const int step = below(24);
  sine_ = sine_of(step);
  cosine_ = sine_of(step + 6);
}

ObjectPoint SceneObject::point_at(int x, int y) const {
  const int dx = x - centre_x_, dy = y - centre_y_;
  const int along = (dx * cosine_ + dy * sine_) / 64;  // pixels times 2^8
  const int across = (dy * cosine_ - dx * sine_) / 64;
  return {along / half_width_, across / half_height_};
}

bool SceneObject::covers(ObjectPoint point) const {
  constexpr int unit = ObjectPoint::unit;
  const int u = std::abs(point.u), v = std::abs(point.v);
  if (u > unit || v > unit) return false;
  switch (look_->outline) {
    case box:
      return true;
    case cross:
      return u <= unit / 3 || v <= unit / 3;
    case diamond:
      return u + v <= unit;
    case disc:
      return u * u + v * v <= unit * unit;
    case hull:
      return 4 * u * u + (point.v + unit) * (point.v + unit) <= 4 * unit * unit;
    case star:
      return u * v <= unit * unit / 9;
    case triangle:
      return 2 * u <= point.v + unit;
  }
  return false;
}

const Colour& SceneObject::colour_at(ObjectPoint point) const {
  const auto [u, v] = point;
  constexpr int cell = ObjectPoint::unit / 2;
  bool second = false;
  switch (look_->texture) {
    case plain:
      break;
    case checks:
      second = wrapped(u, cell) < cell / 2 && wrapped(v, cell) < cell / 2;
      break;
    case dots: {
      const int du = wrapped(u, cell) - cell / 2, dv = wrapped(v, cell) - cell / 2;
      second = du * du + dv * dv < 45 * 45;
      break;
    }
    case frame:
      second = std::max(std::abs(u), std::abs(v)) < 180;
      break;
    case rings:
      second = (u * u + v * v) / 8192 % 2 == 1;
      break;
    case stripes:
      second = wrapped(u, cell) < cell / 2;
      break;
  }
  return second ? look_->second : look_->base;
}

}  // namespace hikaku
