// Every sentence that hikaku shows with its results, in its two languages.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/locale.h"

namespace hikaku {

/// The text of a key ("matmul.title"). Throws ExitCode::internal for a key that is not in the
/// table.
[[nodiscard]] std::string_view text(std::string_view key, Language language);

/// The parts of a profiled step in their order, each with a text "step.<part>".
inline constexpr std::array step_phases{"decode", "wait",     "copy", "forward",
                                        "loss",   "backward", "adam"};

/// Of a FooledResult: "GPU not waited for"; the id itself where it is not known.
[[nodiscard]] std::string name_of_mistake(const std::string& id, Language language);

/// Why an EnergyResult is not measured: "the window is shorter than 5 s"; its kind ("measured") has
/// a word as well. The id itself where it is not known.
[[nodiscard]] std::string energy_reason(const std::string& id, Language language);

/// The Japanese of a caveat's or another finding's sentence, by its id ("caveat.few_samples",
/// "remedy.few_samples", "no_gpu.no_driver"); `english` where there is none or English is asked
/// for.
[[nodiscard]] std::string_view translated(std::string_view key, std::string_view english,
                                          Language language);

}  // namespace hikaku
