#include "app/version.h"

#include <fmt/format.h>

#include "base/program.h"

namespace hikaku {

std::string version_text(const std::map<std::string, LibraryFacts>& libraries) {
  const Program& built = program();
  std::string text =
      fmt::format("hikaku {} ({})\n{:<14} {}, {}\n{:<14} {:<12} loaded\n", built.version,
                  built.revision, "compiler", built.compiler, built.build, "", "compiled");
  for (const auto& [name, library] : libraries) {
    if (name == "compiler") continue;  // above, with how it was used
    text += fmt::format("{:<14} {:<12} {:<12} {}\n", name,
                        library.compiled.empty() ? "-" : library.compiled,
                        library.loaded.empty() ? "-" : library.loaded, library.detail);
  }
  return text;
}

}  // namespace hikaku
