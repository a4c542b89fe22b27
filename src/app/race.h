// What compare has finished, as bars below each other on a terminal.
#pragma once

#include <map>
#include <string>

#include "base/console.h"
#include "base/locale.h"

namespace hikaku {

/// Bars of one kind of work share a scale: who did it first has a whole one.
class Race {
 public:
  Race(Console& console, Language language) : console_(console), language_(language) {}

  /// Seconds of a whole bar; 0 before anybody did this work: "matmul", "train", "eval".
  [[nodiscard]] double whole_seconds(const std::string& work) const;
  /// `who`: "cuda:0 bf16".
  void finish(const std::string& work, const std::string& who, double seconds);

 private:
  Console& console_;
  Language language_;
  std::map<std::string, double> whole_;
};

}  // namespace hikaku
