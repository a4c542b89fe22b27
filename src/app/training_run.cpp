#include "app/training_run.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <iterator>

#include "app/experiment.h"
#include "app/phase_bars.h"
#include "compare/pictures.h"
#include "data/check.h"
#include "data/classes.h"

namespace hikaku {

void declare_batch(Options& options, std::int64_t& batch_size, std::int64_t& size) {
  options.integer("--batch-size", batch_size, 1, 4096,
                  {"images in a training step", "1 ステップの画像の数"});
  options.integer(
      "--size", size, 16, 4096,
      {"images are resized to N x N; a multiple of 16", "画像を N x N に縮める。16 の倍数"});
}

void require_size(std::int64_t size, const UNetConfig& network) {
  const std::int64_t unit = network.side_unit();
  if (size % unit == 0) return;
  throw Error(ExitCode::usage,
              fmt::format("--size: found {}; allowed is a multiple of {}", size, unit),
              fmt::format("for example --size {}", std::max(size / unit, std::int64_t{1}) * unit));
}

void TrainingRun::declare(Options& options) {
  options.data(data);
  options.precision(precision);
  options.integer("--epochs", epochs, 1, 1'000'000,
                  {"how often the training goes through the data", "学習を繰り返す回数"});
  declare_batch(options, batch_size, size);
  options.integer("--workers", workers, 1, 256,
                  {"threads that read the data", "データを読むスレッドの数"});
  options.number("--lr", learning_rate, 0, 1e6, {"learning rate of Adam", "Adam の学習率"});
}

void TrainingRun::check(const Context& context) {
  require_size(size);
  data = data_folder(data);
  const TrainVal lists = open_dataset(data);
  for (const Finding& warning : list_warnings(lists.train.list, lists.val.list)) {
    context.console.warning(to_string(warning));
  }
  require_good(check_dataset(lists, omp_get_max_threads()));
}

UNetConfig TrainingRun::network() const {
  UNetConfig network;
  network.classes = classes_of(data).count();
  return network;
}

void TrainingRun::run(const Context& context, Backend& device, Result& result,
                      TrainingWitness* witness, EnergyWatch* energy, Race* race) const {
  const TrainVal lists = open_dataset(data);
  TrainingOptions options;
  options.trainer.batch_size = batch_size;
  options.trainer.size = static_cast<int>(size);
  options.trainer.workers = static_cast<int>(workers);
  options.trainer.seed = result.seed;
  options.trainer.adam.learning_rate = learning_rate;
  options.epochs = epochs;
  options.max_train_steps = max_train_steps;
  options.max_eval_steps = max_eval_steps;
  options.profile_steps = profile_steps;
  options.energy = energy;

  Model model(network(), device, true);
  PhaseBars bars(context.console, device, epochs, race);
  UnetResult unet = run_training(model, lists, options, std::ref(bars), witness);
  const std::string subject = fmt::format("unet {} on {}", unet.precision, unet.device);
  if (unet.train.projected || unet.eval.projected) {
    result.caveats.push_back(make_caveat(CaveatId::projected, subject));
  }
  add_caveats(sample_caveats(unet.train.step_seconds, subject), result);
  result.unet.push_back(std::move(unet));
  result.classes = class_results(lists.train.classes);
  auto pictures = sample_pictures(model, lists.val, static_cast<int>(size));
  std::move(pictures.begin(), pictures.end(), std::back_inserter(result.pictures));
}

}  // namespace hikaku
