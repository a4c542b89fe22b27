#include "report/terminal_rows.h"

#include <fmt/format.h>

#include "report/units.h"

namespace hikaku {

Rows phase_rows(const std::vector<UnetResult>& all, Language language) {
  Rows table{{""}};
  for (const char* phase : step_phases) {
    table.push_back({std::string(text(fmt::format("step.{}", phase), language))});
  }
  table.push_back({std::string(text("step.sum", language))});
  for (const UnetResult& unet : all) {
    if (!unet.train.profile) continue;
    const ProfileResult& profile = *unet.train.profile;
    table[0].push_back(fmt::format("{} {}", unet.device, unet.precision));
    for (std::size_t i = 0; i < step_phases.size(); ++i) {
      const auto found = profile.phase_seconds.find(step_phases[i]);
      const bool there = found != profile.phase_seconds.end();
      table[i + 1].push_back(pretty_seconds(there ? found->second : not_measured));
    }
    table.back().push_back(pretty_number(profile.over_unprofiled));
  }
  return table[0].size() == 1 ? Rows{} : table;
}

Rows energy_rows(const EnergyReport& report, Language language) {
  Rows table(1);
  for (const char* key : {"column.what", "column.device", "column.type", "energy.whose",
                          "energy.energy", "energy.power", "energy.cost", "energy.known"}) {
    table[0].emplace_back(text(key, language));
  }
  for (const EnergyResult& one : report.work) {
    table.push_back(
        {std::string(text(one.what == "train" ? "energy.epoch" : "work.matmul", language)),
         one.device, one.precision, one.meter, pretty_joules(one.net_joules_each),
         pretty_watts(one.net_joules_each * one.works / one.seconds),
         pretty_money(works_of_a_cost * one.cost_each), energy_reason(one.kind, language)});
  }
  return report.work.empty() ? Rows{} : table;
}

}  // namespace hikaku
