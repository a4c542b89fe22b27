#include "app/commands/all.h"

namespace hikaku {

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(compare_command());
  commands.push_back(matmul_command());
  commands.push_back(train_command());
  commands.push_back(eval_command());
  commands.push_back(predict_command());
  commands.push_back(export_command());
  commands.push_back(bench_step_command());
  commands.push_back(report_command());
  commands.push_back(diff_command());
  commands.push_back(data_synth_command());
  commands.push_back(data_fetch_command());
  commands.push_back(data_check_command());
  commands.push_back(info_command());
  return commands;
}

}  // namespace hikaku
