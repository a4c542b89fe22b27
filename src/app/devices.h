// The devices that --device names, opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "measure/machine.h"
#include "ops/backend.h"

namespace hikaku {

struct DeviceOptions {
  std::string precision;  ///< "": the device's own default, f32 on a CPU, tf32 on a GPU that has it
  bool deterministic = false;
};

/// Throws ExitCode::usage for a precision that the CPU does not compute in; "" is its own.
void require_cpu_precision(const std::string& precision);

/// `device` is "cpu", "cuda" or "cuda:N"; what it has to say goes to the console. Throws
/// ExitCode::missing with the reason where a GPU cannot be used, ExitCode::usage if the device
/// cannot compute in that precision.
[[nodiscard]] std::unique_ptr<Backend> open_device(const Context& context,
                                                   const std::string& device,
                                                   const DeviceOptions& options);

/// N of "cuda:N"; -1 for a CPU.
[[nodiscard]] int cuda_number(const std::string& device);

struct Devices {
  std::vector<std::unique_ptr<Backend>> opened;  ///< in the order asked for
  std::optional<NoGpu> no_gpu;                   ///< why `auto` goes on without one

  [[nodiscard]] Backend& front() const { return *opened.front(); }
};

/// What `auto` stands for.
enum class Auto : std::uint8_t {
  best,  ///< a GPU where one can be used, else the CPU
  all,   ///< the CPU, and a GPU where one can be used
};

/// A device that was named throws as open_device(); `auto` goes on with the CPU.
[[nodiscard]] Devices open_devices(const Context& context, const std::vector<std::string>& asked,
                                   Auto meaning, const DeviceOptions& options);

}  // namespace hikaku
