#include "sample_result.h"

namespace hikaku {
namespace {

MatmulResult sample_matmul(const std::string& device, const std::string& dtype, double seconds) {
  MatmulResult matmul;
  matmul.device = device;
  matmul.dtype = dtype;
  matmul.n = 8000;
  matmul.seconds.values = {seconds, 1.01 * seconds, 0.99 * seconds, 1.02 * seconds, seconds};
  matmul.first_call_seconds = 1.3 * seconds;
  matmul.flops_per_second = 1.024e12 / seconds;
  matmul.peak_flops_per_second = 1.2e12 / seconds;
  matmul.fraction_of_peak = 1.024 / 1.2;
  matmul.verified = true;
  matmul.error = {true, 2.5e-7, 3.8e-3, 20};
  matmul.implementation = "OpenBLAS 0.3.21, SkylakeX, 2 threads";
  return matmul;
}

UnetResult sample_unet() {
  UnetResult unet{"cpu", "f32", 16, 256, {}, {}};
  unet.train = {102.5, 300, 19, true, 2.1, {3.1, 2.1, 1.1}, {{5.1, 5.2, 5.3}}, {{"decode", 1.5}}};
  unet.train.profile = ProfileResult{5,
                                     {{"decode", 0.4},
                                      {"wait", 0.01},
                                      {"copy", 0.002},
                                      {"forward", 1.5},
                                      {"loss", 0.2},
                                      {"backward", 3.3},
                                      {"adam", 0.1}},
                                     {{5.1, 5.2}},
                                     0.99};
  unet.train.step_flops = 5.2e12;
  unet.train.step_bytes = 5e10;
  unet.eval.seconds = 12.25;
  unet.eval.images = 100;
  unet.eval.steps = 7;
  unet.eval.step_seconds.values = {1.7, 1.8};
  unet.eval.mean_loss = 1.9;
  unet.eval.pixel_accuracy = 0.712;
  unet.eval.mean_iou = 0.034;
  unet.eval.iou_by_class = {0.71, not_measured, 0.01};
  unet.eval.background_only = {0.712, 0.0339};
  unet.whole_seconds = 120;
  unet.peak_memory_bytes = 4e9;
  unet.epochs = {{1, 2.1, 1.9, 0.712, 0.034}};
  return unet;
}

SameTraining sample_training(const std::string& precision, double limit) {
  SameTraining same;
  same.precision = precision;
  same.baseline_losses = {3.1, 2.1, 1.1};
  same.losses = {3.1, 2.1001, 1.09};
  same.loss_differences = {0, 1e-4, 1e-2};
  same.largest_loss_difference = 1e-2;
  same.loss_limit = same.checkpoint_limit = limit;
  same.losses_from_baseline = {3.1, 2.1001, 1.09};
  same.update_distance = 0.02;
  same.update_limit = 0.1;
  same.baseline_checkpoint_loss = 1.9;
  same.checkpoint_loss = 1.90001;
  same.checkpoint_gap = 5e-6;
  same.within = 1e-2 <= limit;
  return same;
}

EnergyReport sample_energy() {
  EnergyReport report{31, "JPY", 5, {}, {}};
  report.meters = {{"cpu", "measured", "RAPL: package-0", "", "", "", 20, 5.01},
                   {"cuda:0", "measured", "NVML: total energy", "", "", "", 70, 5.01},
                   {"cuda:1", "unavailable", "", "no_nvml", "it does not open", "install it"}};
  report.work = {
      {"matmul", "cpu", "f32", "cpu", "measured", "", 5.9, 2, 400, 141, 141 / 3.6e6 * 31},
      {"matmul", "cuda:0", "f32", "cuda:0", "measured", "", 5.01, 250, 3000, 10.6, 9.1e-5},
      {"matmul", "cuda:0", "f32", "cpu", "unavailable", "counter_stands", 5.01, 250},
      {"train", "cpu", "f32", "cpu", "measured", "", 102.5, 1, 7000, 4950, 4950 / 3.6e6 * 31},
      {"train", "cuda:0", "f32", "cuda:0", "measured", "", 5.2, 3, 2000, 545, 545 / 3.6e6 * 31},
      {"train", "cuda:0", "f32", "cpu", "estimated", "short_window", 4.2, 3, 300, 65.3, 5.6e-4}};
  return report;
}

}  // namespace

Result sample_result() {
  Result result;
  result.program.version = "0.1.0";
  result.program.started = "2026-01-31T12:00:00Z";
  result.command = {"hikaku", "compare"};
  result.seed = 7;
  result.machine.cpu.model = "A CPU";
  result.machine.cpu.architecture = "x86_64";
  result.machine.cpu.cores = result.machine.cpu.threads = 2;
  result.machine.cpu.isa = {"avx2", "avx512f"};
  result.machine.cpu.caches = {{1, "Data", 49152}};
  result.machine.memory = {24'000'000'000, 20'000'000'000};
  result.machine.os = "Debian GNU/Linux 12 (bookworm)";
  result.machine.no_gpu = NoGpu{"no_driver", "no NVIDIA driver is loaded: install the driver"};
  result.machine.libraries["OpenBLAS"] = {"", "0.3.21", "SkylakeX kernels, OpenMP"};
  result.caveats = {make_caveat(CaveatId::virtualised),
                    make_caveat(CaveatId::projected, "unet f32 on cpu")};
  result.matmul = {sample_matmul("cpu", "f64", 5.9), sample_matmul("cpu", "f32", 2.95),
                   sample_matmul("cuda:0", "f32", 0.02)};
  result.unet = {sample_unet()};
  result.bench = {{"train_step", "cpu", "f32", 16, 256, {{5.1, 5.2}}, 4'000'000'000}};
  result.sweep = {{"cpu", "f32", 64, {{2e-5, 2.1e-5}}, {}},
                  {"cpu", "f32", 512, {{4e-3, 4.1e-3}}, {}},
                  {"cuda:0", "f32", 64, {{4e-5, 4.1e-5}}, {{9e-5, 9.1e-5}}},
                  {"cuda:0", "f32", 512, {{5e-5, 5.1e-5}}, {{3e-4, 3.1e-4}}}};
  result.fooled = {{"one_thread", "cpu", "f32", 1500, {{0.2, 0.21}}, {{0.1, 0.11}}},
                   {"no_sync", "cuda:0", "f32", 8000, {{1e-5, 1.1e-5}}, {{0.02, 0.0201}}},
                   {"batch_1", "cpu", "f32", 16, {{0.5, 0.51}}, {{0.32, 0.33}}},
                   {"batch_1", "cuda:0", "f32", 16, {{0.04, 0.041}}, {{0.0044, 0.0045}}}};
  result.bandwidth = {{"cpu", "triad", 2.5e10}, {"cuda:0", "copy", 2.9e12}};
  // A transparent pixel, whatever the names of the fields promise.
  const std::string pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
      "gg"
      "==";
  result.pictures = {{"cpu", "f32", "scene_1", pixel, pixel, pixel, pixel, {0, 3, 255}, {0, 15}}};
  result.speedups = {{"matmul f32", "cpu", "cuda:0",
                      ratio_of_medians(result.matmul[1].seconds, result.matmul[2].seconds)}};
  result.matmul[2].seconds_with_copies.values = {0.2, 0.21, 0.19};
  result.same_work = SameWork{"cpu", "cuda:0", true, true, 19, 1e-5, 1e-6, 1e-7, 1e-8, 9.5e-4};
  result.same_work->product_type = "f32";
  result.same_work->training = {sample_training("f32", 1e-4), sample_training("bf16", 5e-2)};
  result.energy = sample_energy();
  return result;
}

}  // namespace hikaku
