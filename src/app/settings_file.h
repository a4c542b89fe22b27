// The options of a command as a text: config files, and what checkpoints remember. One "key =
// value" a line, which TOML readers take, too: the key is the option's name without "--".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hikaku {

struct Setting {
  std::string key;                              ///< "batch-size"
  std::function<void(const std::string&)> set;  ///< throws ExitCode::usage for a bad value
  std::function<std::string()> show;            ///< its value now
  bool given = false;                           ///< on the command line, or by a variable
};

/// What such a text gives a key; "" where it has none. `file` is named in errors.
[[nodiscard]] std::string value_in(const std::string& text, const std::string& key,
                                   const std::string& file);

class SettingTable {
 public:
  std::shared_ptr<Setting> add(std::string key, std::function<void(const std::string&)> set,
                               std::function<std::string()> show);

  /// Sets what `text` says, but for options that were given already; from then on it counts as
  /// given. `file` is named in errors. Throws ExitCode::usage for a line that is none, an unknown
  /// key (with the nearest one) or a bad value.
  void apply(const std::string& text, const std::string& file);
  /// All that have a value but `without`, in the order of their declaration.
  [[nodiscard]] std::string text(const std::vector<std::string>& without) const;
  /// "lr: 0.01, was 0.001" for each that is not as in `text`, which this class wrote.
  [[nodiscard]] std::vector<std::string> differences(const std::string& text,
                                                     const std::vector<std::string>& without) const;

 private:
  std::vector<std::shared_ptr<Setting>> settings_;
};

}  // namespace hikaku
