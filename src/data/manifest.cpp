#include "data/manifest.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/lines.h"
#include "base/sha256.h"
#include "data/file.h"
#include "data/parallel.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t sum_digits = 64;

std::string name_in(const Dataset& dataset, const fs::path& file) {
  return file.lexically_relative(dataset.root).generic_string();
}

/// All files of the data set, each once.
std::set<std::string> names_of(const TrainVal& data) {
  std::set<std::string> names;
  for (const Dataset* dataset : {&data.train, &data.val}) {
    names.insert(name_in(*dataset, dataset->list.file));
    if (fs::exists(dataset->root / "classes.txt")) names.insert("classes.txt");
    for (std::size_t i = 0; i < dataset->size(); ++i) {
      names.insert(name_in(*dataset, dataset->picture_path(i)));
      names.insert(name_in(*dataset, dataset->mask_path(i)));
    }
  }
  return names;
}

std::string sum_of(const fs::path& path) { return hex_of(sha256(read_text(path))); }

/// The sum of one file, or why there is none.
struct Sum {
  std::string digits;
  std::optional<Finding> finding;
};

std::vector<Sum> sums_of(const fs::path& root, const std::vector<std::string>& names, int threads) {
  std::vector<Sum> sums(names.size());
  parallel_for(names.size(), threads, [&](std::size_t i) {
    try {
      sums[i].digits = sum_of(root / names[i]);
    } catch (const BadData& error) {
      sums[i].finding = error.finding();
    }
  });
  return sums;
}

bool is_sum(std::string_view text) {
  return text.size() == sum_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Manifest make_manifest(const TrainVal& data, int threads) {
  const std::set<std::string> all = names_of(data);
  const std::vector<std::string> names(all.begin(), all.end());
  const std::vector<Sum> sums = sums_of(data.train.root, names, threads);
  Manifest manifest;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!sums[i].finding) manifest[names[i]] = sums[i].digits;
  }
  return manifest;
}

std::string to_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [name, sum] : manifest) text += fmt::format("{}  {}\n", sum, name);
  return text;
}

Manifest parse_manifest(std::string_view text, const std::string& file) {
  Manifest manifest;
  each_line(text, [&](int line, std::string_view content) {
    if (content.ends_with('\r')) content.remove_suffix(1);
    if (content.empty()) return;
    const std::string name(content.substr(std::min(sum_digits + 2, content.size())));
    // Two blanks, or a blank and the star that sha256sum -b writes.
    const bool parted = content.size() > sum_digits + 1 && content[sum_digits] == ' ' &&
                        (content[sum_digits + 1] == ' ' || content[sum_digits + 1] == '*');
    if (!parted || !is_sum(content.substr(0, sum_digits)) || !stays_inside(name)) {
      throw BadData({file, line,
                     "no line of a manifest; allowed are a SHA-256 of 64 digits, two blanks and "
                     "the name of a file inside the data set",
                     "write one: hikaku data check DIR --write-manifest FILE"});
    }
    if (!manifest.emplace(name, content.substr(0, sum_digits)).second) {
      throw BadData({file, line, fmt::format("{} is there twice; one line a file is allowed", name),
                     "take one of the lines out"});
    }
  });
  return manifest;
}

std::vector<Finding> verify_manifest(const TrainVal& data, const Manifest& manifest,
                                     const std::string& file, int threads) {
  std::set<std::string> all = names_of(data);
  for (const auto& [name, sum] : manifest) all.insert(name);
  const std::vector<std::string> names(all.begin(), all.end());
  const std::vector<Sum> sums = sums_of(data.train.root, names, threads);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string path = (data.train.root / names[i]).string();
    const auto known = manifest.find(names[i]);
    if (sums[i].finding) {
      findings.push_back(*sums[i].finding);
    } else if (known == manifest.end()) {
      findings.push_back({path, 0,
                          fmt::format("{} does not know it; every file must be there", file),
                          "take it out of the lists, or write the manifest anew"});
    } else if (known->second != sums[i].digits) {
      findings.push_back({path, 0,
                          fmt::format("its SHA-256 is {}; by {} it must be {}", sums[i].digits,
                                      file, known->second),
                          "restore it from its source; if the change was meant, write the "
                          "manifest anew"});
    }
  }
  return findings;
}

std::vector<Finding> same_pictures(const TrainVal& data, const Manifest& manifest) {
  std::map<std::string, std::string> first_of;  // from the sum to the id
  std::vector<Finding> notes;
  for (const Dataset* dataset : {&data.train, &data.val}) {
    for (std::size_t i = 0; i < dataset->size(); ++i) {
      const auto sum = manifest.find(name_in(*dataset, dataset->picture_path(i)));
      if (sum == manifest.end()) continue;
      const auto [first, is_new] = first_of.emplace(sum->second, dataset->id(i));
      // The same id twice is told where the lists are read.
      if (is_new || first->second == dataset->id(i)) continue;
      notes.push_back(
          {dataset->picture_path(i).string(), 0,
           fmt::format("the same picture as {}.jpg, byte for byte; it counts twice", first->second),
           "take one of them out of the lists, unless it is meant"});
    }
  }
  return notes;
}

}  // namespace hikaku
