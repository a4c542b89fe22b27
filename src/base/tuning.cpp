#include "base/tuning.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/error.h"

namespace hikaku {
namespace {

using Json = nlohmann::ordered_json;

Json read_json(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();  // unlike the parser's own reading, no exception where the disk fails
  const Json json = Json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : Json::object();
}

double seconds_of(const std::function<void()>& run) {
  const double start = clock_seconds();
  run();
  return clock_seconds() - start;
}

}  // namespace

Tuning::Tuning(std::string file, std::string machine)
    : file_(std::move(file)), machine_(std::move(machine)) {
  if (file_.empty()) return;
  const Json json = read_json(file_);
  const auto mine = json.find(machine_);
  if (mine == json.end() || !mine->is_object()) return;
  for (const auto& [key, choice] : mine->items()) {
    if (choice.is_string()) choices_[key] = choice.get<std::string>();
  }
}

std::string Tuning::known(const std::string& key) const {
  const auto found = choices_.find(key);
  return found == choices_.end() ? std::string() : found->second;
}

std::string Tuning::fastest(const std::string& key, const std::vector<Candidate>& candidates) {
  std::string kept = known(key);
  for (const Candidate& candidate : candidates) {
    if (candidate.name == kept) return kept;
  }
  double best = std::numeric_limits<double>::infinity();
  std::string choice;
  for (const Candidate& candidate : candidates) {
    candidate.run();
    for (int i = 0; i < 2; ++i) {
      const double seconds = seconds_of(candidate.run);
      if (seconds < best) {
        best = seconds;
        choice = candidate.name;
      }
    }
  }
  if (!kept.empty()) replaced_.insert(key);
  keep(key, choice);
  return choice;
}

void Tuning::keep(const std::string& key, const std::string& choice) {
  choices_[key] = choice;
  changed_ = true;
}

void Tuning::save() {
  if (!changed_ || file_.empty()) return;
  changed_ = false;
  Json json = read_json(file_);
  Json& mine = json[machine_];
  if (!mine.is_object()) mine = Json::object();
  // A choice that another program has kept meanwhile stands: results must not differ between runs.
  // One that a library no longer offers does not.
  for (const auto& [key, choice] : choices_) {
    if (!mine.contains(key) || !mine[key].is_string() || replaced_.contains(key))
      mine[key] = choice;
  }
  const std::string text = json.dump(1) + '\n';
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
  try {
    write_file(file_, std::as_bytes(std::span(text)));
  } catch (const Error&) {
    // Not worth a word: the next program times again.
  }
}

std::string default_tuning_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/hikaku/tuning.json";
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.cache/hikaku/tuning.json";
  return {};
}

}  // namespace hikaku
