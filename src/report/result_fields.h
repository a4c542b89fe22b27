// The names of result.json, each written once: each_field(x, visit) calls visit(name, member) for
// all members of x. Writing and reading are two visitors.
#pragma once

#include "report/machine_fields.h"

namespace hikaku {

template <Is<ProductError> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("exact_integers", x.exact_integers);
  visit("freivalds", x.freivalds);
  visit("freivalds_limit", x.freivalds_limit);
  visit("vectors", x.vectors);
}

template <Is<MatmulResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("dtype", x.dtype);
  visit("n", x.n);
  visit("seconds", x.seconds);
  visit("seconds_with_copies", x.seconds_with_copies);
  visit("first_call_seconds", x.first_call_seconds);
  visit("flops_per_second", x.flops_per_second);
  visit("peak_flops_per_second", x.peak_flops_per_second);
  visit("peak_kind", x.peak_kind);
  visit("fraction_of_peak", x.fraction_of_peak);
  visit("verified", x.verified);
  visit("error", x.error);
  visit("implementation", x.implementation);
}

template <Is<ProfileResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("steps", x.steps);
  visit("phase_seconds", x.phase_seconds);
  visit("step_seconds", x.step_seconds);
  visit("over_unprofiled", x.over_unprofiled);
}

template <Is<TrainResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("seconds", x.seconds);
  visit("images", x.images);
  visit("steps", x.steps);
  visit("projected", x.projected);
  visit("mean_loss", x.mean_loss);
  visit("losses", x.losses);
  visit("step_seconds", x.step_seconds);
  visit("breakdown_seconds", x.breakdown_seconds);
  visit("profile", x.profile);
  visit("step_flops", x.step_flops);
  visit("step_bytes", x.step_bytes);
}

template <Is<BackgroundOnly> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("pixel_accuracy", x.pixel_accuracy);
  visit("mean_iou", x.mean_iou);
}

template <Is<EvalResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("seconds", x.seconds);
  visit("images", x.images);
  visit("steps", x.steps);
  visit("projected", x.projected);
  visit("step_seconds", x.step_seconds);
  visit("mean_loss", x.mean_loss);
  visit("pixel_accuracy", x.pixel_accuracy);
  visit("mean_iou", x.mean_iou);
  visit("iou_by_class", x.iou_by_class);
  visit("lecture_iou", x.lecture_iou);
  visit("background_only", x.background_only);
}

template <Is<EpochResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("epoch", x.epoch);
  visit("train_loss", x.train_loss);
  visit("eval_loss", x.eval_loss);
  visit("pixel_accuracy", x.pixel_accuracy);
  visit("mean_iou", x.mean_iou);
}

template <Is<UnetResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("precision", x.precision);
  visit("batch_size", x.batch_size);
  visit("size", x.size);
  visit("network", x.network);
  visit("train", x.train);
  visit("eval", x.eval);
  visit("whole_seconds", x.whole_seconds);
  visit("peak_memory_bytes", x.peak_memory_bytes);
  visit("epochs", x.epochs);
}

template <Is<BenchResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("what", x.what);
  visit("device", x.device);
  visit("precision", x.precision);
  visit("batch_size", x.batch_size);
  visit("size", x.size);
  visit("seconds", x.seconds);
  visit("peak_memory_bytes", x.peak_memory_bytes);
}

template <Is<SweepResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("dtype", x.dtype);
  visit("n", x.n);
  visit("seconds", x.seconds);
  visit("seconds_with_copies", x.seconds_with_copies);
}

template <Is<ClassResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("name", x.name);
  visit("colour", x.colour);
}

template <Is<PictureResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("precision", x.precision);
  visit("name", x.name);
  visit("picture_jpeg", x.picture_jpeg);
  visit("truth_png", x.truth_png);
  visit("prediction_png", x.prediction_png);
  visit("overlay_jpeg", x.overlay_jpeg);
  visit("truth_classes", x.truth_classes);
  visit("prediction_classes", x.prediction_classes);
}

template <Is<BandwidthResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("how", x.how);
  visit("bytes_per_second", x.bytes_per_second);
}

template <Is<FooledResult> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("id", x.id);
  visit("device", x.device);
  visit("dtype", x.dtype);
  visit("n", x.n);
  visit("wrong_seconds", x.wrong);
  visit("right_seconds", x.right);
}

template <Is<Speedup> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("what", x.what);
  visit("baseline", x.baseline);
  visit("device", x.device);
  visit("ratio", x.ratio);
  visit("kind", x.kind);
  visit("baseline_precision", x.baseline_precision);
  visit("device_precision", x.device_precision);
}

template <Is<SameTraining> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("device", x.device);
  visit("precision", x.precision);
  visit("baseline_losses", x.baseline_losses);
  visit("losses", x.losses);
  visit("loss_differences", x.loss_differences);
  visit("losses_from_baseline", x.losses_from_baseline);
  visit("largest_loss_difference", x.largest_loss_difference);
  visit("loss_limit", x.loss_limit);
  visit("update_distance", x.update_distance);
  visit("update_limit", x.update_limit);
  visit("baseline_checkpoint_loss", x.baseline_checkpoint_loss);
  visit("checkpoint_loss", x.checkpoint_loss);
  visit("checkpoint_gap", x.checkpoint_gap);
  visit("checkpoint_limit", x.checkpoint_limit);
  visit("within", x.within);
}

template <Is<SameWork> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("baseline", x.baseline);
  visit("device", x.device);
  visit("same_initial_weights", x.same_initial_weights);
  visit("same_batches", x.same_batches);
  visit("steps", x.steps);
  visit("largest_loss_difference", x.largest_loss_difference);
  visit("mean_loss_difference", x.mean_loss_difference);
  visit("largest_product_difference", x.largest_product_difference);
  visit("mean_product_difference", x.mean_product_difference);
  visit("product_limit", x.product_limit);
  visit("product_type", x.product_type);
  visit("training", x.training);
}

template <Is<ProgramFacts> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("name", x.name);
  visit("version", x.version);
  visit("started", x.started);
}

template <Is<Result> T, class Visit>
void each_field(T& x, const Visit& visit) {
  visit("schema_version", x.schema_version);
  visit("program", x.program);
  visit("command", x.command);
  visit("seed", x.seed);
  visit("machine", x.machine);
  visit("caveats", x.caveats);
  visit("matmul", x.matmul);
  visit("unet", x.unet);
  visit("bench", x.bench);
  visit("sweep", x.sweep);
  visit("bandwidth", x.bandwidth);
  visit("fooled", x.fooled);
  visit("pictures", x.pictures);
  visit("classes", x.classes);
  visit("speedups", x.speedups);
  visit("same_work", x.same_work);
  visit("energy", x.energy);
}

}  // namespace hikaku
