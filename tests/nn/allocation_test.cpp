// Once planned and run, a step takes no memory of its own: oneDNN's are the only calls of operator
// new that do not count, for it makes a map of the arguments whenever a primitive runs.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "cpu/backend.h"
#include "nn/eval_plan.h"
#include "nn/train_plan.h"

namespace {

std::atomic<long> allocations = 0;

bool is_in_onednn(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libdnnl") != nullptr;
}

void* allocate(std::size_t bytes, std::size_t alignment, const void* caller) {
  if (!is_in_onednn(caller)) ++allocations;
  void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes, 16, __builtin_return_address(0)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
// The sanitizers have one of their own, whose memory our operator delete could not free.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return allocate(bytes, 16, __builtin_return_address(0));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace hikaku {
namespace {

TEST(Allocation, NoStepAfterTheFirstTakesMemory) {
  const auto backend = make_cpu_backend();
  Model model(UNetConfig{3, 22, 16, 3}, *backend, true);
  model.initialise(1);
  const BatchShape batch{2, 32, 32};
  const std::vector<float> images(std::size_t{2} * 3 * 32 * 32, 0.5f);
  std::vector<std::uint8_t> labels(std::size_t{2} * 32 * 32, 3), classes(labels.size());
  TrainPlan train(model, batch, {});
  EvalPlan eval(model, batch, {});
  const auto run = [&] {
    train.step(images.data(), labels.data(), {});
    eval.load_weights();
    eval.evaluate(images.data(), labels.data(), classes.data());
  };
  run();
  const long before = allocations;
  run();
  run();
  EXPECT_EQ(allocations - before, 0);
}

}  // namespace
}  // namespace hikaku
