#include "app/race.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/page/sources.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {

double Race::whole_seconds(const std::string& work) const {
  const auto found = whole_.find(work);
  return found == whole_.end() ? 0 : found->second;
}

void Race::finish(const std::string& work, const std::string& who, double seconds) {
  const Terminal& terminal = console_.terminal();
  const auto [whole, is_first] = whole_.emplace(work, seconds);
  if (is_first) console_.line(std::string(text("work." + work, language_)));
  constexpr int beside = 29, longest = 60;  // columns: the names and the time; the bar
  const int columns = std::clamp(terminal.width - beside, 1, longest);
  // Never nothing: however fast, it took some time.
  const double least = 1.0 / columns / (terminal.utf8 ? 8 : 1);
  const std::string bar =
      filled_columns(std::clamp(seconds / whole->second, least, 1.0), columns, terminal.utf8);
  const char* const colour = is_gpu(who) ? "33" : "34";
  console_.line(fmt::format("  {:<13}{} {}", who,
                            terminal.color ? fmt::format("\x1b[{}m{}\x1b[0m", colour, bar) : bar,
                            pretty_seconds(seconds)));
}

}  // namespace hikaku
