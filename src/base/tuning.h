// Choosing by timing: which of several ways to do the same work is fastest on this machine, kept in
// a file so that it is found out once.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hikaku {

class Tuning {
 public:
  struct Candidate {
    std::string name;
    std::function<void()> run;
  };

  /// `file` may be empty: nothing is kept. `machine` tells apart processors, libraries and threads;
  /// a file that cannot be read or written only costs the time of timing again.
  Tuning(std::string file, std::string machine);

  /// The name of the fastest candidate, the best of two runs each after one warm-up; what is known
  /// already, if it is among the candidates.
  std::string fastest(const std::string& key, const std::vector<Candidate>& candidates);
  /// What the file says, or "".
  [[nodiscard]] std::string known(const std::string& key) const;
  /// Keeps a choice that was made elsewhere.
  void keep(const std::string& key, const std::string& choice);
  /// Adds what was learnt to the file. Never throws for the file's sake.
  void save();

 private:
  std::string file_, machine_;
  std::map<std::string, std::string> choices_;
  std::set<std::string> replaced_;  ///< keys whose kept choice is no longer offered
  bool changed_ = false;
};

/// $XDG_CACHE_HOME/hikaku/tuning.json, or ~/.cache/hikaku/tuning.json, or "" without a home.
[[nodiscard]] std::string default_tuning_file();

}  // namespace hikaku
