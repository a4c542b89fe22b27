#include "measure/energy.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/clock.h"

namespace hikaku {

EnergyMeters::EnergyMeters(std::vector<OpenMeter> meters) : meters_(std::move(meters)) {}

EnergyMeters::~EnergyMeters() { stop(); }

bool EnergyMeters::any() const {
  return std::any_of(meters_.begin(), meters_.end(),
                     [](const OpenMeter& meter) { return meter.counter != nullptr; });
}

std::vector<double> EnergyMeters::read() {
  std::vector<double> joules;
  for (const OpenMeter& meter : meters_) {
    joules.push_back(meter.counter ? meter.counter->joules() : std::nan(""));
  }
  return joules;
}

void EnergyMeters::stop() {
  if (!reader_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  wake_.notify_one();
  reader_.join();
}

void EnergyMeters::begin() {
  stop();
  double interval = HUGE_VAL;
  for (const OpenMeter& meter : meters_) {
    if (meter.counter) interval = std::min(interval, meter.counter->interval_seconds());
  }
  first_ = read();
  started_ = clock_seconds();
  if (!any()) return;
  open_ = true;
  reader_ = std::thread([this, interval] {
    std::unique_lock lock(mutex_);
    const auto pause = std::chrono::duration<double>(interval);
    while (!wake_.wait_for(lock, pause, [this] { return !open_; })) static_cast<void>(read());
  });
}

EnergyWindow EnergyMeters::end() {
  stop();
  EnergyWindow window{clock_seconds() - started_, read()};
  for (std::size_t i = 0; i < first_.size(); ++i) window.joules[i] -= first_[i];
  return window;
}

void EnergyMeters::measure_idle(double seconds) {
  begin();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const EnergyWindow window = end();
  for (std::size_t i = 0; i < meters_.size(); ++i) {
    if (meters_[i].counter == nullptr) continue;
    meters_[i].facts.idle_watts = window.joules[i] / window.seconds;
    meters_[i].facts.idle_seconds = window.seconds;
  }
}

}  // namespace hikaku
