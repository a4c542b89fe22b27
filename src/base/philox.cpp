#include "base/philox.h"

namespace hikaku {

std::array<std::uint32_t, 4> Philox::block(std::uint64_t block) const {
  constexpr std::uint64_t multiplier0 = 0xD2511F53u, multiplier1 = 0xCD9E8D57u;
  constexpr std::uint32_t weyl0 = 0x9E3779B9u, weyl1 = 0xBB67AE85u;
  std::array<std::uint32_t, 4> counter{
      static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
      static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
  std::uint32_t key0 = key_[0], key1 = key_[1];
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = multiplier0 * counter[0];
    const std::uint64_t product1 = multiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0,
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1,
               static_cast<std::uint32_t>(product0)};
    key0 += weyl0;
    key1 += weyl1;
  }
  return counter;
}

std::uint32_t Philox::operator()() {
  if (used_ == buffer_.size()) {
    buffer_ = block(next_block_++);
    used_ = 0;
  }
  return buffer_[used_++];
}

std::uint32_t Philox::below(std::uint32_t bound) {
  std::uint64_t product = std::uint64_t{(*this)()} * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t threshold = -bound % bound;
    while (static_cast<std::uint32_t>(product) < threshold) {
      product = std::uint64_t{(*this)()} * bound;
    }
  }
  return static_cast<std::uint32_t>(product >> 32);
}

double Philox::uniform_double() {
  const std::uint64_t high = (*this)() >> 5;
  const std::uint64_t low = (*this)() >> 6;
  return static_cast<double>((high << 26) | low) * 0x1p-53;
}

}  // namespace hikaku
