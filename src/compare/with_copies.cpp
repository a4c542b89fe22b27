#include "compare/with_copies.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/memory.h"

namespace hikaku {
namespace {

void upload(Backend& backend, const std::vector<std::byte>& from, void* to) {
  constexpr std::size_t piece = std::size_t{16} << 20;
  for (std::size_t at = 0; at < from.size(); at += piece) {
    backend.upload(from.data() + at, static_cast<std::byte*>(to) + at,
                   std::min(piece, from.size() - at));
  }
}

}  // namespace

Samples samples_with_copies(Backend& backend, const MatmulParams& params,
                            const ProductMemory& memory, const StoppingRule& rule,
                            const std::function<void()>& multiply) {
  if (read_memory().available < static_cast<std::int64_t>(params.bytes())) return {};
  const std::size_t operand = params.matrix_bytes(params.operand());
  std::vector<std::byte> a(operand), b(operand), c(params.matrix_bytes(params.dtype));
  backend.copy_to_host(memory.a, a.data(), a.size());
  backend.copy_to_host(memory.b, b.data(), b.size());
  return take_samples(rule, [&] {
    upload(backend, a, memory.a);
    upload(backend, b, memory.b);
    multiply();
    backend.copy_to_host(memory.c, c.data(), c.size());
  });
}

}  // namespace hikaku
