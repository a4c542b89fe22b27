#include "train/trainer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/signals.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

/// The numbers of pictures that batches of a list of `count` have: full ones first.
std::vector<std::int64_t> batch_sizes(std::size_t count, std::int64_t batch_size) {
  const auto images = static_cast<std::int64_t>(count);
  std::vector<std::int64_t> sizes;
  if (images >= batch_size) sizes.push_back(batch_size);
  if (images % batch_size != 0) sizes.push_back(images % batch_size);
  return sizes;
}

/// Only what is trained on is shuffled, and changed by augmentation.
LoaderOptions loader_options(const TrainerOptions& options, bool shuffle,
                             std::shared_ptr<CacheBudget> cache) {
  return {.batch_size = options.batch_size,
          .height = options.size,
          .width = options.size,
          .workers = options.workers,
          .shuffle = shuffle,
          .seed = options.seed,
          .augment = shuffle ? options.augment : Augmentation{},
          .cache = std::move(cache)};
}

std::shared_ptr<CacheBudget> budget_of(const TrainerOptions& options) {
  return options.cache_bytes == 0 ? nullptr : std::make_shared<CacheBudget>(options.cache_bytes);
}

/// A batch takes memory for its pictures, and no list has more than the longer one.
TrainerOptions fitted(TrainerOptions options, const TrainVal& data) {
  const auto longest = static_cast<std::int64_t>(std::max(data.train.size(), data.val.size()));
  options.batch_size = std::min(options.batch_size, longest);
  return options;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Score score_of(const ConfusionMatrix& matrix) {
  return {matrix.pixel_accuracy(), matrix.mean_iou()};
}

/// Of one picture, and of a batch.
std::size_t pixels_of(int side) {
  return static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
}
std::size_t pixels_of(const TrainerOptions& options) {
  return static_cast<std::size_t>(options.batch_size) * pixels_of(options.size);
}

/// The pictures of a batch, a few of them by name.
std::string ids_of(const Dataset& dataset, const Batch& batch) {
  constexpr std::size_t most = 4;
  std::string ids;
  for (std::size_t i = 0; i < std::min(most, batch.items.size()); ++i) {
    ids += (i > 0 ? ", " : "") + dataset.id(batch.items[i]);
  }
  const std::size_t more = batch.items.size() - std::min(most, batch.items.size());
  return more > 0 ? fmt::format("{} and {} more", ids, more) : ids;
}

}  // namespace

void PhaseStats::add_loss(const LossValue& loss) {
  losses.push_back(loss.total);
  cross_entropies.push_back(loss.cross_entropy);
  dices.push_back(loss.dice);
}

std::vector<LossValue> PhaseStats::loss_values() const {
  std::vector<LossValue> values;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    values.push_back({losses[i], cross_entropies[i], dices[i]});
  }
  return values;
}

double PhaseStats::mean_loss() const { return mean_of(losses); }
double PhaseStats::mean_cross_entropy() const { return mean_of(cross_entropies); }
double PhaseStats::mean_dice() const { return mean_of(dices); }

Trainer::Trainer(Model& model, const TrainVal& data, const TrainerOptions& options)
    : Trainer(model, data, fitted(options, data), budget_of(options)) {}

Trainer::Trainer(Model& model, const TrainVal& data, const TrainerOptions& options,
                 const std::shared_ptr<CacheBudget>& cache)
    : model_(model),
      options_(options),
      train_loader_(data.train, loader_options(options, true, cache)),
      eval_loader_(data.val, loader_options(options, false, cache)),
      places_{make_place(), make_place()},
      predictions_(model.backend(), pixels_of(options)) {
  require(model.net().config.classes >= data.train.classes.count(),
          "[trainer] a network of {} classes; labels need {}", model.net().config.classes,
          data.train.classes.count());
  // The plans take turns, so all of them share one piece of memory.
  std::shared_ptr<DeviceMemory> memory;
  for (const std::int64_t images : batch_sizes(data.train.size(), options.batch_size)) {
    auto& plan = train_plans_[images];
    plan = std::make_unique<TrainPlan>(model, shape_of(images), options.loss, memory);
    memory = plan->memory();
  }
  std::shared_ptr<DeviceMemory> folded;
  for (const std::int64_t images : batch_sizes(data.val.size(), options.batch_size)) {
    auto& plan = eval_plans_[images];
    plan = std::make_unique<EvalPlan>(model, shape_of(images), options.loss, memory, folded);
    folded = plan->folded();
  }
}

BatchShape Trainer::shape_of(std::int64_t images) const {
  // Two batches and the predictions of one.
  const std::size_t pixels = pixels_of(options_.size);
  return {images, options_.size, options_.size, pixels * (2 * (3 * sizeof(float) + 1) + 1)};
}

Trainer::Place Trainer::make_place() const {
  return {DeviceMemory(model_.backend(), pixels_of(options_) * 3 * sizeof(float)),
          DeviceMemory(model_.backend(), pixels_of(options_))};
}

void Trainer::upload(const Batch& batch, const Place& place) {
  const std::size_t pixels = static_cast<std::size_t>(batch.count) * pixels_of(options_.size);
  model_.backend().upload(batch.images, place.images.get(), pixels * 3 * sizeof(float));
  const bool ignores_void = options_.loss.ignore == void_label;
  model_.backend().upload(ignores_void ? batch.void_labels : batch.labels, place.labels.get(),
                          pixels);
}

void Trainer::run(const Phase& phase, const PhaseObserver& observer, PhaseStats& stats) {
  Loader& loader = phase.loader;
  const double begin = clock_seconds();
  const double waited = loader.wait_seconds();
  loader.start(phase.epoch, phase.first);
  const Batch* next = nullptr;
  for (std::int64_t step = phase.first; step < phase.last; ++step) {
    if ((step - phase.first) % phase.group == 0 && stop_requested()) {
      stats.stopped = true;
      break;
    }
    const Batch* batch = std::exchange(next, nullptr);
    if (batch == nullptr) {
      batch = loader.next();
      upload(*batch, place_of(step));
      model_.backend().synchronize();
    }
    const double start = clock_seconds();
    phase.begin(step, *batch, place_of(step));
    // Only a batch that is there: a step's time must not hold a wait for files.
    if (step + 1 < phase.last && loader.ready()) {
      next = loader.next();
      upload(*next, place_of(step + 1));
    }
    stats.add_loss(phase.finish(step, *batch));
    stats.step_seconds.push_back(clock_seconds() - start);
    stats.step_images.push_back(batch->count);
    stats.items.insert(stats.items.end(), batch->items.begin(), batch->items.end());
    stats.images += batch->count;
    if (observer) {
      observer({step + 1, phase.last, stats.images, clock_seconds() - begin, stats.losses.back(),
                phase.first});
    }
  }
  stats.wait_seconds = loader.wait_seconds() - waited;
  if (stats.images > 0) stats.picture_seconds = loader.picture_seconds() / options_.workers;
  stats.seconds = clock_seconds() - begin;
}

Trainer::Member Trainer::member(std::int64_t batch, std::int64_t last_batch) const {
  const auto items = static_cast<std::int64_t>(train_loader_.dataset().size());
  const std::int64_t first = batch / options_.accumulate * options_.accumulate;
  const std::int64_t end = std::min(first + options_.accumulate, last_batch);
  const auto images_until = [&](std::int64_t b) {
    return std::min(b * options_.batch_size, items);
  };
  const std::int64_t all = images_until(end) - images_until(first);
  const std::int64_t own = images_until(batch + 1) - images_until(batch);
  return {static_cast<float>(own) / static_cast<float>(all), batch == first, batch + 1 == end};
}

double Trainer::learning_rate(std::uint64_t epoch, std::int64_t batch) const {
  const std::int64_t group = options_.accumulate;
  const std::int64_t steps = (train_steps() + group - 1) / group;
  return options_.adam.learning_rate *
         schedule_factor(options_.schedule,
                         static_cast<std::int64_t>(epoch) * steps + batch / group, steps);
}

PhaseStats Trainer::train_epoch(std::uint64_t epoch, const PhaseObserver& observer,
                                std::int64_t max_steps, const std::vector<LossValue>& done) {
  PhaseStats stats;
  for (const LossValue& loss : done) stats.add_loss(loss);
  const auto first = static_cast<std::int64_t>(done.size());
  const std::int64_t last = max_steps > 0 ? std::min(max_steps, train_steps()) : train_steps();
  const auto begin = [&](std::int64_t number, const Batch& batch, const Place& place) {
    TrainPlan& plan = *train_plans_.at(batch.count);
    const float* const images = place.images.floats();
    const Member at = member(number, last);
    AdamParams adam = options_.adam;
    adam.learning_rate = learning_rate(epoch, number);
    if (at.first && at.last) {
      plan.begin_step(images, place.label_bytes(), adam);
    } else if (at.last) {
      plan.begin_last_batch(images, place.label_bytes(), at.share, adam);
    } else {
      plan.begin_batch(images, place.label_bytes(), at.share, at.first);
    }
  };
  const auto finish = [&](std::int64_t number, const Batch& batch) {
    TrainPlan& plan = *train_plans_.at(batch.count);
    try {
      return member(number, last).last ? plan.finish_step() : plan.finish_batch();
    } catch (const Error& error) {
      if (error.code() != ExitCode::diverged) throw;
      throw Error(ExitCode::diverged,
                  fmt::format("epoch {}, batch {} ({}): {}; nothing was learnt from it", epoch + 1,
                              number + 1, ids_of(train_loader_.dataset(), batch), error.what()),
                  error.fix());
    }
  };
  run({train_loader_, epoch, first, last, options_.accumulate, begin, finish}, observer, stats);
  return stats;
}

StepProfile Trainer::profile(std::uint64_t epoch, std::int64_t steps, double most_seconds) {
  const auto count = static_cast<std::int64_t>(train_loader_.dataset().size());
  const std::int64_t images = std::min(options_.batch_size, count);
  const std::int64_t most = std::min(steps + 1, count / images);
  TrainPlan& plan = *train_plans_.at(images);
  StepProfile profile;
  const double begin = clock_seconds();
  train_loader_.start(epoch);
  for (std::int64_t step = 0; step < most && !stop_requested(); ++step) {
    if (step > 1 && clock_seconds() - begin > most_seconds) break;
    const Place& place = place_of(step);
    const double start = clock_seconds();
    const Batch* batch = train_loader_.next();
    const double there = clock_seconds();
    upload(*batch, place);
    model_.backend().synchronize();
    const double copied = clock_seconds();
    if (step == 1) profile = {};
    profile.steps.push_back(
        plan.profile_step(place.images.floats(), place.label_bytes(), options_.adam));
    profile.wait_seconds.push_back(there - start);
    profile.copy_seconds.push_back(copied - there);
  }
  profile.decode_seconds = static_cast<double>(images) * train_loader_.picture_seconds();
  return profile;
}

std::vector<double> Trainer::losses_from(
    std::uint64_t epoch, std::span<const std::map<std::string, HostTensor>> starts) {
  std::vector<double> losses;
  const auto batches = std::min(static_cast<std::int64_t>(starts.size()), train_steps() - 1);
  if (batches <= 0) return losses;
  train_loader_.start(epoch, 1);
  for (std::int64_t i = 0; i < batches && !stop_requested(); ++i) {
    const Batch* batch = train_loader_.next();
    upload(*batch, places_[0]);
    model_.from_host(starts[static_cast<std::size_t>(i)]);
    const LossValue loss =
        train_plans_.at(batch->count)
            ->forward_backward(places_[0].images.floats(), places_[0].label_bytes());
    losses.push_back(loss.total);
  }
  return losses;
}

EvalStats Trainer::evaluate(const PhaseObserver& observer, std::int64_t max_steps) {
  const double begin = clock_seconds();
  for (const auto& [images, plan] : eval_plans_) plan->load_weights();
  EvalStats stats;
  ConfusionMatrix confusion(model_.net().config.classes);
  LectureIou lecture(model_.net().config.classes);
  const std::size_t pixels = pixels_of(options_.size);
  std::vector<std::uint8_t> predictions(predictions_.bytes());
  auto* const classes = static_cast<std::uint8_t*>(predictions_.get());
  const auto begin_batch = [&](std::int64_t, const Batch& batch, const Place& place) {
    eval_plans_.at(batch.count)->begin(place.images.floats(), place.label_bytes(), classes);
  };
  const auto finish_batch = [&](std::int64_t, const Batch& batch) {
    const LossValue loss = eval_plans_.at(batch.count)->finish();
    const auto count = static_cast<std::size_t>(batch.count);
    model_.backend().copy_to_host(classes, predictions.data(), count * pixels);
    for (std::size_t i = 0; i < count; ++i) {
      const std::span labels(batch.void_labels + i * pixels, pixels);
      const std::span predicted(predictions.data() + i * pixels, pixels);
      confusion.add(labels, predicted);
      lecture.add_image(labels, predicted);
    }
    return loss;
  };
  const std::int64_t last = max_steps > 0 ? std::min(max_steps, eval_steps()) : eval_steps();
  run({eval_loader_, 0, 0, last, 1, begin_batch, finish_batch}, observer, stats);
  stats.seconds = clock_seconds() - begin;
  const ConfusionMatrix background = confusion.background_only();
  stats.pixel_accuracy = confusion.pixel_accuracy();
  stats.mean_iou = confusion.mean_iou();
  stats.mean_dice_by_class = confusion.mean_dice();
  stats.iou_by_class = confusion.iou_by_class();
  stats.dice_by_class = confusion.dice_by_class();
  stats.confusion = confusion.counts();
  stats.background_pixel_accuracy = background.pixel_accuracy();
  stats.background_mean_iou = background.mean_iou();
  const ConfusionMatrix with_void = confusion.with_void();
  stats.with_void = score_of(with_void);
  stats.background_with_void = score_of(with_void.background_only());
  stats.lecture_iou = lecture.mean();
  return stats;
}

}  // namespace hikaku
