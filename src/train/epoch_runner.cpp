#include "train/epoch_runner.h"

#include <fmt/format.h>

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
  log_.emplace(folder_->path(), data.train.classes, progress_.epochs);
}

PhaseObserver EpochRunner::watch(const EpochObserver& observer, const char* phase,
                                 std::int64_t epoch) const {
  if (!observer) return {};
  return [&observer, phase, epoch](const PhaseProgress& at) { observer(phase, epoch, at); };
}

EpochRunnerResult EpochRunner::run(const EpochObserver& observer) {
  EpochRunnerResult result;
  while (progress_.epochs < options_.epochs) {
    const std::int64_t epoch = progress_.epochs;
    result.train = trainer_.train_epoch(static_cast<std::uint64_t>(epoch),
                                        watch(observer, "train", epoch), 0, progress_.losses);
    const auto done = static_cast<std::int64_t>(result.train->losses.size());
    if (result.train->stopped) stop(*result.train, done);
    result.eval = trainer_.evaluate(watch(observer, "eval", epoch));
    if (result.eval->stopped) stop(*result.train, done);
    finish_epoch(result);
    result.epochs.push_back({progress_.epochs, result.train->mean_loss(), result.eval->mean_loss(),
                             result.eval->pixel_accuracy, result.eval->mean_iou});
    if (progress_.epochs < options_.epochs && stop_requested()) stop({}, 0);
  }
  return result;
}

void EpochRunner::finish_epoch(const EpochRunnerResult& result) {
  const std::int64_t epoch = ++progress_.epochs;
  progress_.losses.clear();
  progress_.steps = model_.steps();
  if (folder_ == nullptr) return;
  note_best(*result.eval);
  const double rate =
      trainer_.learning_rate(static_cast<std::uint64_t>(epoch - 1), trainer_.train_steps() - 1);
  log_->append({epoch, progress_.steps, rate, &*result.train, &*result.eval});
  if (options_.keep_every > 0 && epoch % options_.keep_every == 0) save(folder_->kept(epoch));
  save_if_due(epoch == options_.epochs);
}

void EpochRunner::note_best(const EvalStats& eval) {
  if (!(eval.mean_iou > progress_.best)) return;
  progress_.best = eval.mean_iou;
  progress_.best_epoch = progress_.epochs;
  best_ = {model_.to_host(), progress_};
}

void EpochRunner::save(const std::filesystem::path& file) {
  if (best_) save_weights(folder_->best(), best_->first, best_->second, options_.provenance);
  best_.reset();
  save_checkpoint(file, model_, progress_, options_.provenance);
}

void EpochRunner::save_if_due(bool last) {
  const double now = clock_seconds();
  if (!last && now - saved_at_ < share_of_saving * save_seconds_) return;
  try {
    save(folder_->last());
  } catch (const Error& error) {
    // The checkpoint from before is still there; there may be room again an epoch later.
    if (last || error.code() != ExitCode::bad_data) throw;
    say_(fmt::format("{}; the training goes on, and {}", error.what(), error.fix()));
  }
  saved_at_ = clock_seconds();
  save_seconds_ = saved_at_ - now;
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
  throw Error(code, fmt::format("{}; saved in {}", where, folder_->last().string()),
              fmt::format("go on with: hikaku train --out {} --resume", folder_->path().string()));
}

}  // namespace hikaku
