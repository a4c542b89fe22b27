#include "data/check.h"

#include <algorithm>

#include "data/parallel.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

/// What one pair contributes; kept by pair, so that the report does not depend on the threads.
struct PairReport {
  std::vector<Finding> findings, notes;
  std::array<std::int64_t, 256> label_pixels{};
};

/// Runs one step of the check; false, with the finding kept, if the data are bad.
template <class Step>
bool passes(PairReport& report, const Step& step) {
  try {
    step();
    return true;
  } catch (const BadData& error) {
    report.findings.push_back(error.finding());
    return false;
  }
}

void take_notes(PairReport& report, const std::string& file,
                const std::vector<std::string>& notes) {
  for (const std::string& note : notes) report.notes.push_back({file, 0, note, ""});
}

PairReport check_pair(const Dataset& dataset, std::size_t i) {
  PairReport report;
  Pair pair;
  const bool picture = passes(report, [&] { read_picture(dataset, i, pair); });
  const bool mask = passes(report, [&] { read_mask(dataset, i, pair); });
  if (picture) take_notes(report, dataset.picture_path(i).string(), pair.picture.notes);
  if (mask) take_notes(report, dataset.mask_path(i).string(), pair.mask.notes);
  if (picture && mask && passes(report, [&] { require_consistent(dataset, i, pair); })) {
    for (const std::uint8_t label : pair.mask.index) ++report.label_pixels[label];
  }
  return report;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

double CheckReport::void_share() const {
  return pixels > 0 ? static_cast<double>(label_pixels[void_label]) / static_cast<double>(pixels)
                    : 0;
}

double CheckReport::background_share() const {
  const std::int64_t counted = pixels - label_pixels[void_label];
  return counted > 0 ? static_cast<double>(label_pixels[0]) / static_cast<double>(counted) : 0;
}

CheckReport check_dataset(const TrainVal& data, int threads) {
  const std::size_t train = data.train.size(), all = train + data.val.size();
  std::vector<PairReport> pairs(all);
  parallel_for(all, threads, [&](std::size_t i) {
    pairs[i] = i < train ? check_pair(data.train, i) : check_pair(data.val, i - train);
  });
  CheckReport report;
  report.notes = list_warnings(data.train.list, data.val.list);
  report.pairs = static_cast<std::int64_t>(all);
  for (std::size_t i = 0; i < all; ++i) {
    const PairReport& pair = pairs[i];
    append(report.findings, pair.findings);
    append(report.notes, pair.notes);
    for (std::size_t label = 0; label < pair.label_pixels.size(); ++label) {
      report.label_pixels[label] += pair.label_pixels[label];
      report.pixels += pair.label_pixels[label];
      if (i < train) report.train_label_pixels[label] += pair.label_pixels[label];
      auto& pictures = i < train ? report.train_label_pictures : report.val_label_pictures;
      pictures[label] += pair.label_pixels[label] > 0 ? 1 : 0;
    }
  }
  return report;
}

void require_good(const CheckReport& report) {
  constexpr std::size_t shown = 20;
  const std::size_t count = report.findings.size();
  if (count == 0) return;
  if (count == 1) throw BadData(report.findings.front());
  std::string found = fmt::format("{} bad files; every file must be good:", count);
  for (std::size_t i = 0; i < std::min(count, shown); ++i) {
    found += "\n  " + to_string(report.findings[i]);
  }
  if (count > shown) found += fmt::format("\n  ... and {} more", count - shown);
  throw Error(ExitCode::bad_data, found,
              "mend them or take them out of the lists; all are listed by: hikaku data check DIR");
}

}  // namespace hikaku
