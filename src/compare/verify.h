// Is C the product of A and B? Freivalds, "Probabilistic Machines Can Use Less Running Time"
// (1977): for random vectors x of +-1, C x is compared with A (B x), which costs n^2 and not n^3. A
// wrong element escapes k vectors with the probability 2^-k.
#pragma once

#include <cstdint>

#include "ops/backend.h"
#include "ops/matmul.h"

namespace hikaku {

/// How the elements of a test matrix are chosen.
enum class Fill : std::uint8_t {
  uniform,        ///< in [0, 1), rounded to the operand's type
  small_integer,  ///< whole numbers of which every sum of a product is exact in C's type
};

/// The right-hand vectors of one check; 2^-20 is one in a million.
inline constexpr int freivalds_vectors = 20;

/// Writes a random [n, n] matrix of the operand's type to the device, row panel by row panel. The
/// element at (i, j) depends on seed, index, i and j alone.
void fill_matrix(Backend& backend, const MatmulParams& params, Fill fill, std::uint64_t seed,
                 std::uint64_t index, void* matrix);

/// The largest |C x - A (B x)| of a row over the Euclidean norm of that row of C, in double.
/// Infinite if C holds what is not finite. Exact for small integers: any error gives more than 0.
[[nodiscard]] double freivalds_residual(Backend& backend, const MatmulParams& params,
                                        std::uint64_t seed, const void* a, const void* b,
                                        const void* c);

/// The most by which an element of C may be wrong, over (|A| |B|)_ij, which is C_ij for uniform A
/// and B. It adds up
///   sums       n u: u is 2^-53 in f64, 2^-24 in f32, and 2^-23 where tensor cores cut f32 off
///   operands   those of bf16, f16 and fp8 are what they are in memory. tf32 cuts f32 off to 11
///              bits: 2^-10 for each of the two factors. f32x leaves out low x low: 2^-22, and as
///              much for the last bits of both halves
///   fp8        within 128 products sums hold 14 bits (DeepSeek-AI, "DeepSeek-V3", 2024, section
///              3.3.2): each term is cut off at 2^-13 of the largest
///   C          its own rounding: 2^-8 in bf16, 2^-11 in f16.
[[nodiscard]] double product_error_bound(const MatmulParams& params);

/// What rounding can explain of the residual: 8 times that bound. With random signs the sum of a
/// row's errors exceeds 8 times its norm with a probability below 1e-13 (Hoeffding).
[[nodiscard]] double freivalds_limit(const MatmulParams& params);

}  // namespace hikaku
