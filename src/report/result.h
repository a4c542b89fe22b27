// result.json as types: all that a run has found out, and nothing that is only for show. The schema
// is docs/result.schema.json. Times are seconds; what was not measured is NaN, written as null.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "measure/caveats.h"
#include "measure/energy_meter.h"
#include "measure/machine.h"
#include "measure/samples.h"

namespace hikaku {

inline constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

/// How a product was verified; see compare/verify.h.
struct ProductError {
  bool exact_integers = false;      ///< a product of small integers was exact
  double freivalds = not_measured;  ///< largest residual of a row over that row's norm
  double freivalds_limit = not_measured;
  int vectors = 0;
};

struct MatmulResult {
  std::string device;  ///< "cpu", "cuda:0"
  std::string dtype;   ///< "f64", "f32", "f32x", "tf32", "f16", "bf16", "fp8"
  std::int64_t n = 0;
  Samples seconds;  ///< by the device's own clock
  Samples
      seconds_with_copies;  ///< A and B from the host, the product, C to the host; none on a CPU
  double first_call_seconds = not_measured;
  double flops_per_second = not_measured;  ///< 2 n^3 / median
  double peak_flops_per_second = not_measured;
  std::string peak_kind = "measured";  ///< or "theoretical"
  double fraction_of_peak = not_measured;
  bool verified = false;
  ProductError error;
  std::string implementation;  ///< "OpenBLAS 0.3.21, SkylakeX, 2 threads"
};

/// A step taken apart, in a run of its own in which each part is waited for.
struct ProfileResult {
  std::int64_t steps = 0;
  /// Of one step, medians: "decode" (of the loader's threads, beside the rest), "wait", "copy",
  /// "forward", "loss", "backward", "adam".
  std::map<std::string, double> phase_seconds;
  Samples step_seconds;                   ///< "forward" to "adam" together, of each step
  double over_unprofiled = not_measured;  ///< their median over that of the unprofiled steps
};

struct TrainResult {
  double seconds = not_measured;  ///< of the epoch, file reading included
  std::int64_t images = 0, steps = 0;
  bool projected = false;  ///< `seconds` is that of all images, from the `losses.size()` steps done
  double mean_loss = not_measured;
  std::vector<double> losses;                       ///< of each batch
  Samples step_seconds;                             ///< the step alone, its batch on the device
  std::map<std::string, double> breakdown_seconds;  ///< of the epoch: "wait"
  std::optional<ProfileResult> profile = {};
  double step_flops = not_measured;  ///< of a full batch, by the definition
  double step_bytes = not_measured;  ///< with each op's tensors moved once (nn/step_work.h)
};

/// The prediction "background everywhere" on the same images.
struct BackgroundOnly {
  double pixel_accuracy = not_measured;
  double mean_iou = not_measured;
};

struct EvalResult {
  double seconds = not_measured;
  std::int64_t images = 0, steps = 0;
  bool projected = false;  ///< as in TrainResult; the figures of quality are of the steps done
  Samples step_seconds;
  double mean_loss = not_measured;
  double pixel_accuracy = not_measured;
  double mean_iou = not_measured;
  std::vector<double> iou_by_class;   ///< NaN for a class that never occurs
  double lecture_iou = not_measured;  ///< mean over images of the foreground classes' mean
  BackgroundOnly background_only;
};

/// An epoch of a longer training.
struct EpochResult {
  std::int64_t epoch = 0;  ///< from 1
  double train_loss = not_measured, eval_loss = not_measured;
  double pixel_accuracy = not_measured, mean_iou = not_measured;
};

struct UnetResult {
  std::string device;
  std::string precision;
  std::int64_t batch_size = 0;
  std::int64_t size = 0;  ///< images are size x size
  TrainResult train;
  EvalResult eval;
  /// Planning and choosing algorithms, all epochs and the evaluation; of `compare` alone.
  double whole_seconds = not_measured;
  double peak_memory_bytes = not_measured;  ///< as of BenchResult
  std::vector<EpochResult> epochs =
      {};                    ///< those that `train` ran; `train` and `eval` are the last
  std::string network = {};  ///< "width 32, 4 levels, 3 classes"; empty: the experiment's own
};

struct BenchResult {
  std::string what;  ///< "train_step", "eval_step", or an op with its shape
  std::string device;
  std::string precision;
  std::int64_t batch_size = 0;
  std::int64_t size = 0;
  Samples seconds;
  std::int64_t peak_memory_bytes = 0;  ///< the most that the device, or the CPU's process, has held
};

/// The product at one of many sizes.
struct SweepResult {
  std::string device, dtype;
  std::int64_t n = 0;
  Samples seconds;              ///< the matrices lie on the device
  Samples seconds_with_copies;  ///< A and B brought there and C back; none on a CPU
};

/// A class of the data set, by its label from 0 on.
struct ClassResult {
  std::string name;
  std::string colour;  ///< "#804080"
};

/// A picture of the validation list, its true classes and what the network answered. Images are
/// base64, for data: URLs.
struct PictureResult {
  std::string device, precision;
  std::string name;                       ///< its ID in the list
  std::string picture_jpeg;               ///< as the network sees it
  std::string truth_png, prediction_png;  ///< in the colours of VOC
  std::string overlay_jpeg;               ///< the prediction over the picture
  std::vector<std::int64_t> truth_classes, prediction_classes;
};

/// Bytes from and to a device's memory in a second, counted together.
struct BandwidthResult {
  std::string device;
  std::string how;  ///< "triad" (CPU), "copy" (GPU)
  double bytes_per_second = not_measured;
};

/// A way to fool oneself, measured on purpose beside the right way.
struct FooledResult {
  std::string id;  ///< "one_thread", "old_blas", "no_sync"; "batch_1": seconds of a picture
  std::string device, dtype;
  std::int64_t n = 0;  ///< of "batch_1" the pictures of the full batch
  Samples wrong, right;
};

/// The energy of some work, as one meter counted it.
struct EnergyResult {
  std::string what;               ///< "matmul", "train": a product, an epoch
  std::string device, precision;  ///< that did the work
  std::string meter;              ///< whose energy: the device's, or that of the CPU beside it
  std::string kind = "measured";  ///< or "estimated", "unavailable"
  std::string reason = {};        ///< why it is not measured: "short_window", "counter_stands",
                                  ///< "counter_failed", or the meter's
  double seconds = not_measured;  ///< of the window
  double works = 0;               ///< products or epochs in it
  double joules = not_measured;   ///< of the window, all that the meter counted
  double net_joules_each = not_measured;  ///< of one of them, without what idling would have taken
  double cost_each = not_measured;        ///< of that
};

struct EnergyReport {
  double price_per_kwh = not_measured;
  std::string currency;       ///< "JPY"
  double window_seconds = 0;  ///< asked for; longer where the work takes longer
  std::vector<EnergyMeter> meters;
  std::vector<EnergyResult> work;
};

/// How much faster the device is. What ran once has no interval: low and high are not measured.
struct Speedup {
  std::string what;  ///< "matmul f32", "train_step best", "matmul notebook", ...
  std::string baseline;
  std::string device;
  Interval ratio;
  std::string kind = "like_with_like";  ///< or "best", or "notebook": f64 against f32
  std::string baseline_precision = {}, device_precision = {};
};

/// The training and the evaluation of the baseline, in f32, beside those of the device.
struct SameTraining {
  std::string device, precision;                   ///< older records leave `device` empty
  std::vector<double> baseline_losses, losses;     ///< of each step
  std::vector<double> loss_differences;            ///< their distances
  std::vector<double> losses_from_baseline;        ///< of the first steps, from its weights
  double largest_loss_difference = not_measured;   ///< of these
  double loss_limit = not_measured;                ///< what the precision explains
  double update_distance = not_measured;           ///< of the first step's changes, relative
  double update_limit = not_measured;              ///< what the precision explains
  double baseline_checkpoint_loss = not_measured;  ///< the baseline's weights, evaluated on it
  double checkpoint_loss = not_measured;           ///< and on the device
  double checkpoint_gap = not_measured;            ///< their distance over the first of them
  double checkpoint_limit = not_measured;          ///< what the precision explains
  bool within = false;                             ///< all limits are kept
};

/// The proof that both devices did the same work.
struct SameWork {
  std::string baseline;
  std::string device;
  bool same_initial_weights = false;
  bool same_batches = false;
  std::int64_t steps = 0;
  double largest_loss_difference = not_measured;  ///< of all steps, as trained in f32 on both
  double mean_loss_difference = not_measured;
  double largest_product_difference = not_measured;  ///< of C, relative to its largest element
  double mean_product_difference = not_measured;
  double product_limit = not_measured;      ///< what rounding explains on both sides
  std::string product_type = {};            ///< "f32"; empty: no product was compared
  std::vector<SameTraining> training = {};  ///< one for each precision of the device
};

/// Whose training it is: its own device, or where it names none that of the proof.
[[nodiscard]] const std::string& device_of(const SameWork& proof, const SameTraining& training);

struct ProgramFacts {
  std::string name = "hikaku";
  std::string version;
  std::string started;  ///< "2026-01-31T12:00:00Z"
};

struct Result {
  int schema_version = 1;
  ProgramFacts program;
  std::vector<std::string> command;
  std::uint64_t seed = 0;
  Machine machine;
  std::vector<Caveat> caveats;
  std::vector<MatmulResult> matmul;
  std::vector<UnetResult> unet;
  std::vector<BenchResult> bench;
  std::vector<SweepResult> sweep;
  std::vector<BandwidthResult> bandwidth;
  std::vector<FooledResult> fooled;
  std::vector<PictureResult> pictures;
  std::vector<ClassResult> classes;  ///< empty: VOC's
  std::vector<Speedup> speedups;
  std::optional<SameWork> same_work;
  std::optional<EnergyReport> energy;  ///< nothing where nobody asked for it
};

/// Strict JSON (RFC 8259), indented, with a last newline. Text that is no UTF-8 (a file name on the
/// command line) gets replacement characters.
[[nodiscard]] std::string write_result(const Result& result);

/// The opposite; unknown keys are passed over, missing ones keep their defaults. `file` is for the
/// message. Throws ExitCode::bad_data naming the file and the key.
[[nodiscard]] Result read_result(const std::string& text, const std::string& file);

}  // namespace hikaku
