#include "train/checkpoint.h"

#include <sys/resource.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "run_files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public test::RunTest {
 protected:
  /// A folder with the pair of a training of `epochs` epochs.
  static fs::path trained(const std::string& name, std::int64_t epochs = 1) {
    train(root() / name, options(epochs));
    return root() / name / "last.safetensors";
  }
};

/// The refusal of load_checkpoint, "code what | fix", or "" where there is none.
std::string refusal(const fs::path& file) {
  try {
    (void)load_checkpoint(file);
    return "";
  } catch (const Error& error) {
    return fmt::format("{} {} | {}", static_cast<int>(error.code()), error.what(), error.fix());
  }
}

void flip_bit(const fs::path& file, std::size_t byte) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekg(static_cast<std::streamoff>(byte));
  const char value = static_cast<char>(stream.get() ^ 4);
  stream.seekp(static_cast<std::streamoff>(byte));
  stream.put(value);
}

void rewrite(const fs::path& file, const std::function<void(Metadata&)>& change) {
  const Safetensors before = Safetensors::read(file);
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : before.tensors()) tensors.push_back({name, tensor});
  Metadata metadata = before.metadata();
  change(metadata);
  if (!metadata.empty()) add_checksums(tensors, metadata);
  write_safetensors(file, tensors, metadata);
}

TEST_F(CheckpointTest, HoldsWhatTheModelHeld) {
  Model model(network, backend(), true);
  model.initialise(9);
  RunProgress progress;
  progress.epochs = 3;
  progress.steps = 11;
  progress.losses = {{1.5, 1.25, 0.1}, {0.1 + 0.2, 1e-300, 0}};
  progress.best = 0.1 + 0.7;
  progress.best_epoch = 2;
  fs::create_directories(root() / "held");
  const fs::path file = root() / "held" / "x.safetensors";
  save_checkpoint(file, model, progress, {"lr = 1\n", {{"cpu", "k"}}, 77});
  const Checkpoint found = load_checkpoint(file);
  EXPECT_EQ(found.weights.network, network);
  EXPECT_EQ(found.progress.epochs, 3);
  EXPECT_EQ(found.progress.steps, 11);
  EXPECT_EQ(found.progress.best, 0.1 + 0.7);
  ASSERT_EQ(found.progress.losses.size(), 2U);
  EXPECT_EQ(found.progress.losses[1].total, 0.1 + 0.2);
  EXPECT_EQ(found.progress.losses[1].cross_entropy, 1e-300);
  EXPECT_EQ(found.provenance.config, "lr = 1\n");
  EXPECT_EQ(found.provenance.environment, (Metadata{{"cpu", "k"}}));
  EXPECT_EQ(found.provenance.seed, 77U);
  Model other(network, backend(), true);
  restore(found, other);
  EXPECT_EQ(other.steps(), 11);
  for (const auto& [name, tensor] : model.to_host()) {
    EXPECT_EQ(tensor.values, other.to_host().at(name).values) << name;
  }
}

TEST_F(CheckpointTest, AFlippedBitOrACutIsRefusedByName) {
  const fs::path file = trained("flipped");
  const std::vector<std::pair<fs::path, const char*>> files{{file, "weights"},
                                                            {state_file(file), "state"}};
  for (const auto& [damaged, kind] : files) {
    const std::string good = test::bytes_of(damaged);
    for (const std::size_t byte :
         {std::size_t{3}, std::size_t{200}, good.size() / 2, good.size() - 1}) {
      flip_bit(damaged, byte);
      const std::string text = refusal(file);
      EXPECT_TRUE(text.starts_with("5 " + damaged.string())) << kind << byte << text;
      flip_bit(damaged, byte);
    }
    fs::resize_file(damaged, good.size() - 7);
    EXPECT_TRUE(refusal(file).starts_with("5 " + damaged.string())) << refusal(file);
    std::ofstream(damaged, std::ios::binary) << good;
    EXPECT_EQ(refusal(file), "");
  }
}

TEST_F(CheckpointTest, ForeignAndOlderOnesAreRefused) {
  const fs::path file = trained("foreign");
  const std::string good = test::bytes_of(file);
  rewrite(file, [](Metadata& metadata) { metadata["hikaku.format"] = "0"; });
  EXPECT_NE(refusal(file).find("a checkpoint of format 0, by hikaku"), std::string::npos)
      << refusal(file);
  rewrite(file, [](Metadata& metadata) { metadata.clear(); });
  EXPECT_NE(refusal(file).find("not written by hikaku"), std::string::npos) << refusal(file);
  EXPECT_EQ(load_weights(file).network, network);  // its weights are PyTorch's names
  std::ofstream(file, std::ios::binary) << good;
  EXPECT_NE(refusal(state_file(file)).find("holds state; weights are needed"), std::string::npos)
      << refusal(state_file(file));
  const std::vector<float> one{1};
  write_safetensors(file,
                    {{"encoder.weight", {StoredType::f32, {1}, std::as_bytes(std::span(one))}}});
  EXPECT_NE(refusal(file).find("the weights of this U-Net are needed"), std::string::npos);
}

TEST_F(CheckpointTest, WhatItsMetadataSayIsNotBelievedBlindly) {
  const fs::path file = trained("odd");
  const auto set = [&](const char* key, const char* value) {
    rewrite(file, [&](Metadata& metadata) { metadata[key] = value; });
    const std::string tie = Safetensors::read(file).metadata().at("hikaku.check");
    rewrite(state_file(file), [&](Metadata& metadata) { metadata["hikaku.weights"] = tie; });
  };
  set("hikaku.environment", "{\"cpu\": 7, \"device\": \"cpu\"}");
  EXPECT_EQ(refusal(file), "");
  EXPECT_EQ(load_checkpoint(file).provenance.environment, (Metadata{{"device", "cpu"}}));
  for (const char* number : {"-3", "3x", "", "99999999999999999999"}) {
    set("hikaku.epochs", number);
    const std::string says = fmt::format("hikaku.epochs is \"{}\"", number);
    EXPECT_NE(refusal(file).find(says), std::string::npos) << refusal(file);
  }
}

TEST_F(CheckpointTest, AStateOfOtherWeightsIsRefused) {
  const fs::path one = trained("one", 1), two = trained("two", 2);
  fs::copy_file(state_file(two), state_file(one), fs::copy_options::overwrite_existing);
  EXPECT_NE(refusal(one).find("belongs to other weights"), std::string::npos) << refusal(one);
  fs::remove(state_file(one));
  EXPECT_NE(refusal(one).find("is missing"), std::string::npos) << refusal(one);
}

TEST_F(CheckpointTest, AKillBetweenTheTwoRenamesLosesNothing) {
  const fs::path one = trained("before", 1), two = trained("after", 2);
  // The new weights are in their place, the new state is complete beside the old one.
  fs::copy_file(two, one, fs::copy_options::overwrite_existing);
  fs::path beside = state_file(one);
  beside += ".tmp";
  fs::copy_file(state_file(two), beside);
  EXPECT_EQ(refusal(one), "");
  EXPECT_EQ(load_checkpoint(one).progress.epochs, 2);
  EXPECT_FALSE(fs::exists(beside));
}

TEST_F(CheckpointTest, WhatTheSystemRefusesIsAnErrorWithAName) {
  const fs::path file = trained("refused"), state = state_file(file);
  const fs::path beside = fs::path(state).concat(".tmp");
  fs::rename(state, beside);
  fs::create_symlink(state, state);  // leads nowhere
  EXPECT_TRUE(refusal(file).starts_with("4 " + state.string() + ": cannot be looked at: "))
      << refusal(file);
  EXPECT_THROW((void)RunFolder(file.parent_path()).find(), Error);
  fs::remove(state);
  EXPECT_EQ(refusal(file), "");
}

TEST_F(CheckpointTest, NorDoesADiskThatFillsUpAfterwards) {
  const fs::path one = trained("first", 1), two = trained("second", 2);
  fs::copy_file(two, one, fs::copy_options::overwrite_existing);
  fs::copy_file(state_file(two), state_file(one).concat(".tmp"));
  Model model(network, backend(), true);
  model.initialise(1);
  // A limit on the size of files stands in for a full disk.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{10'000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(save_checkpoint(one, model, {}, {}), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(refusal(one), "");
  EXPECT_EQ(load_checkpoint(one).progress.epochs, 2);
}

TEST_F(CheckpointTest, NothingIsWrittenOfWeightsThatAreNotFinite) {
  const fs::path file = trained("finite");
  const std::string good = test::bytes_of(file);
  Model model(network, backend(), true);
  model.initialise(1);
  model.value(0)[5] = INFINITY;
  EXPECT_THROW(save_checkpoint(file, model, {}, {}), Error);
  EXPECT_EQ(test::bytes_of(file), good);
  EXPECT_EQ(refusal(file), "");
}

}  // namespace
}  // namespace hikaku
