#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace hikaku {
namespace {

constexpr int watch_milliseconds = 200;

/// Pointers for the exec family, which promises not to write through them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(const std::string& variable) {
  const std::string name = variable.substr(0, variable.find('=') + 1);
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (name.empty() || std::strncmp(*entry, name.c_str(), name.size()) != 0)
      all.emplace_back(*entry);
  }
  if (!variable.empty()) all.push_back(variable);
  return all;
}

/// Both ends of a pipe, closed with it.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] bool good() const { return ends_[0] >= 0; }
  [[nodiscard]] int end(std::size_t i) const { return ends_.at(i); }  ///< 0 to read, 1 to write
  void close_end(std::size_t i) {
    if (ends_.at(i) >= 0) close(ends_[i]);
    ends_[i] = -1;
  }
  /// Appends what is there; closes the reading end at the end of what the child writes.
  void take(std::string& text) {
    std::array<char, 4096> buffer{};
    const ssize_t got = read(ends_[0], buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
      close_end(0);
    } else {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  std::array<int, 2> ends_{};
};

/// The child's; 0 where it could not be started.
pid_t start(std::vector<std::string> words, const std::string& variable, const Pipe& out,
            const Pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.end(1), STDERR_FILENO);
  std::vector<std::string> environment = environment_with(variable);
  const std::string program = words.front();
  pid_t child = 0;
  const int fault = posix_spawnp(&child, program.c_str(), &actions, nullptr, pointers(words).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  return fault == 0 ? child : 0;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Until the child closes both of its streams.
void read_both(Pipe& out, Pipe& err, ProcessOutcome& outcome, const std::function<void()>& watch) {
  while (out.good() || err.good()) {
    std::array<pollfd, 2> both{pollfd{out.end(0), POLLIN, 0}, pollfd{err.end(0), POLLIN, 0}};
    const int ready = poll(both.data(), both.size(), watch ? watch_milliseconds : -1);
    if (ready > 0 && both[0].revents != 0) out.take(outcome.out);
    if (ready > 0 && both[1].revents != 0) err.take(outcome.err);
    if (watch) watch();
  }
}

}  // namespace

std::optional<ProcessOutcome> run_process(const std::vector<std::string>& words,
                                          const std::string& variable,
                                          const std::function<void()>& watch) {
  Pipe out, err;
  if (!out.good() || !err.good()) return {};
  const pid_t child = start(words, variable, out, err);
  if (child == 0) return {};
  out.close_end(1);
  err.close_end(1);
  ProcessOutcome outcome;
  try {
    read_both(out, err, outcome, watch);
  } catch (...) {
    kill(child, SIGTERM);
    wait_for(child);
    throw;
  }
  outcome.status = wait_for(child);
  return outcome;
}

}  // namespace hikaku
