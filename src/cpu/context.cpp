#include "cpu/context.h"

#include <omp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/memory.h"
#include "base/system_files.h"
#include "cpu/onednn.h"

namespace hikaku::cpu {
namespace {

constexpr std::size_t small_page = 4096;
constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Everything that a choice among algorithms depends on.
std::string machine_key(const Kernels& kernels) {
  const dnnl_version_t* v = dnnl_version();
  return fmt::format("{}, {}, {} threads, oneDNN {}.{}.{}", value_of("/proc/cpuinfo", "model name"),
                     kernels.isa, omp_get_max_threads(), v->major, v->minor, v->patch);
}

/// oneDNN must not use wider vectors than our own kernels, or the layouts would not fit both.
std::int64_t agree_on_block(const Kernels& kernels) {
  if (kernels.block == 8) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
    case dnnl::cpu_isa::avx:
      return 1;  // their blocked convolutions have no backward pass; plain ones go through GEMM
    case dnnl::cpu_isa::avx2:
    case dnnl::cpu_isa::avx2_vnni:
      return kernels.block == 8 ? 8 : 1;
    default:
      return kernels.block;
  }
}

}  // namespace

void* allocate_memory(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  require_host_memory(bytes);
  const std::size_t page = bytes < huge_page ? small_page : huge_page;
  const std::size_t size = (bytes + page - 1) / page * page;
  void* memory = std::aligned_alloc(page, size);
  if (memory == nullptr) throw out_of_host_memory(bytes);
  if (page == huge_page) madvise(memory, size, MADV_HUGEPAGE);
  auto* data = static_cast<char*>(memory);
  // Touched by the threads that will use it, so that its pages lie near them.
#pragma omp parallel for schedule(static)
  for (std::size_t at = 0; at < bytes; at += huge_page) {
    std::memset(data + at, 0, std::min(huge_page, bytes - at));
  }
  return memory;
}

void release_memory(void* memory) noexcept { std::free(memory); }

Context::Context()
    : kernels(cpu::kernels()),
      block(agree_on_block(kernels)),
      tuning(default_tuning_file(), machine_key(kernels)) {}

void Context::reserve_scratch(std::size_t bytes) {
  if (bytes > scratch_.bytes()) {
    scratch_ = Memory();
    scratch_ = Memory(bytes);
  }
}

Layout Context::layout_of(const Shape& shape, std::int64_t channel_unit) const {
  const bool blocked = channel_unit % block == 0 && shape.c % block == 0;
  return Layout::blocked(shape, blocked ? block : 1);
}

}  // namespace hikaku::cpu
