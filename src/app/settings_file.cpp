#include "app/settings_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "app/command_line.h"
#include "base/error.h"
#include "base/lines.h"

namespace hikaku {
namespace {

struct Line {
  int number = 0;  ///< counted from 1
  std::string key, value;
};

/// The text in double quotes that `text` begins with, and nothing but a comment behind it. As in
/// TOML, a backslash and n are the end of a line.
std::optional<std::string> unquoted(std::string_view text) {
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    const bool escaped = text[i] == '\\' && i + 1 < text.size();
    if (escaped) ++i;
    value += escaped && text[i] == 'n' ? '\n' : text[i];
  }
  if (i == text.size()) return {};
  const std::string_view rest = trimmed(text.substr(i + 1));
  if (!rest.empty() && rest[0] != '#') return {};
  return value;
}

/// Nothing for a blank line or a comment.
std::optional<Line> parse_line(std::string_view text, int number, const std::string& file) {
  const std::string_view line = trimmed(text);
  if (line.empty() || line[0] == '#') return {};
  const std::size_t equals = line.find('=');
  const std::string_view right = equals == line.npos ? "" : trimmed(line.substr(equals + 1));
  const bool quoted = right.starts_with('"');
  const std::optional<std::string> value =
      quoted ? unquoted(right) : std::string(trimmed(right.substr(0, right.find('#'))));
  if (right.empty() || !value || (!quoted && value->empty())) {
    throw Error(
        ExitCode::usage,
        fmt::format("{}:{}: found '{}'; one key = value a line is allowed", file, number, line),
        "write for example: batch-size = 16");
  }
  std::string key(trimmed(line.substr(0, equals)));
  std::replace(key.begin(), key.end(), '_', '-');
  return Line{number, key, *value};
}

std::vector<Line> parse(const std::string& text, const std::string& file) {
  std::vector<Line> lines;
  each_line(text, [&](int number, std::string_view line) {
    auto parsed = parse_line(line, number, file);
    if (!parsed) return;
    const auto twice = std::find_if(lines.begin(), lines.end(),
                                    [&](const Line& other) { return other.key == parsed->key; });
    if (twice != lines.end()) {
      throw Error(ExitCode::usage,
                  fmt::format("{}:{}: '{}' is there twice, first in line {}; once is allowed", file,
                              number, parsed->key, twice->number),
                  "take one of the lines out");
    }
    lines.push_back(std::move(*parsed));
  });
  return lines;
}

/// Bare where TOML has no need of quotes.
std::string written(const std::string& value) {
  double number = 0;
  const char* const end = value.data() + value.size();
  const bool bare = std::from_chars(value.data(), end, number).ptr == end && !value.empty();
  if (bare || value == "true" || value == "false") return value;
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '\n') text += '\\';
    text += c == '\n' ? 'n' : c;
  }
  return text + '"';
}

}  // namespace

std::string value_in(const std::string& text, const std::string& key, const std::string& file) {
  for (const Line& line : parse(text, file)) {
    if (line.key == key) return line.value;
  }
  return "";
}

std::shared_ptr<Setting> SettingTable::add(std::string key,
                                           std::function<void(const std::string&)> set,
                                           std::function<std::string()> show) {
  auto setting = std::make_shared<Setting>();
  setting->key = std::move(key);
  setting->set = std::move(set);
  setting->show = std::move(show);
  settings_.push_back(setting);
  return setting;
}

void SettingTable::apply(const std::string& text, const std::string& file) {
  std::vector<std::string> keys;
  for (const auto& setting : settings_) keys.push_back(setting->key);
  for (const Line& line : parse(text, file)) {
    const auto found = std::find(keys.begin(), keys.end(), line.key);
    if (found == keys.end()) {
      const std::string guess = nearest(line.key, keys);
      throw Error(
          ExitCode::usage,
          fmt::format("{}:{}: no such key '{}'; allowed are the names of the options, without "
                      "--",
                      file, line.number, line.key),
          guess.empty() ? "hikaku train --help lists them"
                        : fmt::format("did you mean '{}'?", guess));
    }
    Setting& setting = *settings_[static_cast<std::size_t>(found - keys.begin())];
    if (setting.given) continue;
    try {
      setting.set(line.value);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}:{}: {}", file, line.number, error.what()),
                  error.fix());
    }
    setting.given = true;
  }
}

std::string SettingTable::text(const std::vector<std::string>& without) const {
  std::string text;
  for (const auto& setting : settings_) {
    if (contains(without, setting->key)) continue;
    const std::string value = setting->show();
    if (!value.empty()) text += fmt::format("{} = {}\n", setting->key, written(value));
  }
  return text;
}

std::vector<std::string> SettingTable::differences(const std::string& text,
                                                   const std::vector<std::string>& without) const {
  std::vector<std::string> result;
  for (const Line& line : parse(text, "checkpoint")) {
    for (const auto& setting : settings_) {
      if (setting->key != line.key || contains(without, line.key)) continue;
      const std::string now = setting->show();
      if (now != line.value)
        result.push_back(fmt::format("{}: {}, was {}", line.key, now, line.value));
    }
  }
  return result;
}

}  // namespace hikaku
