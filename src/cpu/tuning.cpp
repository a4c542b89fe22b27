#include "cpu/tuning.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace hikaku::cpu {
namespace {

using Json = nlohmann::ordered_json;

Json read_json(const std::string& file) {
  std::ifstream in(file);
  const Json json = in ? Json::parse(in, nullptr, /*allow_exceptions=*/false) : Json();
  return json.is_object() ? json : Json::object();
}

double seconds_of(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
  const std::string kept = known(key);
  for (const Candidate& candidate : candidates) {
    if (candidate.name == kept) return kept;
  }
  double best = std::numeric_limits<double>::infinity();
  std::string choice;
  for (const Candidate& candidate : candidates) {
    candidate.run();
    for (int i = 0; i < 3; ++i) {
      const double seconds = seconds_of(candidate.run);
      if (seconds < best) {
        best = seconds;
        choice = candidate.name;
      }
    }
  }
  choices_[key] = choice;
  changed_ = true;
  return choice;
}

void Tuning::save() {
  if (!changed_ || file_.empty()) return;
  changed_ = false;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
  Json json = read_json(file_);
  for (const auto& [key, choice] : choices_) json[machine_][key] = choice;
  const std::string temporary = file_ + ".tmp";
  std::ofstream(temporary) << json.dump(1) << '\n';
  std::filesystem::rename(temporary, file_, ignored);
}

std::string default_tuning_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/hikaku/tuning.json";
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.cache/hikaku/tuning.json";
  return {};
}

}  // namespace hikaku::cpu
