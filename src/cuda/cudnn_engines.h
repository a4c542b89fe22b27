// cuDNN's engines for an operation graph, with the settings of their knobs. An engine with its
// settings has a name, "17 2=5 13=64", which the tuning file keeps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cuda/cudnn_descriptor.h"
#include "ops/backend.h"

namespace hikaku::cuda {

struct EngineConfig {
  std::string name;
  Descriptor descriptor;
};

/// What cuDNN's heuristics propose, the best first, each once.
[[nodiscard]] std::vector<EngineConfig> proposed_configs(const Descriptor& graph);
/// All engines there are, with the defaults of their knobs.
[[nodiscard]] std::vector<EngineConfig> default_configs(const Descriptor& graph);
/// Nothing if this cuDNN has no such engine or settings.
[[nodiscard]] std::optional<EngineConfig> config_named(const Descriptor& graph,
                                                       const std::string& name);

/// Whether the engine computes as the precision says.
[[nodiscard]] bool suits(const EngineConfig& config, Precision precision, bool deterministic);

/// A Winograd algorithm: its transforms are not exact, not even on whole numbers.
[[nodiscard]] bool is_winograd(const EngineConfig& config);
/// Its kernel is compiled when the plan is built, which takes up to seconds, in each process anew.
[[nodiscard]] bool is_compiled_at_run_time(const EngineConfig& config);

}  // namespace hikaku::cuda
