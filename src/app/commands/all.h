// One function a command; each file of this folder defines one.
#pragma once

#include <memory>

#include "app/command.h"

namespace hikaku {

std::unique_ptr<Command> bench_step_command();
std::unique_ptr<Command> compare_command();
std::unique_ptr<Command> data_check_command();
std::unique_ptr<Command> data_fetch_command();
std::unique_ptr<Command> data_synth_command();
std::unique_ptr<Command> diff_command();
std::unique_ptr<Command> eval_command();
std::unique_ptr<Command> export_command();
std::unique_ptr<Command> info_command();
std::unique_ptr<Command> matmul_command();
std::unique_ptr<Command> predict_command();
std::unique_ptr<Command> report_command();
std::unique_ptr<Command> train_command();

}  // namespace hikaku
