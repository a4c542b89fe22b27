// Checkpoints: restored, or refused by name. An input is both files of one with a mark between
// them.
#include "train/checkpoint.h"

#include <unistd.h>

#include <string_view>

#include "base/error.h"
#include "cpu/backend.h"

namespace {

namespace fs = std::filesystem;
using namespace hikaku;

/// Removed at the end.
struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("hikaku_fuzz_{}", getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

/// Makes the sums right, so that what lies behind them is reached; a state gets the tie to its
/// weights. Returns the tie of this file, "" where it is none.
std::string mend(const fs::path& path, const std::string& tie) {
  try {
    const Safetensors file = Safetensors::read(path);
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : file.tensors()) tensors.push_back({name, tensor});
    Metadata metadata = file.metadata();
    metadata.erase("hikaku.check");
    metadata.erase("hikaku.crc32");
    if (!tie.empty()) metadata["hikaku.weights"] = tie;
    add_checksums(tensors, metadata);
    write_safetensors(path, tensors, metadata);
    return metadata.at("hikaku.check");
  } catch (const Error&) {
    return "";
  }
}

void restore_from(const fs::path& weights) {
  static const std::unique_ptr<Backend> cpu = make_cpu_backend();
  try {
    const Checkpoint checkpoint = load_checkpoint(weights);
    (void)classes_of(checkpoint.weights, weights);
    Model model(checkpoint.weights.network, *cpu, true);
    restore(checkpoint, model);
    if (model.steps() < 0 || checkpoint.progress.epochs < 0) __builtin_trap();
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_checkpoint || error.fix().empty()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  static const fs::path weights = folder.path / "last.safetensors", state = state_file(weights);
  constexpr std::string_view mark = "\n-- state --\n";
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t border = std::min(input.find(mark), size);
  const std::string_view behind = input.substr(std::min(border + mark.size(), size));
  write_file(weights, std::as_bytes(std::span(input.substr(0, border))));
  write_file(state, std::as_bytes(std::span(behind)));
  restore_from(weights);
  const std::string tie = mend(weights, "");
  if (!tie.empty() && !mend(state, tie).empty()) restore_from(weights);
  return 0;
}
