#include "app/trainer_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <omp.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>

#include "app/class_weights.h"
#include "app/experiment.h"
#include "app/json_output.h"
#include "app/phase_bars.h"
#include "app/settings_file.h"
#include "app/training_run.h"
#include "base/program.h"
#include "compare/pictures.h"
#include "compare/training.h"
#include "data/file.h"

namespace hikaku {
namespace {

/// What belongs to a call and not to the training.
const std::vector<std::string>& own_keys() {
  static const std::vector<std::string> keys{"out", "resume", "config", "json"};
  return keys;
}

std::string sum_of(const std::string& text) { return crc32_of(std::as_bytes(std::span(text))); }

std::string epoch_line(const EpochFigures& figures, std::int64_t epochs, Language language) {
  constexpr Text line{
      "epoch {} of {}: loss {:.4g}, on the validation list {:.4g}; pixel accuracy {:.1f}%, mean "
      "IoU "
      "{:.1f}%",
      "エポック {}/{}: 損失 {:.4g}、評価用画像で {:.4g}。画素正解率 {:.1f}%、平均 IoU {:.1f}%"};
  return fmt::format(fmt::runtime(line.in(language)), figures.epoch, epochs,
                     figures.train->mean_loss(), figures.eval->mean_loss(),
                     100 * figures.eval->pixel_accuracy, 100 * figures.eval->mean_iou);
}

/// Which pictures, in which order.
std::string list_sum(const Dataset& dataset) {
  std::string ids;
  for (const ListEntry& entry : dataset.list.entries) ids += entry.id + "\n";
  return fmt::format("{} ({})", dataset.size(), sum_of(ids));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

void TrainerRun::settle(const Context& context, SettingTable& settings) {
  if (!config_.empty()) settings.apply(read_text(config_), config_);
  if (resume_ && out_.empty()) {
    throw Error(ExitCode::usage, "--resume: no folder was named; --out DIR is needed beside it",
                "hikaku train --out DIR --resume");
  }
  if (!out_.empty()) {
    folder_ = std::make_unique<RunFolder>(out_);
    if (resume_) {
      found_ = folder_->find();
    } else {
      folder_->require_empty();
    }
  }
  if (found_) {
    settings.apply(found_->provenance.config, folder_->last().string());
    require_same_start();
    differences_ = settings.differences(found_->provenance.config, own_keys());
  } else if (folder_ && folder_->replaces(weights_)) {
    throw Error(ExitCode::usage,
                fmt::format("--weights {}: the training in {} would write over it", weights_, out_),
                "choose another folder: --out DIR");
  }
  if (resume_ && !found_) {
    context.console.note(out_ + " holds no checkpoint yet: the training begins");
  }
  settings_ = settings.text(own_keys());
}

UNetConfig TrainerRun::network(const Classes& classes) const {
  UNetConfig config;
  config.classes = classes.count();
  config.width = width_;
  config.levels = static_cast<int>(levels_);
  return config;
}

TrainerOptions TrainerRun::trainer_options() const {
  TrainerOptions options;
  options.batch_size = batch_size_;
  options.size = static_cast<int>(size_);
  options.workers = static_cast<int>(workers_);
  options.seed = static_cast<std::uint64_t>(seed);
  options.adam.learning_rate = learning_rate_;
  options.adam.weight_decay = weight_decay_;
  options.loss.dice_share = static_cast<float>(dice_share_);
  options.loss.class_weights = weights_of_classes_;
  if (void_ == "ignore") options.loss.ignore = void_label;
  options.schedule = {schedule_named(schedule_), warmup_, epochs_};
  options.augment = augment_;
  options.accumulate = accumulate_;
  options.cache_bytes = cache_ == CacheBudget::automatic ? cache_ : cache_ << 20;
  return options;
}

/// A checkpoint names its data as they were named: perhaps from another working folder.
void TrainerRun::require_data_in_sight() const {
  std::error_code ignored;
  const std::filesystem::path data = data_;
  if (data.is_absolute() || std::filesystem::is_directory(data, ignored)) return;
  throw Error(ExitCode::bad_data,
              fmt::format("{}: there is no such folder here; the training in {} began where there "
                          "was one",
                          data_, out_),
              "go to the folder that it began in, or give --data DIR beside --resume");
}

void TrainerRun::check(const Context& context) {
  require_target(json, {weights_, config_});
  require_size(size_, network(Classes()));  // depends on no data
  data_ = data_folder(data_);
  if (found_) require_data_in_sight();
  const TrainVal lists = open_dataset(data_);
  const UNetConfig config = network(lists.train.classes);
  if (found_ && found_->weights.network != config) {
    throw Error(
        ExitCode::usage,
        fmt::format("--width {} --levels {}, {} classes: the training in {} has width {}, {} "
                    "levels and {} classes; a network cannot change",
                    width_, levels_, config.classes, out_, found_->weights.network.width,
                    found_->weights.network.levels, found_->weights.network.classes),
        "leave them out with --resume, give its data, or begin anew with another --out");
  }
  if (found_) require_same_classes(lists.train.classes);
  if (folder_) folder_->require_room(UNet(config), found_.has_value());
  for (const Finding& warning : list_warnings(lists.train.list, lists.val.list)) {
    context.console.warning(to_string(warning));
  }
  const CheckReport report = check_dataset(lists, omp_get_max_threads());
  require_good(report);
  weights_of_classes_ = class_weights(class_weights_, config.classes, report.train_label_pixels);
}

Provenance TrainerRun::provenance(const Backend& device, const Result& result) const {
  const Dataset data = open_dataset(data_).train;
  Provenance provenance{settings_, {}, static_cast<std::uint64_t>(seed), data.classes};
  Metadata& environment = provenance.environment;
  environment = {{"device", device.name()},
                 {"precision", name_of(device.precision())},
                 {"threads", std::to_string(omp_get_max_threads())},
                 {"cpu", result.machine.cpu.model},
                 {"instructions", fmt::format("{}", fmt::join(result.machine.cpu.isa, " "))},
                 {"HIKAKU_ISA", variable("HIKAKU_ISA")},
                 {"HIKAKU_CONV2D", variable("HIKAKU_CONV2D")},
                 {"program", fmt::format("{} ({})", program().version, program().revision)},
                 {"training pictures", list_sum(data)}};

  for (const auto& [name, library] : result.machine.libraries) environment[name] = library.loaded;
  const auto gpu = static_cast<std::size_t>(cuda_number(device.name()));  // huge for a CPU
  if (gpu < result.machine.gpus.size()) {
    environment["gpu"] = result.machine.gpus[gpu].name;
    environment["driver"] = result.machine.gpus[gpu].driver;
  }
  return provenance;
}

/// What the next bits may differ by from those of a training that did not stop.
void TrainerRun::tell_differences(const Context& context, const Provenance& now) const {
  for (const std::string& difference : differences_) {
    context.console.note("not as before: " + difference);
  }
  const Metadata& before = found_->provenance.environment;
  for (const auto& [key, value] : now.environment) {
    const auto found = before.find(key);
    const std::string was = found == before.end() ? "" : found->second;
    if (was == value) continue;
    context.console.note(fmt::format(
        "not as before, so that last bits may differ: {} '{}', was '{}'", key, value, was));
  }
}

/// Those that it began with may be named again: the same command begins it and goes on.
void TrainerRun::require_same_start() const {
  const std::string before =
      value_in(found_->provenance.config, "weights", folder_->last().string());
  if (weights_ == before) return;
  throw Error(
      ExitCode::usage,
      fmt::format("--weights {}: the training in {} goes on from its own weights", weights_, out_),
      "leave it out, or begin anew with another --out");
}

/// The columns of the figures, and what each output has learnt, are by class.
void TrainerRun::require_same_classes(const Classes& now) const {
  const Classes before = classes_of(found_->weights, folder_->last());
  const auto other = first_other_name(before, now);
  if (!other) return;
  throw Error(ExitCode::usage,
              fmt::format("--resume: class {} is \"{}\", in the training in {} it is \"{}\"; the "
                          "classes cannot change",
                          *other, now.name(*other), out_, before.name(*other)),
              "give the data that it began with, or begin anew with another --out");
}

/// In the middle of an epoch its batches cannot become others.
void TrainerRun::require_same_batches(const Provenance& now) const {
  if (found_->progress.losses.empty()) return;
  const Metadata& before = found_->provenance.environment;
  const auto pictures = before.find("training pictures");
  std::string changed;
  for (const std::string& difference : differences_) {
    if (difference.starts_with("batch-size:") || difference.starts_with("accumulate:") ||
        difference.starts_with("seed:")) {
      changed = difference;
    }
  }
  if (pictures != before.end() && pictures->second != now.environment.at("training pictures")) {
    changed = fmt::format("the list of training pictures: {}, was {}",
                          now.environment.at("training pictures"), pictures->second);
  }
  if (changed.empty()) return;
  throw Error(ExitCode::usage,
              fmt::format("--resume: {}; the training stopped in the middle of an epoch, which can "
                          "only go on with the same batches",
                          changed),
              "go on as before until the epoch is complete, then change it");
}

void TrainerRun::begin(Model& model) const {
  if (found_) {
    restore(*found_, model);
    return;
  }
  model.initialise(static_cast<std::uint64_t>(seed));
  if (weights_.empty()) return;
  const StoredWeights start = load_weights(weights_);
  if (start.network != model.net().config) {
    throw Error(
        ExitCode::bad_checkpoint,
        fmt::format("{}: a network of width {}, {} levels and {} classes; this training has "
                    "{}, {} and {}",
                    weights_, start.network.width, start.network.levels, start.network.classes,
                    width_, levels_, model.net().config.classes),
        fmt::format("train with --width {} --levels {}", start.network.width,
                    start.network.levels));
  }
  model.from_host(start.tensors);
}

void TrainerRun::run(const Context& context, Backend& device, Result& result) {
  const TrainVal lists = open_dataset(data_);
  EpochRunnerOptions options{trainer_options(), epochs_, keep_every_, provenance(device, result)};
  if (found_) {
    require_same_batches(options.provenance);
    tell_differences(context, options.provenance);
  }
  Model model(network(lists.train.classes), device, true);
  begin(model);
  const RunProgress progress = found_ ? found_->progress : RunProgress{};
  found_.reset();  // several hundred MB
  // A recipe that was written by hand stays.
  if (folder_ && !folder_->replaces(config_)) {
    folder_->write_config(
        fmt::format("# hikaku {} ({})\n{}", program().version, program().revision, settings_));
  }
  std::optional<EpochRunner> runner(
      std::in_place, model, lists, options, folder_.get(), progress,
      [&](const std::string& text) { context.console.warning(text); });
  PhaseBars bars(context.console, device, epochs_);
  std::vector<EpochResult> epochs;
  const EpochRunnerResult done = runner->run(std::ref(bars), [&](const EpochFigures& figures) {
    context.console.note(epoch_line(figures, epochs_, context.settings.language));
    epochs.push_back({figures.epoch, figures.train->mean_loss(), figures.eval->mean_loss(),
                      figures.eval->pixel_accuracy, figures.eval->mean_iou});
  });
  if (!done.train) {
    context.console.note(
        fmt::format("{} has {} epochs already; nothing is left to do, more: "
                    "--epochs {}",
                    out_, progress.epochs, progress.epochs + 1));
    return;
  }
  const PhaseWork work{lists.train.size(), lists.val.size(), runner->trainer().train_steps(),
                       runner->trainer().eval_steps()};
  UnetResult unet =
      training_result(model, runner->trainer().options(), work, *done.train, *done.eval);
  unet.epochs = std::move(epochs);
  const std::string subject = fmt::format("unet {} on {}", unet.precision, unet.device);
  if (unet.train.projected) result.caveats.push_back(make_caveat(CaveatId::resumed, subject));
  if (!unet.train.step_seconds.values.empty()) {
    add_caveats(sample_caveats(unet.train.step_seconds, subject), result);
  }
  result.unet.push_back(std::move(unet));
  result.classes = class_results(lists.train.classes);
  runner.reset();  // on a small GPU the pictures need its memory
  auto pictures = sample_pictures(model, lists.val, static_cast<int>(size_));
  std::move(pictures.begin(), pictures.end(), std::back_inserter(result.pictures));
}

}  // namespace hikaku
