#include "app/child.h"

#include "base/process.h"

namespace hikaku {

std::optional<std::string> output_of_child(const std::vector<std::string>& words,
                                           const std::string& variable) {
  std::vector<std::string> arguments{"/proc/self/exe"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  const auto outcome = run_process(arguments, variable);
  if (!outcome || outcome->status != 0) return {};
  return outcome->out;
}

}  // namespace hikaku
