#include "compare/step_bench.h"

#include "base/philox.h"
#include "nn/eval_plan.h"
#include "nn/train_plan.h"

namespace hikaku {
namespace {

/// A batch of noise on the device, as in the PyTorch peer.
struct RandomBatch {
  RandomBatch(Backend& backend, const StepBenchOptions& o)
      : pixels(static_cast<std::size_t>(o.batch.images * o.batch.height * o.batch.width)),
        images(backend, pixels * static_cast<std::size_t>(o.config.in_channels) * sizeof(float)),
        labels(backend, pixels) {
    Philox random(o.seed, RandomUse::check);
    std::vector<float> values(images.bytes() / sizeof(float));
    for (float& value : values) value = 4 * random.uniform() - 2;
    std::vector<std::uint8_t> classes(pixels);
    for (auto& value : classes) {
      value = static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(o.config.classes)));
    }
    backend.copy_to_device(values.data(), images.get(), images.bytes());
    backend.copy_to_device(classes.data(), labels.get(), labels.bytes());
  }
  std::size_t pixels;
  DeviceMemory images, labels;
};

BenchResult measure(Backend& backend, const StepBenchOptions& options, const std::string& what,
                    const std::function<void()>& step) {
  const auto work = [&] {
    step();
    backend.synchronize();
  };
  for (int i = 0; i < options.warm_up; ++i) work();
  BenchResult result;
  result.what = what;
  result.device = backend.name();
  result.precision = name_of(backend.precision());
  result.batch_size = options.batch.images;
  result.size = options.batch.height;
  result.seconds = take_samples(options.stopping, work);
  result.peak_memory_bytes = backend.peak_memory_bytes();
  return result;
}

}  // namespace

std::vector<BenchResult> bench_steps(Backend& backend, const StepBenchOptions& options,
                                     const std::function<void(const std::string& what)>& progress) {
  Model model(options.config, backend, true);
  model.initialise(options.seed);
  const RandomBatch batch(backend, options);
  const auto* labels = static_cast<const std::uint8_t*>(batch.labels.get());
  if (progress) progress("train_step");
  TrainPlan train(model, options.batch, options.loss);
  std::vector<BenchResult> results;
  results.push_back(measure(backend, options, "train_step",
                            [&] { train.step(batch.images.floats(), labels, {}); }));
  if (!options.evaluation) return results;
  if (progress) progress("eval_step");
  EvalPlan eval(model, options.batch, options.loss, train.memory());
  eval.load_weights();
  results.push_back(measure(backend, options, "eval_step",
                            [&] { eval.evaluate(batch.images.floats(), labels); }));
  return results;
}

}  // namespace hikaku
