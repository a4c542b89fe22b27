#include "app/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/error.h"

namespace hikaku {
namespace {

/// "--batch-size", "-q,--quiet", "--data,data": batch-size, quiet, data.
std::string long_name(const std::string& option) {
  const std::size_t begin = option.find("--") + 2;
  return option.substr(begin, option.find(',', begin) - begin);
}

/// Those: HIKAKU_BATCH_SIZE, HIKAKU_QUIET, HIKAKU_DATA.
std::string environment_name(const std::string& option) {
  std::string name = "HIKAKU_";
  for (const char c : long_name(option)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

/// What the user gave the value by: the option, or the variable where that holds the same text.
std::string source_of(const std::string& option, const std::string& text) {
  const std::string variable = environment_name(option);
  const char* value = std::getenv(variable.c_str());
  return value != nullptr && text == value ? variable : option;
}

[[noreturn]] void refuse(const std::string& option, const std::string& text,
                         const std::string& allowed) {
  throw Error(ExitCode::usage,
              fmt::format("{}: found '{}'; allowed is {}", source_of(option, text), text, allowed),
              fmt::format("give {} such a value, or leave it out for the default", option));
}

/// All of `text` as a number, in the C locale; else nothing.
template <class T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

template <class T>
T number_within(const std::string& option, const std::string& text, T lowest, T highest,
                const char* kind) {
  const auto value = parse_number<T>(text);
  // Written so that not-a-number is refused, too.
  if (value && *value >= lowest && *value <= highest) return *value;
  const bool bounded = highest < std::numeric_limits<T>::max();
  refuse(option, text,
         bounded ? fmt::format("{} from {} to {}", kind, lowest, highest)
                 : fmt::format("{} of {} or more", kind, lowest));
}

/// `device` is `text`, or one of those that `text` lists.
void require_device(const std::string& text, const std::string& device, const char* allowed) {
  const auto number = parse_number<int>(device.starts_with("cuda:") ? device.substr(5) : "");
  if (number.value_or(-1) < 0 && !contains({"auto", "cpu", "cuda"}, device))
    refuse("--device", text, allowed);
}

}  // namespace

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void Options::add(const std::string& name, const std::string& kind, const std::string& initial,
                  Text help, const Parse& parse, const std::function<std::string()>& show) {
  Parse take = parse;
  if (settings_ != nullptr) {
    const auto setting = settings_->add(long_name(name), parse, show);
    take = [setting, parse](const std::string& text) {
      parse(text);
      setting->given = true;
    };
  }
  app_.add_option_function<std::string>(name, take, help.in(language_))
      ->type_name(kind)
      ->envname(environment_name(name))
      ->default_str(initial)
      ->take_last();
}

void Options::flag(const std::string& name, bool& value, Text help) {
  std::shared_ptr<Setting> setting;
  if (settings_ != nullptr) {
    const auto parse = [&value, name](const std::string& text) {
      if (text != "true" && text != "false") refuse(name, text, "true or false");
      value = text == "true";
    };
    setting = settings_->add(long_name(name), parse, [&value] { return value ? "true" : "false"; });
  }
  app_.add_flag(name, value, help.in(language_))
      ->envname(environment_name(name))
      ->check([name, setting](const std::string& text) {
        if (!contains({"1", "0", "true", "false"}, text)) refuse(name, text, "1 or 0");
        if (setting != nullptr) setting->given = true;
        return std::string();
      });
}

void Options::text(const std::string& name, std::string& value, const char* kind, Text help) {
  add(
      name, kind, value, help, [&value](const std::string& text) { value = text; },
      [&value] { return value; });
}

void Options::integer(const std::string& name, std::int64_t& value, std::int64_t lowest,
                      std::int64_t highest, Text help) {
  add(
      name, "N", std::to_string(value), help,
      [&value, name, lowest, highest](const auto& text) {
        value = number_within(name, text, lowest, highest, "a whole number");
      },
      [&value] { return std::to_string(value); });
}

void Options::number(const std::string& name, double& value, double lowest, double highest,
                     Text help) {
  add(
      name, "X", fmt::format("{}", value), help,
      [&value, name, lowest, highest](const auto& text) {
        value = number_within(name, text, lowest, highest, "a number");
      },
      [&value] { return fmt::format("{}", value); });
}

void Options::choice(const std::string& name, std::string& value,
                     const std::vector<std::string>& allowed, Text help) {
  add(
      name, fmt::format("{}", fmt::join(allowed, "|")), value, help,
      [&value, name, allowed](const std::string& text) {
        if (!contains(allowed, text))
          refuse(name, text, fmt::format("{}", fmt::join(allowed, ", ")));
        value = text;
      },
      [&value] { return value; });
}

void Options::numbers(const std::string& name, std::vector<double>& values, double lowest,
                      double highest, Text help) {
  add(
      name, "X,X,...", fmt::format("{}", fmt::join(values, ",")), help,
      [&values, name, lowest, highest](const std::string& text) {
        values.clear();
        if (text.empty()) return;
        for (const std::string& value : CLI::detail::split(text, ',')) {
          values.push_back(number_within(name, value, lowest, highest, "a list of numbers"));
        }
      },
      [&values] { return fmt::format("{}", fmt::join(values, ",")); });
}

void Options::choices(const std::string& name, std::vector<std::string>& values,
                      const std::vector<std::string>& allowed, Text help) {
  add(
      name, fmt::format("{}", fmt::join(allowed, ",")), fmt::format("{}", fmt::join(values, ",")),
      help,
      [&values, name, allowed](const std::string& text) {
        values.clear();
        for (const std::string& value : CLI::detail::split(text, ',')) {
          if (!contains(allowed, value)) {
            refuse(name, text,
                   fmt::format("a list of {}, parted by commas", fmt::join(allowed, ", ")));
          }
          if (!contains(values, value)) values.push_back(value);
        }
      },
      [&values] { return fmt::format("{}", fmt::join(values, ",")); });
}

void Options::files(std::vector<std::string>& files, Text help) {
  app_.add_option("files", files, help.in(language_))->type_name("FILE...")->required();
}

void Options::cache(std::int64_t& mebibytes) {
  constexpr std::int64_t automatic = -1;  // as CacheBudget has it
  add(
      "--cache-mb", "auto|N", "auto",
      {"memory for decoded pictures in MiB; 0: each epoch reads the files; auto: a quarter of what "
       "is free",
       "復号した画像を置くメモリー (MiB)。0 は毎エポック読み直す。auto は空きの 4 分の 1"},
      [&mebibytes](const std::string& text) {
        mebibytes = text == "auto" ? automatic
                                   : number_within<std::int64_t>("--cache-mb", text, 0, 1 << 30,
                                                                 "auto, or a whole number");
      },
      [&mebibytes] { return mebibytes == automatic ? "auto" : std::to_string(mebibytes); });
}

void Options::data(std::string& folder) {
  text("--data,data", folder, "DIR",
       {"the data set: a folder in the layout of PASCAL VOC",
        "データセット（PASCAL VOC と同じ構成のフォルダー）"});
}

void Options::device(std::string& device) {
  add(
      "--device", "auto|cpu|cuda[:N]", device,
      {"where to run; auto takes a GPU if it can be used", "計算する装置。auto は使えれば GPU"},
      [&device](const std::string& text) {
        require_device(text, text, "auto, cpu, cuda or cuda:N");
        device = text;
      },
      [&device] { return device; });
}

void Options::devices(std::vector<std::string>& devices) {
  add(
      "--device", "auto|cpu,cuda[:N]", fmt::format("{}", fmt::join(devices, ",")),
      {"where to run, one device after the other; auto takes a GPU if it can be used",
       "計算する装置（順に実行）。auto は使えれば GPU"},
      [&devices](const std::string& text) {
        devices.clear();
        for (const std::string& device : CLI::detail::split(text, ',')) {
          require_device(text, device, "auto, or cpu, cuda and cuda:N parted by commas");
          if (!contains(devices, device)) devices.push_back(device);
        }
        if (devices.size() > 1 && contains(devices, "auto")) {
          refuse("--device", text, "auto alone, or a list without it");
        }
      },
      [&devices] { return fmt::format("{}", fmt::join(devices, ",")); });
}

void Options::deterministic(bool& deterministic) {
  flag("--deterministic", deterministic,
       {"on a GPU, only algorithms that give the same bits each time",
        "GPU では、毎回同じビットになるアルゴリズムだけを使う"});
}

void Options::json(std::string& file) {
  text("--json", file, "FILE|-",
       {"write the result as JSON; '-' is stdout, which then holds nothing else",
        "結果を JSON で書き出す。'-' は標準出力（他には何も出力しない）"});
}

void Options::precision(std::string& precision) {
  choice("--precision", precision, {"f32", "f32x", "tf32", "bf16", "f16"},
         {"the numbers that the network computes with; by default f32 on a CPU, tf32 on a GPU",
          "ネットワークの計算に使う数の精度。既定は CPU で f32、GPU で tf32"});
}

void Options::seed(std::int64_t& seed) {
  integer("--seed", seed, 0, std::numeric_limits<std::int64_t>::max(),
          {"where the random numbers begin", "乱数の種"});
}

void Options::threads(std::int64_t& threads) {
  integer(
      "--threads", threads, 0, 4096,
      {"CPU threads; 0: all that this process may use", "CPU のスレッド数。0 は使えるだけ全部"});
}

void require_named(const std::string& option, const std::string& value, const char* kind) {
  if (value.empty()) refuse(option, value, fmt::format("the name of a {}", kind));
}

std::string data_folder(const std::string& named) {
  const char* const sample = "VOCdevkit/VOC2012_sample";
  if (!named.empty()) return named;
  if (std::filesystem::is_directory(sample)) return sample;
  throw Error(
      ExitCode::bad_data,
      fmt::format("--data: no data set was named and {} is not here; one is needed", sample),
      "give --data DIR or HIKAKU_DATA, or make one: hikaku data fetch, hikaku data synth scenes");
}

}  // namespace hikaku
