#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/error.h"

namespace hikaku {
namespace {

const Shape shape{2, 16, 3, 5};

std::vector<Layout> layouts_of(const Shape& s) {
  return {Layout::nchw(s), Layout::blocked(s, 8), Layout::blocked(s, 16), Layout::nhwc(s)};
}

/// A tensor with memory of its own, element (n, c, y, x) holding its number in NCHW order.
struct Numbered {
  Numbered(const Shape& s, const Layout& layout)
      : values(static_cast<std::size_t>(s.count())), tensor{values.data(), DType::f32, s, layout} {
    float number = 0;
    for_each([&](float& value) { value = number++; });
  }
  template <class F>
  void for_each(F&& visit) {
    const Shape& s = tensor.shape;
    for (std::int64_t i = 0; i < s.count(); ++i) {
      visit(tensor.as<float>()[tensor.layout.at(i / (s.c * s.pixels()), i / s.pixels() % s.c,
                                                i / s.w % s.h, i % s.w)]);
    }
  }
  std::vector<float> values;
  Tensor tensor;
};

TEST(Layout, PutsElementsWhereItsNameSays) {
  const auto place = [](const Layout& layout) { return layout.at(1, 9, 2, 3); };
  EXPECT_EQ(place(Layout::nchw(shape)), ((1 * 16 + 9) * 3 + 2) * 5 + 3);
  EXPECT_EQ(place(Layout::blocked(shape, 8)), (((1 * 2 + 1) * 3 + 2) * 5 + 3) * 8 + 1);
  EXPECT_EQ(place(Layout::blocked(shape, 16)), (((1 * 1 + 0) * 3 + 2) * 5 + 3) * 16 + 9);
  EXPECT_EQ(place(Layout::nhwc(shape)), ((1 * 3 + 2) * 5 + 3) * 16 + 9);
}

TEST(Layout, GivesEachElementAPlaceOfItsOwn) {
  for (const Layout& layout : layouts_of(shape)) {
    std::set<std::int64_t> places;
    for (std::int64_t n = 0; n < shape.n; ++n) {
      for (std::int64_t c = 0; c < shape.c; ++c) {
        for (std::int64_t y = 0; y < shape.h; ++y) {
          for (std::int64_t x = 0; x < shape.w; ++x) places.insert(layout.at(n, c, y, x));
        }
      }
    }
    EXPECT_EQ(places.size(), static_cast<std::size_t>(shape.count()));
    EXPECT_EQ(*places.begin(), 0);
    EXPECT_EQ(*places.rbegin(), shape.count() - 1);
  }
}

TEST(Layout, RefusesABlockThatDoesNotDivideTheChannels) {
  EXPECT_THROW(Layout::blocked({1, 12, 2, 2}, 8), Error);
}

TEST(Tensor, ASliceOfChannelsIsAViewOnTheSameElements) {
  const Shape wide{2, 48, 3, 5};
  for (const Layout& layout : layouts_of(wide)) {
    Numbered whole(wide, layout);
    const Tensor slice = whole.tensor.channels(16, 32);
    EXPECT_EQ(slice.shape, (Shape{2, 32, 3, 5}));
    for (std::int64_t n = 0; n < 2; ++n) {
      for (std::int64_t c = 0; c < 32; ++c) {
        EXPECT_EQ(&slice.as<float>()[slice.layout.at(n, c, 2, 4)],
                  &whole.tensor.as<float>()[layout.at(n, 16 + c, 2, 4)]);
      }
    }
  }
}

TEST(Tensor, ASliceOfASliceCountsFromItsOwnStart) {
  for (const Layout& layout : layouts_of({1, 48, 2, 2})) {
    Numbered whole({1, 48, 2, 2}, layout);
    EXPECT_EQ(whole.tensor.channels(16, 32).channels(16, 16).data,
              whole.tensor.channels(32, 16).data);
  }
}

TEST(Tensor, ASliceMayNotCutABlockOrLeaveTheTensor) {
  Numbered blocked({1, 32, 1, 1}, Layout::blocked({1, 32, 1, 1}, 16));
  for (const auto& [first, count] : {std::pair{8, 16}, {0, 8}, {16, 32}, {-16, 16}, {0, 0}}) {
    EXPECT_THROW((void)blocked.tensor.channels(first, count), Error) << first << ", " << count;
  }
  Numbered nhwc({1, 32, 1, 1}, Layout::nhwc({1, 32, 1, 1}));
  EXPECT_NO_THROW((void)nhwc.tensor.channels(3, 5));
}

TEST(CopyLayout, ThereAndBackChangesNothing) {
  for (const Layout& from : layouts_of(shape)) {
    for (const Layout& to : layouts_of(shape)) {
      Numbered start(shape, from), other(shape, to), back(shape, from);
      const std::vector<float> expected = start.values;
      std::fill(other.values.begin(), other.values.end(), -1.0f);
      std::fill(back.values.begin(), back.values.end(), -1.0f);
      copy_layout(start.tensor, other.tensor);
      EXPECT_EQ(other.values, Numbered(shape, to).values);
      copy_layout(other.tensor, back.tensor);
      EXPECT_EQ(back.values, expected);
    }
  }
}

TEST(CopyLayout, IntoASliceLeavesItsNeighboursAlone) {
  const Shape wide{2, 32, 3, 5};
  for (const Layout& layout : layouts_of(wide)) {
    Numbered whole(wide, layout), half(shape, Layout::nchw(shape));
    std::fill(whole.values.begin(), whole.values.end(), -1.0f);
    copy_layout(half.tensor, whole.tensor.channels(16, 16));
    const auto untouched = std::count(whole.values.begin(), whole.values.end(), -1.0f);
    EXPECT_EQ(untouched, shape.count());
    Numbered back(shape, Layout::nchw(shape));
    copy_layout(whole.tensor.channels(16, 16), back.tensor);
    EXPECT_EQ(back.values, half.values);
    EXPECT_EQ(whole.values[static_cast<std::size_t>(layout.at(0, 0, 0, 0))], -1.0f);
  }
}

TEST(CopyLayout, RefusesOtherShapes) {
  Numbered a(shape, Layout::nchw(shape));
  Tensor b = a.tensor;
  b.shape.h = 2;
  EXPECT_THROW(copy_layout(a.tensor, b), Error);
  b = a.tensor;
  b.dtype = DType::f64;
  EXPECT_THROW(copy_layout(a.tensor, b), Error);
}

TEST(DType, HasSizesAndNames) {
  EXPECT_EQ(size_of(DType::f64), 8U);
  EXPECT_EQ(size_of(DType::bf16), 2U);
  EXPECT_EQ(size_of(DType::u8), 1U);
  EXPECT_STREQ(name_of(DType::f16), "f16");
}

}  // namespace
}  // namespace hikaku
