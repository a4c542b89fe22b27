// The parts of a step that are not arithmetic: decoding, the transform, the loader, random numbers
// and the memory plan. All on generated scenes, which are about as large as VOC's pictures.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/philox.h"
#include "data/augment.h"
#include "data/jpeg.h"
#include "data/loader.h"
#include "data/png.h"
#include "data/synth.h"
#include "data/transform.h"
#include "tensor/arena.h"

namespace hikaku {
namespace {

constexpr int side = 256;  // of the network's input

const Scene& scene() {
  static const Scene made = generate_scene(1, 1);
  return made;
}

void count_pixels(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * scene().picture.width * scene().picture.height);
}

void jpeg_decoding(benchmark::State& state) {
  const std::vector<std::uint8_t> file = encode_jpeg(scene().picture);
  Picture picture;
  for ([[maybe_unused]] auto _ : state)
    picture = decode_jpeg(file, "scene.jpg", std::move(picture));
  count_pixels(state);
}
BENCHMARK(jpeg_decoding)->Unit(benchmark::kMillisecond);

void mask_decoding(benchmark::State& state) {
  const std::vector<std::uint8_t> file = encode_mask(scene().mask);
  Mask mask;
  for ([[maybe_unused]] auto _ : state) mask = decode_mask(file, "scene.png", std::move(mask));
  count_pixels(state);
}
BENCHMARK(mask_decoding)->Unit(benchmark::kMillisecond);

void picture_transform(benchmark::State& state) {
  std::vector<float> target(std::size_t{3} * side * side);
  for ([[maybe_unused]] auto _ : state) {
    transform_picture(scene().picture, side, side, target.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * side * side);
}
BENCHMARK(picture_transform)->Unit(benchmark::kMillisecond);

void mask_transform(benchmark::State& state) {
  std::vector<std::uint8_t> target(std::size_t{side} * side);
  for ([[maybe_unused]] auto _ : state) {
    transform_mask(scene().mask, side, side, 0, target.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * side * side);
}
BENCHMARK(mask_transform)->Unit(benchmark::kMillisecond);

/// Picture and both masks, with everything that can be drawn.
void augmentation(benchmark::State& state) {
  const Augmentation augmentation{
      .flip = true, .rotate = 10, .scale = 1.5, .crop = 0.6, .colour = 0.3};
  std::vector<float> image(std::size_t{3} * side * side);
  std::vector<std::uint8_t> labels(std::size_t{side} * side);
  const Picture& picture = scene().picture;
  std::uint64_t epoch = 0;
  for ([[maybe_unused]] auto _ : state) {
    const AugmentDraw draw = draw_augmentation(augmentation, 0, ++epoch, 0);
    const auto sources = augmented_sources(draw, picture.height, picture.width, side, side);
    augment_picture(picture, draw, sources, image.data());
    augment_mask(scene().mask, sources, 0, labels.data());
    augment_mask(scene().mask, sources, 255, labels.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * side * side);
}
BENCHMARK(augmentation)->Unit(benchmark::kMillisecond);

/// A data set that goes with the program.
class GeneratedScenes {
 public:
  GeneratedScenes() { write_synth(root_, {.train = 64, .val = 1}); }
  ~GeneratedScenes() {
    std::error_code ignored;  // a folder left behind in /tmp is no reason to terminate
    std::filesystem::remove_all(root_, ignored);
  }
  GeneratedScenes(const GeneratedScenes&) = delete;
  GeneratedScenes& operator=(const GeneratedScenes&) = delete;
  [[nodiscard]] Dataset train() const { return open_dataset(root_).train; }

 private:
  std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("hikaku_bench_" + std::to_string(getpid()));
};

/// Epochs of 64 pictures, by the number of workers; the files are in the page cache. Real time, for
/// the work is done in other threads.
void load_epoch(benchmark::State& state) {
  static const GeneratedScenes scenes;
  Loader loader(scenes.train(), {.workers = static_cast<int>(state.range(0))});
  std::int64_t images = 0;
  std::uint64_t epoch = 0;
  for ([[maybe_unused]] auto _ : state) {
    loader.start(epoch++);
    while (const Batch* batch = loader.next()) images += batch->count;
  }
  state.SetItemsProcessed(images);
}
BENCHMARK(load_epoch)->Arg(1)->Arg(2)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);

void philox_uniform(benchmark::State& state) {
  Philox random(0, RandomUse::weights);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(random.uniform());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(philox_uniform);

/// Buffers of pseudo-random size and life, as many as a plan of the U-Net has and ten times so
/// many.
void plan_arena(benchmark::State& state) {
  const auto buffers = static_cast<int>(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    Philox random(0, RandomUse::check);
    ArenaPlan plan;
    for (int i = 0; i < buffers; ++i) {
      plan.add(1 + random.below(1u << 28), i, i + static_cast<int>(random.below(20)));
    }
    benchmark::DoNotOptimize(plan.finish());
  }
}
BENCHMARK(plan_arena)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hikaku
