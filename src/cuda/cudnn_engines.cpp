#include "cuda/cudnn_engines.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace hikaku::cuda {
namespace {

/// Empty if the configuration does not tell.
std::optional<Descriptor> engine_of(const Descriptor& config) {
  auto engines =
      config.get_descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
  if (engines.empty()) return {};
  return std::move(engines.front());
}

std::string name_of(const Descriptor& config) {
  const auto engine = engine_of(config);
  if (!engine) return {};
  std::string name = std::to_string(engine->get<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
  const auto knobs =
      config.get_descriptors(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES,
                             CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, CUDNN_KNOB_TYPE_COUNTS);
  for (const Descriptor& knob : knobs) {
    name += fmt::format(
        " {}={}",
        static_cast<int>(knob.get<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE)),
        knob.get<std::int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE));
  }
  return name;
}

std::vector<cudnnBackendNumericalNote_t> numerical_notes(const Descriptor& engine) {
  return engine.get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                 CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
}

/// Nothing if there is no such engine for the graph.
std::optional<Descriptor> engine_at(const Descriptor& graph, std::int64_t index) {
  Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  engine.set(CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph).set(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, index);
  if (!engine.try_to_finalize()) return {};
  return engine;
}

std::vector<Descriptor> proposals(const Descriptor& graph, cudnnBackendHeurMode_t mode) {
  Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
      .set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  if (!heuristics.try_to_finalize()) return {};
  std::int64_t count = 0;
  const cudnnStatus_t status =
      cudnnBackendGetAttribute(heuristics.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                               CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr);
  if (status != CUDNN_STATUS_SUCCESS || count <= 0) return {};
  return heuristics.get_descriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                    CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                                    static_cast<std::size_t>(count));
}

void add(std::vector<EngineConfig>& configs, Descriptor descriptor) {
  std::string name = name_of(descriptor);
  const bool known = std::any_of(configs.begin(), configs.end(),
                                 [&](const EngineConfig& other) { return other.name == name; });
  if (!name.empty() && !known) configs.push_back({std::move(name), std::move(descriptor)});
}

}  // namespace

std::vector<EngineConfig> proposed_configs(const Descriptor& graph) {
  std::vector<EngineConfig> configs;
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_FALLBACK}) {
    for (Descriptor& descriptor : proposals(graph, mode)) add(configs, std::move(descriptor));
  }
  return configs;
}

std::vector<EngineConfig> default_configs(const Descriptor& graph) {
  std::vector<EngineConfig> configs;
  const auto count = graph.get<std::int64_t>(CUDNN_ATTR_OPERATIONGRAPH_ENGINE_GLOBAL_COUNT);
  for (std::int64_t index = 0; index < count; ++index) {
    const auto engine = engine_at(graph, index);
    if (!engine) continue;
    Descriptor config(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    config.set(CUDNN_ATTR_ENGINECFG_ENGINE, *engine);
    if (config.try_to_finalize()) add(configs, std::move(config));
  }
  return configs;
}

std::optional<EngineConfig> config_named(const Descriptor& graph, const std::string& name) {
  std::istringstream words(name);
  std::int64_t index = 0;
  if (!(words >> index)) return {};
  const auto engine = engine_at(graph, index);
  if (!engine) return {};
  std::vector<Descriptor> knobs;
  int type = 0;
  char equals = 0;
  std::int64_t value = 0;
  while (words >> type >> equals >> value) {
    Descriptor& knob = knobs.emplace_back(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    knob.set(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, static_cast<cudnnBackendKnobType_t>(type))
        .set(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, value);
    if (!knob.try_to_finalize()) return {};
  }
  Descriptor config(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  config.set(CUDNN_ATTR_ENGINECFG_ENGINE, *engine);
  if (!knobs.empty()) config.set(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, knobs);
  if (!config.try_to_finalize()) return {};
  return EngineConfig{name, std::move(config)};
}

bool suits(const EngineConfig& config, Precision precision, bool deterministic) {
  const auto engine = engine_of(config.descriptor);
  if (!engine) return false;
  const auto notes = numerical_notes(*engine);
  // f32x: what our own kernels leave to cuDNN.
  const bool true_f32 = precision == Precision::f32 || precision == Precision::f32x;
  return std::none_of(notes.begin(), notes.end(), [&](cudnnBackendNumericalNote_t note) {
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
        return true_f32;
      case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
        return deterministic;
      // f32 to f16, which has not its range; the 16-bit precisions have nothing to convert.
      case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
      case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
      case CUDNN_NUMERICAL_NOTE_FFT:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
        return true;
      // Its transforms cost two or three bits, which only f32 has to spare.
      case CUDNN_NUMERICAL_NOTE_WINOGRAD:
        return !true_f32;
      default:
        return false;
    }
  });
}

bool is_winograd(const EngineConfig& config) {
  const auto engine = engine_of(config.descriptor);
  if (!engine) return false;
  const auto notes = numerical_notes(*engine);
  return std::find(notes.begin(), notes.end(), CUDNN_NUMERICAL_NOTE_WINOGRAD) != notes.end();
}

bool is_compiled_at_run_time(const EngineConfig& config) {
  const auto engine = engine_of(config.descriptor);
  if (!engine) return false;
  const auto notes = engine->get<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE,
                                                             CUDNN_BEHAVIOR_NOTE_TYPE_COUNT);
  return std::find(notes.begin(), notes.end(), CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION) !=
         notes.end();
}

}  // namespace hikaku::cuda
