#include "app/network_option.h"

#include <fmt/format.h>

#include "app/settings_file.h"
#include "app/training_run.h"

namespace hikaku {
namespace {

constexpr std::int64_t usual_size = 256, largest_size = 4096;

/// As the options of the training have it; the usual one where the file knows of none.
std::int64_t size_of_training(const StoredWeights& weights, const std::string& file) {
  const auto config = weights.metadata.find("hikaku.config");
  const std::string size =
      config == weights.metadata.end() ? "" : value_in(config->second, "size", file);
  const std::int64_t found = size.empty() ? usual_size : std::atoll(size.c_str());
  if (found < 1 || found > largest_size) {
    refuse_checkpoint(file,
                      fmt::format("pictures of size {}; 1 to {} are allowed", size, largest_size),
                      "name the size of its training: --size N");
  }
  return found;
}

}  // namespace

void NetworkOption::declare(Options& options) {
  options.text("--weights,weights", file, "FILE",
               {"the network: a .safetensors file of a training, or of PyTorch's",
                "ネットワーク。学習の .safetensors（PyTorch のものも可）"});
}

void NetworkOption::declare_size(Options& options) {
  options.integer("--size", size, 0, largest_size,
                  {"pictures are resized to N x N on their way in; 0: as in the training",
                   "入力を N x N に縮める。0 は学習と同じ"});
}

StoredWeights NetworkOption::load(const Command& command) const {
  const Command::Description description = command.describe();
  if (file.empty()) {
    throw Error(
        ExitCode::usage,
        fmt::format("{}: no network was named; a .safetensors file is needed", description.name),
        description.example);
  }
  return load_weights(file);
}

void NetworkOption::settle_size(const StoredWeights& weights) {
  if (size == 0) size = size_of_training(weights, file);
  require_size(size, weights.network);
}

}  // namespace hikaku
