// A finding: what is wrong with one file of a data set, and what to do about it.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace hikaku {

struct Finding {
  std::string file;
  int line = 0;       ///< counted from 1; 0 where a line says nothing
  std::string found;  ///< "what was found; what is allowed"
  std::string fix;
};

/// "<file>[:line]: what was found; what is allowed"
[[nodiscard]] inline std::string to_string(const Finding& finding) {
  return finding.line > 0 ? fmt::format("{}:{}: {}", finding.file, finding.line, finding.found)
                          : fmt::format("{}: {}", finding.file, finding.found);
}

/// The error that one finding makes; it keeps the parts, so that a check can list them.
class BadData : public Error {
 public:
  explicit BadData(Finding finding)
      : Error(ExitCode::bad_data, to_string(finding), finding.fix), finding_(std::move(finding)) {}

  [[nodiscard]] const Finding& finding() const { return finding_; }

 private:
  Finding finding_;
};

}  // namespace hikaku
