#include "train/weights_file.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/program.h"

namespace hikaku {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* format = "1";
constexpr const char* classes_key = "hikaku.classes";
constexpr const char* counter_suffix = ".num_batches_tracked";

/// The network whose tensors these are.
UNetConfig network_of(const WeightMap& tensors, const fs::path& file) {
  const auto first = tensors.find("down.0.0.weight"), head = tensors.find("head.weight");
  const auto rank = [&](auto found) {
    return found == tensors.end() ? 0 : found->second.shape.size();
  };
  if (rank(first) != 4 || rank(head) != 4) {
    refuse_checkpoint(
        file,
        "no tensors 'down.0.0.weight' and 'head.weight' of 4 dimensions; the weights of "
        "this U-Net are needed",
        "docs/training.md has the module of PyTorch whose names are read");
  }
  UNetConfig config;
  config.width = first->second.shape[0];
  config.in_channels = first->second.shape[1];
  config.classes = head->second.shape[0];
  config.levels = 0;
  while (tensors.contains(fmt::format("down.{}.0.weight", config.levels))) ++config.levels;
  constexpr std::int64_t widest = 4096;
  constexpr int deepest = 10;
  if (config.width < UNetConfig::narrowest || config.width > widest || config.levels < 2 ||
      config.levels > deepest || config.in_channels != 3 || config.classes < 2 ||
      config.classes > 255) {
    refuse_checkpoint(
        file,
        fmt::format(
            "a network of width {}, {} levels, {} classes on {} channels; widths of {} to {}, "
            "2 to {} levels, 2 to 255 classes and 3 channels are allowed",
            config.width, config.levels, config.classes, config.in_channels, UNetConfig::narrowest,
            widest, deepest),
        "use weights of a U-Net on RGB pictures");
  }
  return config;
}

/// Before anything is made for it: names and shapes, and nothing beside them.
void require_network(const StoredWeights& weights, const fs::path& file) {
  const UNet net(weights.network);
  for (const TensorInfo& tensor : net.tensors) {
    const auto found = weights.tensors.find(tensor.name);
    if (found == weights.tensors.end() || found->second.shape != tensor.shape) {
      refuse_checkpoint(
          file,
          fmt::format("tensor '{}' is missing or of another shape; a U-Net of width {} with {} "
                      "levels has it",
                      tensor.name, net.config.width, net.config.levels),
          "use weights of this U-Net; docs/training.md has its module of PyTorch");
    }
  }
  if (weights.tensors.size() != net.tensors.size()) {
    refuse_checkpoint(
        file,
        fmt::format("{} tensors; this U-Net has {}", weights.tensors.size(), net.tensors.size()),
        "use weights of this U-Net; docs/training.md has its module of PyTorch");
  }
}

StoredWeights weights_of(const Safetensors& file, const fs::path& path) {
  StoredWeights weights;
  if (verify_checksums(file)) {
    require_kind(file, path, "weights");
    weights.metadata = file.metadata();
  }
  weights.tensors = tensors_of(file);
  weights.network = network_of(weights.tensors, path);
  require_network(weights, path);
  return weights;
}

}  // namespace

void refuse_checkpoint(const fs::path& file, const std::string& found, const std::string& fix) {
  throw Error(ExitCode::bad_checkpoint, fmt::format("{}: {}", file.string(), found), fix);
}

void require_kind(const Safetensors& file, const fs::path& path, const char* kind) {
  const auto text = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string("none") : found->second;
  };
  if (text("hikaku.format") != format) {
    refuse_checkpoint(
        path,
        fmt::format("a checkpoint of format {}, by hikaku {}; format {} is read",
                    text("hikaku.format"), text("hikaku.version"), format),
        "read it with the hikaku that wrote it, or begin from its weights in PyTorch's names");
  }
  if (text("hikaku.kind") != kind) {
    refuse_checkpoint(path, fmt::format("holds {}; {} are needed", text("hikaku.kind"), kind),
                      "name the file without '.state' in its name");
  }
}

WeightMap tensors_of(const Safetensors& file) {
  WeightMap result;
  for (const auto& [name, tensor] : file.tensors()) {
    if (name.ends_with(counter_suffix)) continue;
    result[name] = {tensor.shape, tensor.values<float>()};
  }
  return result;
}

std::vector<NamedTensor> named_tensors(const WeightMap& tensors) {
  std::vector<NamedTensor> result;
  for (const auto& [name, tensor] : tensors) {
    result.push_back({name, stored_tensor(StoredType::f32, tensor.shape, tensor.values)});
  }
  return result;
}

void require_finite(const WeightMap& tensors, const fs::path& file) {
  for (const auto& [name, tensor] : tensors) {
    for (const float value : tensor.values) {
      if (std::isfinite(value)) continue;
      throw Error(ExitCode::diverged,
                  fmt::format("{}: not written: tensor '{}' has the value {}; only finite ones are "
                              "kept",
                              file.string(), name, value),
                  "go on from the last checkpoint with a smaller --lr");
    }
  }
}

Metadata metadata_of(const char* kind, const RunProgress& progress, const Provenance& provenance) {
  const Program& built = program();
  Metadata metadata{{"hikaku.kind", kind},
                    {"hikaku.format", format},
                    {"hikaku.version", built.version},
                    {"hikaku.revision", built.revision},
                    {"hikaku.seed", std::to_string(provenance.seed)},
                    {"hikaku.epochs", std::to_string(progress.epochs)},
                    {"hikaku.steps", std::to_string(progress.steps)},
                    {"hikaku.batches", std::to_string(progress.losses.size())},
                    {"hikaku.config", provenance.config},
                    {"hikaku.environment", json(provenance.environment).dump()}};
  if (!provenance.classes.is_voc()) metadata[classes_key] = to_text(provenance.classes);
  return metadata;
}

std::string write_weights(AtomicFile& file, const WeightMap& weights, const RunProgress& progress,
                          const Provenance& provenance) {
  std::vector<NamedTensor> tensors = named_tensors(weights);
  const std::vector<std::int64_t> count{progress.steps};
  for (const auto& [name, tensor] : weights) {
    const std::size_t end = name.rfind(".running_var");
    if (end == std::string::npos) continue;
    // PyTorch counts the batches of each batch norm; nothing here is computed from it.
    tensors.push_back(
        {name.substr(0, end) + counter_suffix, stored_tensor(StoredType::i64, {}, count)});
  }
  Metadata metadata = metadata_of("weights", progress, provenance);
  metadata["format"] = "pt";
  add_checksums(tensors, metadata);
  write_safetensors(file, std::move(tensors), metadata);
  return metadata.at("hikaku.check");
}

void save_weights(const fs::path& file, const WeightMap& weights, const RunProgress& progress,
                  const Provenance& provenance) {
  require_finite(weights, file);
  AtomicFile out(file);
  write_weights(out, weights, progress, provenance);
  out.commit();
}

StoredWeights load_weights(const fs::path& file) {
  return weights_of(Safetensors::read(file), file);
}

Classes classes_of(const StoredWeights& weights, const fs::path& file) {
  const auto text = weights.metadata.find(classes_key);
  if (text == weights.metadata.end()) return {};
  Classes classes = parse_classes(text->second, file.string());
  if (classes.count() != weights.network.classes) {
    refuse_checkpoint(file,
                      fmt::format("{} names of classes for a network of {}; one each is needed",
                                  classes.count(), weights.network.classes),
                      "use the file as the training wrote it");
  }
  return classes;
}

}  // namespace hikaku
