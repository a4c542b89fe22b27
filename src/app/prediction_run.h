// Pictures through a trained network, and what it says of them into files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/console.h"
#include "data/classes.h"
#include "data/finding.h"
#include "train/predictor.h"

namespace hikaku {

struct PredictionOptions {
  std::filesystem::path folder;   ///< to write to
  std::vector<std::string> save;  ///< "masks", "overlays", "confidence", "probabilities", "logits"
  int threads = 1;                ///< that read and write
  Classes classes;

  [[nodiscard]] bool saves(const char* what) const;
  /// "photos/a.jpg", "overlays": "predicted/a_overlay.jpg".
  [[nodiscard]] std::filesystem::path target(const std::filesystem::path& picture,
                                             const char* what) const;
  /// All that is written of a picture.
  [[nodiscard]] std::vector<std::filesystem::path> targets(
      const std::filesystem::path& picture) const;
};

/// What became of the pictures.
struct PredictionTally {
  double network_seconds = 0;
  std::size_t pictures = 0, bad = 0;  ///< done, and not readable
  std::optional<Finding> first_fault;
  std::map<int, std::int64_t> pixels;  ///< by class
};

class PredictionRun {
 public:
  PredictionRun(Predictor& predictor, PredictionOptions options)
      : predictor_(predictor), options_(std::move(options)) {}

  /// While the network works on a batch, the next one is read and the one before is written: three
  /// batches are in memory, however many files there are. A picture that cannot be read is named
  /// and left out. Throws ExitCode::diverged for an answer that is not finite.
  const PredictionTally& run(Console& console, std::span<const std::filesystem::path> files);

 private:
  struct Item {
    std::filesystem::path file;
    Picture picture;
    std::optional<Finding> fault;
  };
  /// Pictures that go through the network together.
  struct Batch {
    std::vector<Item> items;
    std::vector<float> images;  ///< one after the other as the network takes them; 0 for a bad one
    std::vector<Logits> logits;
  };

  [[nodiscard]] Batch batch_of(std::span<const std::filesystem::path> files) const;
  void read(Batch& batch, std::size_t i) const;
  void forward(Batch& batch);
  void finish(const Batch& batch, std::size_t i);
  void write(const Item& item, const Segmentation& answer, const Logits& logits) const;
  void count(Console& console, const Batch& batch);

  Predictor& predictor_;
  const PredictionOptions options_;
  PredictionTally tally_;
  std::mutex mutex_;  ///< guards the pixels of the tally while answers are written
};

}  // namespace hikaku
