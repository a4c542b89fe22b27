// Both experiments on several devices, one device after the other, with the proof that all did the
// same work.
#pragma once

#include "app/devices.h"
#include "app/product_run.h"
#include "app/race.h"
#include "app/training_run.h"
#include "compare/same_work.h"

namespace hikaku {

struct Comparison {
  ProductRun product;
  TrainingRun training;
  bool deterministic = false;
  double energy_seconds = shortest_energy_window;  ///< of each window of energy; 0: none
  double price = 31;                               ///< of a kWh, in `currency`
  std::string currency = "JPY";
  bool quick = false;  ///< as shorten() sets it

  /// What is asked of energy.
  void declare_energy(Options& options);
  /// Fewer samples and steps.
  void shorten();
  /// Throws what is wrong with the options and the data before anything long begins.
  void check(const Context& context, const Devices& devices);
  /// Fills `result`. A GPU trains in f32, as the CPU does, and in the precision asked for or, where
  /// none was, the fastest that it has.
  void run(const Context& context, const Devices& devices, Result& result) const;

 private:
  struct Watchers {
    EnergyWatch& energy;
    Race& race;
  };
  void run_products(const Context& context, const Devices& devices, Result& result, SameWork& proof,
                    const Watchers& watchers) const;
  void run_trainings(const Context& context, const Devices& devices, Result& result,
                     SameWork& proof, const Watchers& watchers) const;
  /// The device in the second precision; null where it is to train in f32 alone.
  [[nodiscard]] std::unique_ptr<Backend> open_best(const Context& context,
                                                   const std::string& device, Result& result) const;
};

}  // namespace hikaku
