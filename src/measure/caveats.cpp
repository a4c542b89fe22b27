#include "measure/caveats.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hikaku {
namespace {

struct CaveatText {
  CaveatId id;
  const char* name;
  const char* text;
  const char* remedy;
};

constexpr std::array texts{
    CaveatText{CaveatId::debug_build, "debug_build",
               "the program was built without optimisation, so the CPU is shown too slow",
               "build it with -DCMAKE_BUILD_TYPE=Release"},
    CaveatText{CaveatId::sanitizer_build, "sanitizer_build",
               "the program was built with sanitizers, so the CPU is shown too slow",
               "build it with -DHIKAKU_SANITIZE="},
    CaveatText{CaveatId::cpu_scaling, "cpu_scaling",
               "the CPU's clock follows the load (governor not 'performance'), so times vary",
               "run: cpupower frequency-set --governor performance"},
    CaveatText{CaveatId::virtualised, "virtualised",
               "this is a virtual machine: other guests of the host can take its cores and caches",
               "measure on bare metal, or repeat at another hour and compare"},
    CaveatText{CaveatId::busy_machine, "busy_machine",
               "other programs were running when the measurement began",
               "stop them, wait a minute and measure again"},
    CaveatText{CaveatId::oversubscribed, "oversubscribed",
               "there are more threads than processors, so threads wait for each other",
               "leave out --threads, or unset OMP_NUM_THREADS"},
    CaveatText{CaveatId::fewer_threads, "fewer_threads",
               "there are fewer threads than processors, so the CPU is shown too slow",
               "leave out --threads, or unset OMP_NUM_THREADS"},
    CaveatText{CaveatId::cpu_limit, "cpu_limit",
               "the container may not use all of its processors' time, so times jump",
               "raise the container's CPU limit, or give --threads as many as it allows"},
    CaveatText{
        CaveatId::blas_misdetected, "blas_misdetected",
        "OpenBLAS runs kernels of an older CPU, so the CPU is shown two to five times too slow",
        "unset OPENBLAS_CORETYPE, or install a newer OpenBLAS"},
    CaveatText{
        CaveatId::blas_own_threads, "blas_own_threads",
        "this build of OpenBLAS has threads of its own beside OpenMP's, and they get in each "
        "other's way",
        "install the OpenMP build: apt install libopenblas0-openmp"},
    CaveatText{CaveatId::few_samples, "few_samples",
               "fewer than 5 samples were taken, so the spread is not known",
               "leave out --quick, or ask for more: --epochs, and --samples of hikaku matmul"},
    CaveatText{CaveatId::noisy_samples, "noisy_samples",
               "the samples differ by more than 5% (median absolute deviation)",
               "close other programs and measure again"},
    CaveatText{
        CaveatId::impossible_rate, "impossible_rate",
        "the rate is above 1.1 times the peak, which cannot be: the clock or the work is wrong",
        "do not use this number; please report it with result.json"},
    CaveatText{CaveatId::projected, "projected",
               "the time was projected from some of the steps, not measured whole",
               "leave out --quick to measure all of it"},
    CaveatText{CaveatId::resumed, "resumed",
               "the training went on within an epoch, whose time was projected from the steps left",
               "train one more epoch, and it is measured whole"},
    CaveatText{CaveatId::not_on_this_gpu, "not_on_this_gpu",
               "not on this GPU: it cannot compute in this precision, so it was left out",
               "nothing is wrong: tf32 and bf16 need compute capability 8.0, fp8 needs 8.9"},
    CaveatText{CaveatId::different_work, "different_work",
               "the two devices differ by more than their precisions explain",
               "do not use this comparison before the cause is known; please report it with "
               "result.json"},
};

const CaveatText& text_of(CaveatId id) { return texts.at(static_cast<std::size_t>(id)); }

constexpr bool in_order() {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].id != static_cast<CaveatId>(i)) return false;
  }
  return true;
}
static_assert(in_order());

constexpr bool optimised =
#if defined(__OPTIMIZE__)
    true;
#else
    false;
#endif

constexpr bool sanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#elif defined(__has_feature)
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||
    __has_feature(undefined_behavior_sanitizer);
#else
        false;
#endif

}  // namespace

std::string name_of(CaveatId id) { return text_of(id).name; }

Caveat make_caveat(CaveatId id, const std::string& subject) {
  const CaveatText& caveat = text_of(id);
  return {caveat.name, subject, caveat.text, caveat.remedy};
}

std::vector<Caveat> build_caveats() {
  std::vector<Caveat> found;
  if (!optimised) found.push_back(make_caveat(CaveatId::debug_build));
  if (sanitized) found.push_back(make_caveat(CaveatId::sanitizer_build));
  return found;
}

std::vector<Caveat> machine_caveats(const Machine& machine) {
  const CpuFacts& cpu = machine.cpu;
  std::vector<Caveat> found;
  const auto add_if = [&](bool holds, CaveatId id, const std::string& subject = {}) {
    if (holds) found.push_back(make_caveat(id, subject));
  };
  add_if(!cpu.governor.empty() && cpu.governor != "performance", CaveatId::cpu_scaling,
         cpu.governor);
  add_if(cpu.virtualised, CaveatId::virtualised);
  add_if(cpu.load > 0.5 * cpu.cores, CaveatId::busy_machine, fmt::format("load {:.1f}", cpu.load));
  // Fewer than the processors are right where the limit allows no more.
  const int usable = cpu.cpu_limit > 0
                         ? std::clamp(static_cast<int>(std::ceil(cpu.cpu_limit)), 1, cpu.cores)
                         : cpu.cores;
  const std::string threads = fmt::format("{} threads, {} processors", cpu.threads, cpu.cores);
  add_if(cpu.threads > cpu.cores, CaveatId::oversubscribed, threads);
  add_if(cpu.threads < usable, CaveatId::fewer_threads, threads);
  add_if(cpu.cpu_limit > 0 && cpu.cpu_limit < cpu.threads, CaveatId::cpu_limit,
         fmt::format("limit {:.1f} processors", cpu.cpu_limit));
  return found;
}

std::vector<Caveat> sample_caveats(const Samples& samples, const std::string& subject) {
  std::vector<Caveat> found;
  if (samples.values.size() < 5) found.push_back(make_caveat(CaveatId::few_samples, subject));
  if (samples.mad() > 0.05 * samples.median()) {
    found.push_back(make_caveat(CaveatId::noisy_samples, subject));
  }
  return found;
}

std::optional<Caveat> rate_caveat(double rate, double peak, const std::string& subject) {
  if (!(peak > 0) || rate <= 1.1 * peak) return std::nullopt;
  return make_caveat(CaveatId::impossible_rate, subject);
}

}  // namespace hikaku
