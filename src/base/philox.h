// Philox4x32-10, the counter-based random generator of Salmon et al., "Parallel Random Numbers: As
// Easy as 1, 2, 3" (SC'11): the n-th number of a stream depends on (seed, stream, n) alone, so that
// results never depend on the number of threads or on who asks first.
#pragma once

#include <array>
#include <cstdint>

namespace hikaku {

/// What a stream of numbers is for; part of its counter, so that two uses never share numbers.
enum class RandomUse : std::uint32_t {
  weights = 1,
  shuffle,
  augment,
  matrix,
  check,
  scene,
  bootstrap
};

class Philox {
 public:
  using result_type = std::uint32_t;

  /// `index` tells apart the streams of one use: a parameter, an epoch, a picture.
  Philox(std::uint64_t seed, RandomUse use, std::uint64_t index = 0)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        stream_(index ^ (static_cast<std::uint64_t>(use) << 48)) {}

  /// The four numbers of block `block` of this stream.
  [[nodiscard]] std::array<std::uint32_t, 4> block(std::uint64_t block) const;

  /// The next 32 random bits; with min and max, what <random> and std::shuffle ask for.
  std::uint32_t operator()();
  static constexpr std::uint32_t min() { return 0; }
  static constexpr std::uint32_t max() { return 0xffffffffu; }

  /// Uniform in [0, bound), without bias (Lemire, "Fast Random Integer Generation", 2019).
  std::uint32_t below(std::uint32_t bound);

  /// Uniform in [0, 1), a multiple of 2^-24 or 2^-53.
  float uniform() { return static_cast<float>((*this)() >> 8) * 0x1p-24f; }
  double uniform_double();

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t stream_;
  std::uint64_t next_block_ = 0;
  std::array<std::uint32_t, 4> buffer_{};
  unsigned used_ = 4;
};

}  // namespace hikaku
