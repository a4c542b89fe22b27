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
  uniform,        ///< in [0, 1)
  small_integer,  ///< -3..3: every sum of a product is exact in f32 up to n = 1.8 million
};

/// The right-hand vectors of one check; 2^-20 is one in a million.
inline constexpr int freivalds_vectors = 20;

/// Writes a random [n, n] matrix to the device, row panel by row panel. The element at (i, j)
/// depends on seed, index, i and j alone.
void fill_matrix(Backend& backend, const MatmulParams& params, Fill fill, std::uint64_t seed,
                 std::uint64_t index, void* matrix);

/// The largest |C x - A (B x)| of a row over the Euclidean norm of that row of C, in double.
/// Infinite if C holds what is not finite. Exact for small integers: any error gives more than 0.
[[nodiscard]] double freivalds_residual(Backend& backend, const MatmulParams& params,
                                        std::uint64_t seed, const void* a, const void* b,
                                        const void* c);

/// What rounding can explain: 8 n u, u the unit round-off. An element's error is at most n u times
/// (|A| |B|)_ij, which is C_ij for uniform A and B; with random signs their sum over a row exceeds
/// 8 times its norm with a probability below 1e-13 (Hoeffding).
[[nodiscard]] double freivalds_limit(const MatmulParams& params);

}  // namespace hikaku
