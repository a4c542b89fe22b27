// What a command can be told on the command line, by an option first and by the environment
// variable HIKAKU_<NAME> second (--batch-size: HIKAKU_BATCH_SIZE). Only options.cpp and
// command_line.cpp know the library that parses them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/settings_file.h"
#include "base/locale.h"

namespace CLI {
class App;
}

namespace hikaku {

/// The same sentence in the languages that the program speaks.
struct Text {
  const char* en;
  const char* ja;

  [[nodiscard]] const char* in(Language language) const {
    return language == Language::ja ? ja : en;
  }
};

/// Whether `one` is among `all`.
[[nodiscard]] bool contains(const std::vector<std::string>& all, const std::string& one);

/// Declares options of one command. The variables passed in hold the defaults, get the values when
/// the command line is parsed, and must live until then. A bad value throws ExitCode::usage. A name
/// "--out,out" may also be given as a word without an option.
class Options {
 public:
  /// `settings`, unless null, gets to know all of them.
  Options(CLI::App& app, Language language, SettingTable* settings = nullptr)
      : app_(app), language_(language), settings_(settings) {}

  void flag(const std::string& name, bool& value, Text help);
  void text(const std::string& name, std::string& value, const char* kind, Text help);
  /// Within [lowest, highest].
  void integer(const std::string& name, std::int64_t& value, std::int64_t lowest,
               std::int64_t highest, Text help);
  void number(const std::string& name, double& value, double lowest, double highest, Text help);
  /// Parted by commas, each within [lowest, highest].
  void numbers(const std::string& name, std::vector<double>& values, double lowest, double highest,
               Text help);
  void choice(const std::string& name, std::string& value, const std::vector<std::string>& allowed,
              Text help);
  /// Words without an option, one at least.
  void files(std::vector<std::string>& files, Text help);
  /// Values parted by commas, each one of `allowed`; one that is named twice counts once.
  void choices(const std::string& name, std::vector<std::string>& values,
               const std::vector<std::string>& allowed, Text help);

  // These mean the same in every command that has them.
  void cache(std::int64_t& mebibytes);              ///< --cache-mb; CacheBudget::automatic for auto
  void data(std::string& folder);                   ///< also as the one word that is no option
  void device(std::string& device);                 ///< auto, cpu, cuda or cuda:N
  void devices(std::vector<std::string>& devices);  ///< several of them
  void deterministic(bool& deterministic);
  void json(std::string& file);  ///< "" none, "-" stdout
  void precision(std::string& precision);
  void seed(std::int64_t& seed);
  void threads(std::int64_t& threads);  ///< 0: as many as this process may use

 private:
  using Parse = std::function<void(const std::string& text)>;
  /// `show` gives the value in the form that `parse` takes.
  void add(const std::string& name, const std::string& kind, const std::string& initial, Text help,
           const Parse& parse, const std::function<std::string()>& show);

  CLI::App& app_;
  Language language_;
  SettingTable* settings_;
};

/// Throws ExitCode::usage where the option's value is empty; `kind` is what it names: "file".
void require_named(const std::string& option, const std::string& value, const char* kind);

/// `named`, or VOCdevkit/VOC2012_sample where nothing was named and it is here. Throws
/// ExitCode::bad_data if there is neither.
[[nodiscard]] std::string data_folder(const std::string& named);

}  // namespace hikaku
