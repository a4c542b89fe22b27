#include "train/checkpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/error.h"

namespace hikaku {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

void write_state(AtomicFile& file, const std::string& weights, const WeightMap& moments,
                 const RunProgress& progress, const std::vector<float>& device_state,
                 const Provenance& provenance) {
  std::vector<NamedTensor> tensors = named_tensors(moments);
  std::vector<double> losses;
  for (const LossValue& loss : progress.losses) {
    losses.insert(losses.end(), {loss.total, loss.cross_entropy, loss.dice});
  }
  const std::vector<double> best{progress.best, static_cast<double>(progress.best_epoch)};
  const auto rows = static_cast<std::int64_t>(progress.losses.size());
  tensors.push_back({"losses", stored_tensor(StoredType::f64, {rows, 3}, losses)});
  tensors.push_back({"best", stored_tensor(StoredType::f64, {2}, best)});
  const auto kept = static_cast<std::int64_t>(device_state.size());
  tensors.push_back({"device", stored_tensor(StoredType::f32, {kept}, device_state)});
  Metadata metadata = metadata_of("state", progress, provenance);
  metadata["hikaku.weights"] = weights;
  add_checksums(tensors, metadata);
  write_safetensors(file, std::move(tensors), metadata);
}

/// A whole number of 0 or more.
std::int64_t number(const Metadata& metadata, const char* key, const fs::path& file) {
  const auto found = metadata.find(key);
  const std::string text = found == metadata.end() ? "" : found->second;
  std::int64_t value = -1;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value).ptr != end || value < 0) {
    refuse_checkpoint(file, fmt::format("{} is \"{}\"; a whole number is needed", key, text),
                      "use another one");
  }
  return value;
}

fs::path unrenamed(fs::path path) { return path += ".tmp"; }

[[noreturn]] void fault(const fs::path& path, const char* what, const std::error_code& error) {
  throw Error(ExitCode::bad_data, fmt::format("{}: {}: {}", path.string(), what, error.message()),
              "check the folder, its rights and its disk");
}

bool is_there(const fs::path& path) {
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (error) fault(path, "cannot be looked at", error);
  return there;
}

/// The state that belongs to the weights: in its place, or complete beside it.
Safetensors find_state(const fs::path& path, const std::string& weights) {
  const auto belongs = [&](const Safetensors& file, const fs::path& at) {
    if (!verify_checksums(file)) {
      refuse_checkpoint(at, "not written by hikaku; the state of a training is needed",
                        "begin anew from the weights: --weights instead of --resume");
    }
    require_kind(file, at, "state");
    const auto found = file.metadata().find("hikaku.weights");
    return found != file.metadata().end() && found->second == weights;
  };
  const fs::path beside = unrenamed(path);
  if (is_there(path)) {
    Safetensors file = Safetensors::read(path);
    if (belongs(file, path)) return file;
  }
  if (is_there(beside)) {
    Safetensors file = Safetensors::read(beside);
    if (belongs(file, beside)) {
      std::error_code error;
      fs::rename(beside, path, error);
      if (error) fault(path, "cannot be put in its place", error);
      return file;
    }
  }
  refuse_checkpoint(
      path, "is missing or belongs to other weights; the state saved with them is needed",
      "put both files of one checkpoint there, or begin anew from the weights with --weights");
}

/// After a save that failed between its two renames the state is still beside its place, where the
/// next save would write over it.
void put_state_in_place(const fs::path& weights_file) {
  std::error_code ignored;
  if (!fs::exists(unrenamed(state_file(weights_file)), ignored)) return;
  try {
    (void)load_checkpoint(weights_file);
  } catch (const Error&) {
    // It belongs to no weights that are there: nothing is lost with it.
  }
}

}  // namespace

fs::path state_file(const fs::path& weights_file) {
  fs::path path = weights_file;
  return path.replace_extension(".state.safetensors");
}

void save_checkpoint(const fs::path& weights_file, Model& model, const RunProgress& progress,
                     const Provenance& provenance) {
  const WeightMap weights = model.to_host(), moments = model.moments_to_host();
  require_finite(weights, weights_file);
  require_finite(moments, weights_file);
  put_state_in_place(weights_file);
  AtomicFile weights_out(weights_file), state_out(state_file(weights_file));
  const std::string tie = write_weights(weights_out, weights, progress, provenance);
  write_state(state_out, tie, moments, progress, model.backend().step_state(), provenance);
  weights_out.prepare();
  state_out.prepare();
  // From here on the state is needed, in its place or beside it.
  state_out.keep();
  weights_out.commit();
  state_out.commit();
}

Checkpoint load_checkpoint(const fs::path& weights_file) {
  Checkpoint checkpoint;
  checkpoint.weights = load_weights(weights_file);
  const Metadata& metadata = checkpoint.weights.metadata;
  if (metadata.empty()) {
    refuse_checkpoint(weights_file, "not written by hikaku; a checkpoint of a training is needed",
                      "begin anew from these weights: --weights instead of --resume");
  }
  const fs::path path = state_file(weights_file);
  const Safetensors state = find_state(path, metadata.at("hikaku.check"));
  checkpoint.moments = tensors_of(state);
  for (const char* name : {"losses", "best", "device"}) checkpoint.moments.erase(name);
  const std::vector<double> losses = state.at("losses").values<double>();
  const std::vector<double> best = state.at("best").values<double>();
  constexpr double most_epochs = 1e15;
  if (best.size() != 2 || !(best[1] >= 0 && best[1] <= most_epochs) || losses.size() % 3 != 0) {
    refuse_checkpoint(path, "not a state: \"best\" or \"losses\" hold something else",
                      "use another one");
  }
  RunProgress& progress = checkpoint.progress;
  progress.epochs = number(metadata, "hikaku.epochs", path);
  progress.steps = number(metadata, "hikaku.steps", path);
  for (std::size_t i = 0; i < losses.size(); i += 3) {
    progress.losses.push_back({losses[i], losses[i + 1], losses[i + 2]});
  }
  progress.best = best[0];
  progress.best_epoch = static_cast<std::int64_t>(best[1]);
  checkpoint.device_state = state.at("device").values<float>();
  checkpoint.provenance.seed = static_cast<std::uint64_t>(number(metadata, "hikaku.seed", path));
  const auto text = [&](const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  checkpoint.provenance.config = text("hikaku.config");
  const json environment = json::parse(text("hikaku.environment"), nullptr, false);
  if (environment.is_object()) {
    for (const auto& [key, value] : environment.items()) {
      if (value.is_string()) checkpoint.provenance.environment[key] = value;
    }
  }
  return checkpoint;
}

void restore(const Checkpoint& checkpoint, Model& model) {
  model.from_host(checkpoint.weights.tensors);
  model.moments_from_host(checkpoint.moments, checkpoint.progress.steps);
  model.backend().set_step_state(checkpoint.device_state);
}

std::uintmax_t checkpoint_bytes(const UNet& net) {
  constexpr std::uintmax_t arrays = 3;  // weights and two moments
  const auto floats =
      static_cast<std::uintmax_t>(arrays * net.trained_count + net.statistics_count);
  return floats * sizeof(float);
}

}  // namespace hikaku
