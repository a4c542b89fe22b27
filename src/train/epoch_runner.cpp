#include "train/epoch_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/error.h"
#include "base/signals.h"

namespace hikaku {
namespace {

/// Saving takes at most one part in so many of the time.
constexpr double share_of_saving = 10;

}  // namespace

EpochRunner::EpochRunner(Model& model, const TrainVal& data, EpochRunnerOptions options,
                         const RunFolder* folder, const RunProgress& progress,
                         std::function<void(const std::string&)> say)
    : model_(model),
      options_(std::move(options)),
      folder_(folder),
      progress_(progress),
      say_(std::move(say)),
      trainer_(model, data, options_.trainer) {
  if (folder_ == nullptr) return;
  folder_->remove_stale();
  log_.emplace(folder_->path(), data.train.classes, progress_.epochs, say_);
}

PhaseObserver EpochRunner::watch(const EpochObserver& observer, const char* phase,
                                 std::int64_t epoch) const {
  if (!observer) return {};
  return [&observer, phase, epoch](const PhaseProgress& at) { observer(phase, epoch, at); };
}

EpochRunnerResult EpochRunner::run(const EpochObserver& observer, const EpochListener& listener) {
  try {
    return run_epochs(observer, listener);
  } catch (const Error& error) {
    // A stop says it itself, and a training that diverged would do so again.
    constexpr std::array own{ExitCode::interrupted, ExitCode::terminated, ExitCode::diverged};
    std::error_code ignored;
    if (std::find(own.begin(), own.end(), error.code()) != own.end() || folder_ == nullptr ||
        !std::filesystem::exists(folder_->last(), ignored)) {
      throw;
    }
    throw Error(error.code(), error.what(), fmt::format("{}; then {}", error.fix(), way_on()));
  }
}

EpochRunnerResult EpochRunner::run_epochs(const EpochObserver& observer,
                                          const EpochListener& listener) {
  EpochRunnerResult result;
  while (progress_.epochs < options_.epochs) {
    const std::int64_t epoch = progress_.epochs;
    result.train = trainer_.train_epoch(static_cast<std::uint64_t>(epoch),
                                        watch(observer, "train", epoch), 0, progress_.losses);
    const auto done = static_cast<std::int64_t>(result.train->losses.size());
    if (result.train->stopped) stop(*result.train, done);
    result.eval = trainer_.evaluate(watch(observer, "eval", epoch));
    if (result.eval->stopped) stop(*result.train, done);
    const EpochFigures figures = finish_epoch(result);
    if (listener) listener(figures);
    if (folder_ != nullptr) keep(figures);
    if (progress_.epochs < options_.epochs && stop_requested()) stop({}, 0);
  }
  return result;
}

EpochFigures EpochRunner::finish_epoch(const EpochRunnerResult& result) {
  const std::int64_t epoch = ++progress_.epochs;
  progress_.losses.clear();
  progress_.steps = model_.steps();
  const double rate =
      trainer_.learning_rate(static_cast<std::uint64_t>(epoch - 1), trainer_.train_steps() - 1);
  return {epoch, progress_.steps, rate, &*result.train, &*result.eval};
}

void EpochRunner::keep(const EpochFigures& figures) {
  note_best(*figures.eval);
  log_->add(figures);
  const bool last = figures.epoch == options_.epochs;
  try {
    log_->flush();
    const bool keeps = options_.keep_every > 0 && figures.epoch % options_.keep_every == 0;
    if (keeps) save(folder_->kept(figures.epoch));
    save_if_due(last);
  } catch (const Error& error) {
    // The checkpoint from before is still there; there may be room again an epoch later.
    if (last || error.code() != ExitCode::bad_data) throw;
    say_(fmt::format("{}; the training goes on, and {}", error.what(), error.fix()));
  }
}

void EpochRunner::note_best(const EvalStats& eval) {
  if (!(eval.mean_iou > progress_.best)) return;
  progress_.best = eval.mean_iou;
  progress_.best_epoch = progress_.epochs;
  best_ = {model_.to_host(), progress_};
}

void EpochRunner::save(const std::filesystem::path& file) {
  log_->flush();  // no checkpoint knows of an epoch that the figures lack
  if (best_) save_weights(folder_->best(), best_->first, best_->second, options_.provenance);
  best_.reset();
  save_checkpoint(file, model_, progress_, options_.provenance);
}

void EpochRunner::save_if_due(bool last) {
  const double begin = clock_seconds();
  if (!last && begin - saved_at_ < share_of_saving * save_seconds_) return;
  save(folder_->last());
  saved_at_ = clock_seconds();
  save_seconds_ = saved_at_ - begin;
}

std::string EpochRunner::way_on() const {
  return fmt::format("go on with: hikaku train --out {} --resume", folder_->path().string());
}

void EpochRunner::stop(const PhaseStats& train, std::int64_t batches) {
  const ExitCode code = *stop_requested();
  const char* const by = code == ExitCode::interrupted ? "Ctrl-C (SIGINT)" : "SIGTERM or SIGHUP";
  const std::string where = fmt::format("stopped by {} in epoch {}, after batch {} of {}", by,
                                        progress_.epochs + 1, batches, trainer_.train_steps());
  if (folder_ == nullptr) {
    throw Error(code, where + "; nothing was saved", "give --out DIR to keep what was learnt");
  }
  progress_.losses = train.loss_values();
  progress_.steps = model_.steps();
  save(folder_->last());
  throw Error(code, fmt::format("{}; saved in {}", where, folder_->last().string()), way_on());
}

}  // namespace hikaku
