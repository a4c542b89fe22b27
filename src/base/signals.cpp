#include "base/signals.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace hikaku {
namespace {

std::atomic<int> received{0};
std::atomic<std::int64_t> received_at{0};  ///< milliseconds; 0: nothing was received
static_assert(std::atomic<int>::is_always_lock_free &&
                  std::atomic<std::int64_t>::is_always_lock_free,
              "a handler may touch nothing else");

ExitCode code_of(int signal) {
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

std::int64_t milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{1000} * now.tv_sec + now.tv_nsec / 1000000 + 1;
}

void on_signal(int signal) {
  const std::int64_t now = milliseconds();
  std::int64_t first = 0;
  if (received_at.compare_exchange_strong(first, now)) {
    received = signal;
  } else if (now - first >= one_request_milliseconds) {
    _exit(static_cast<int>(code_of(signal)));
  }
}

/// A stack of the handlers' own, for the calling thread: oneDNN's generated kernels keep numbers
/// where a handler on the thread's stack would write, and the program would compute wrong or crash.
void take_own_stack() {
  constexpr std::size_t bytes = 65536;
  alignas(16) static std::array<char, bytes> memory;
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
}

void handle(int signal) {
  struct sigaction action {};
  if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = on_signal;
  // Interrupted reads and writes of files go on by themselves.
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  take_own_stack();  // of the main thread, which the kernel prefers for a signal to the process
  handle(SIGINT);
  handle(SIGTERM);
  handle(SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

std::optional<ExitCode> stop_requested() {
  const int signal = received.load(std::memory_order_relaxed);
  if (signal == 0) return {};
  return code_of(signal);
}

void stop_if_requested() {
  if (const auto code = stop_requested()) {
    throw Error(*code,
                *code == ExitCode::interrupted ? "stopped by Ctrl-C (SIGINT) before the end"
                                               : "stopped by SIGTERM or SIGHUP before the end",
                "start the same command again");
  }
}

}  // namespace hikaku
