#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "cuda/matmul_kernels.h"
#include "cuda/matmul_way.h"
#include "cuda/sizes.h"

namespace hikaku::cuda {
namespace {

/// What a scan says of one matrix, in powers of two.
struct Exponents {
  int largest = 0, smallest = 0, smallest_line = 0;
  bool finite = true;

  explicit Exponents(const MatrixRange& range) {
    const auto exponent = [](std::uint32_t bits) { return std::ilogb(std::bit_cast<float>(bits)); };
    finite = range.largest < 0x7f800000u;
    if (!finite || range.largest == 0) return;  // a matrix of zeros is as good as one of ones
    largest = exponent(range.largest);
    smallest = exponent(~range.under_smallest);
    smallest_line = exponent(~range.under_smallest_line);
  }
};

/// f32 from tensor cores (Ootomo & Yokota, "Recovering single precision accuracy from Tensor
/// Cores", 2022). Scaled by a power of two so that the largest element lies in [2^14, 2^15), each
/// element is high + low / 2^11 in f16, and
///   A B = high high + (high low + low high) / 2^11;     low low / 2^22 is below f32's last bit.
/// The two small products are one of twice the depth: [high | low] [low; high]. Tensor cores cut
/// sums off instead of rounding them, so the large product is made of pieces of the depth, which
/// are added up in f32, rounded. Work: 3 * 2 n^3 in f16, for n = 8000 at 790 TFLOP/s 3.9 ms; the
/// scan, the split and the traffic of C add about 0.8 ms: 220 TFLOP/s expected, four times what f32
/// has.
class SplitWay final : public Way {
 public:
  SplitWay(const GemmProblem& problem, Context& context, const GemmMemory& trial)
      : context_(context),
        problem_(problem),
        n_(problem.n),
        step_(round_up(n_, 8)),
        pieces_((n_ + most_depth - 1) / most_depth),
        piece_(round_up((n_ + pieces_ - 1) / pieces_, 8)),
        depth_(pieces_ * piece_),
        a_(static_cast<std::size_t>(n_ * 2 * depth_) * size_of(DType::f16)),
        b_(static_cast<std::size_t>(2 * depth_ * step_) * size_of(DType::f16)),
        lines_(static_cast<std::size_t>(2 * n_) * sizeof(std::uint32_t)),
        ranges_(2 * sizeof(MatrixRange)),
        small_(half_problem(2 * depth_, false), context, take(trial, 0, 0), piece_bytes),
        large_(half_problem(piece_, true), context, take(trial, 0, 0), piece_bytes) {}

  void run(const GemmMemory& memory) override {
    auto* ranges = static_cast<MatrixRange*>(ranges_.get());
    scan_ranges(static_cast<const float*>(memory.a), static_cast<const float*>(memory.b), n_,
                static_cast<std::uint32_t*>(lines_.get()), ranges, context_.stream);
    MatrixRange found[2];
    HIKAKU_CUDA(
        cudaMemcpyAsync(found, ranges, sizeof found, cudaMemcpyDeviceToHost, context_.stream));
    HIKAKU_CUDA(cudaStreamSynchronize(context_.stream));
    const Exponents of_a(found[0]), of_b(found[1]);
    split_ = suits(of_a, of_b);
    if (!split_) return run_plain(memory);
    multiply(memory, target - of_a.largest, target - of_b.largest);
  }
  [[nodiscard]] std::string text() const override {
    if (!split_) return fmt::format("f32 for its range, {}", plain_->text());
    return fmt::format("three products of f16; {}; {} pieces, {}", small_.text(), pieces_,
                       large_.text());
  }

 private:
  static constexpr std::int64_t most_depth = 1024;
  static constexpr int target = 14;
  static constexpr std::uint32_t piece_bytes = 16;  ///< where pieces begin: at multiples of it

  /// Halves end 2^-51 below the largest element: each element of C has f32's accuracy relative to
  /// the norms of its row of A and column of B, if none of these is much smaller than the largest.
  /// Relative to its sum of absolute products it has it, too, where elements reach down to 2^-27 of
  /// the largest; the few below, here allowed to 2^-32, have 19 bits or more.
  static bool suits(const Exponents& a, const Exponents& b) {
    constexpr int line_range = 24, range = 32, most_scale = 100;
    const auto near = [](const Exponents& m) {
      return m.finite && m.largest - m.smallest_line <= line_range &&
             m.largest - m.smallest <= range && std::abs(m.largest) <= most_scale;
    };
    return near(a) && near(b) && std::abs(a.largest + b.largest) <= most_scale;
  }

  [[nodiscard]] GemmProblem half_problem(std::int64_t depth, bool adds) const {
    return {.m = n_,
            .n = n_,
            .k = depth,
            .adds = adds,
            .input = DType::f16,
            .output = DType::f32,
            .stride_a = 2 * depth_,
            .stride_b = step_};
  }

  /// The small product's operands; the large one's lie behind them. Also a trial for both.
  GemmMemory take(const GemmMemory& from, int scale_a, int scale_b) {
    auto* high_a = static_cast<std::uint16_t*>(a_.get());
    auto* low_b = static_cast<std::uint16_t*>(b_.get());
    split_matrix({static_cast<const float*>(from.a), high_a, high_a + depth_, n_, 2 * depth_,
                  std::ldexp(1.0f, scale_a)},
                 context_.stream);
    split_matrix({static_cast<const float*>(from.b), low_b + depth_ * step_, low_b, n_, step_,
                  std::ldexp(1.0f, scale_b)},
                 context_.stream);
    return {high_a, low_b, from.c, from.c};
  }

  void multiply(const GemmMemory& memory, int scale_a, int scale_b) {
    const GemmMemory halves = take(memory, scale_a, scale_b);
    const double factor = std::ldexp(1.0, -scale_a - scale_b);
    small_.run(halves, factor / 2048);
    const auto* high_a = static_cast<const std::uint16_t*>(halves.a);
    const auto* high_b = static_cast<const std::uint16_t*>(halves.b) + depth_ * step_;
    for (std::int64_t first = 0; first < depth_; first += piece_) {
      large_.run({high_a + first, high_b + first * step_, memory.c, memory.c}, factor);
    }
  }

  void run_plain(const GemmMemory& memory) {
    if (!plain_) plain_.emplace(problem_, context_, memory);
    plain_->run(memory);
  }

  Context& context_;
  GemmProblem problem_;  ///< in plain f32
  std::int64_t n_, step_, pieces_, piece_, depth_;
  Memory a_, b_, lines_, ranges_;
  Product small_, large_;
  std::optional<Product> plain_;
  bool split_ = true;
};

}  // namespace

std::unique_ptr<Way> make_split_way(const GemmProblem& problem, Context& context,
                                    const GemmMemory& trial) {
  return std::make_unique<SplitWay>(problem, context, trial);
}

}  // namespace hikaku::cuda
