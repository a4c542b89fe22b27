#include "app/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>

#include "app/version.h"
#include "report/columns.h"

namespace hikaku {
namespace {

constexpr Text program_summary{
    "hikaku compares the CPU and the GPU of this machine: a matrix product and the training of a "
    "U-Net, each at its best.",
    "hikaku（比較）は、このマシンの CPU と GPU を、行列の積と U-Net の学習で比べます。"};

const std::map<std::string, Text> groups{
    {"data", {"make or check a data set", "データセットを作る、調べる"}},
    {"bench", {"time one training step", "学習の 1 ステップの時間を測る"}}};

constexpr int terminal_width = 80, name_width = 34;
constexpr Text files_heading{"Files", "ファイル"}, options_heading{"Options", "オプション"},
    commands_heading{"Commands", "コマンド"};

/// The example comes first; the rest is the library's.
class Formatter : public CLI::Formatter {
 public:
  explicit Formatter(Language language) : language_(language) { column_width(name_width); }

  std::string make_help(const CLI::App* app, std::string /*name*/,
                        CLI::AppFormatMode mode) const override {
    if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
    // The footer holds the example.
    const std::string example =
        app->get_footer().empty()
            ? ""
            : fmt::format("{}\n  {}\n\n", Text{"Example:", "例:"}.in(language_), app->get_footer());
    return example + make_description(app) + make_files(app) + make_groups(app, mode) +
           make_subcommands(app, mode) + (app->get_parent() == nullptr ? environment_note() : "");
  }

  std::string make_description(const CLI::App* app) const override {
    return fmt::format("{}\n", fmt::join(wrap(app->get_description(), terminal_width), "\n"));
  }

  /// Lines after the first are set under it by the library.
  std::string make_option_desc(const CLI::Option* option) const override {
    const auto lines = wrap(option->get_description(), terminal_width - name_width);
    return fmt::format("{}", fmt::join(lines, "\n"));
  }

  std::string make_option_name(const CLI::Option* option, bool is_word) const override {
    return is_word ? option->get_type_name() : CLI::Formatter::make_option_name(option, false);
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (!option->nonpositional()) return "";
    std::string text = option->get_type_name().empty() ? "" : " " + option->get_type_name();
    if (!option->get_default_str().empty()) {
      text += fmt::format(" [{}]", option->get_default_str());
    }
    return text;
  }

 private:
  /// Words that no option can give.
  std::string make_files(const CLI::App* app) const {
    std::string text;
    for (const CLI::Option* option : app->get_options()) {
      if (!option->nonpositional()) text += make_option(option, true);
    }
    return text.empty() ? "" : fmt::format("\n{}:\n{}", files_heading.in(language_), text);
  }

  std::string environment_note() const {
    return Text{
        "\nhikaku <command> --help says more. An option --some-name can also be set by the\n"
        "environment variable HIKAKU_SOME_NAME.\n",
        "\n詳しくは hikaku <コマンド> --help。オプション --some-name は環境変数\n"
        "HIKAKU_SOME_NAME でも指定できます。\n"}
        .in(language_);
  }

  Language language_;
};

/// The value of --lang, wherever it stands: the help and the options' texts depend on it.
Language choose_language(const std::vector<std::string>& words) {
  std::string chosen;
  if (const char* variable = std::getenv("HIKAKU_LANG"); variable != nullptr) chosen = variable;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--lang" && i + 1 < words.size()) chosen = words[i + 1];
    if (words[i].starts_with("--lang=")) chosen = words[i].substr(7);
  }
  return chosen == "ja" ? Language::ja : chosen == "en" ? Language::en : language_of_locale();
}

std::vector<std::string> names_of_options(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

/// The innermost command that was named.
const CLI::App* named_command(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? &app : named_command(*below.front());
}

/// "hikaku data check --help"
std::string help_of(const CLI::App& app) {
  std::string line = app.get_name() + " --help";
  for (const CLI::App* up = app.get_parent(); up != nullptr; up = up->get_parent()) {
    line.insert(0, up->get_name() + " ");
  }
  return line;
}

[[noreturn]] void refuse_word(const CLI::App& root, const std::string& word) {
  const CLI::App& command = *named_command(root);
  const bool is_option = word.starts_with("-");
  const auto known = is_option ? names_of_options(&command) : names_of_commands(command);
  const std::string guess = nearest(word.substr(0, word.find('=')), known);
  const std::string allowed = is_option || known.empty()
                                  ? "see " + help_of(command)
                                  : fmt::format("{}", fmt::join(known, ", "));
  throw Error(ExitCode::usage,
              fmt::format("{}: no such {}; allowed: {}", word.empty() ? "''" : word,
                          is_option       ? "option"
                          : known.empty() ? "argument"
                                          : "command",
                          allowed),
              guess.empty() ? help_of(command) : fmt::format("did you mean '{}'?", guess));
}

/// Refuses the first word that nothing has taken; after "--" such words are no fault to the
/// library.
void refuse_what_is_left(const CLI::App& root) {
  for (const std::string& word : root.remaining(true)) {
    if (word != "--") refuse_word(root, word);
  }
}

/// The library's faults in this program's words.
[[noreturn]] void refuse(const CLI::App& root, const CLI::ParseError& fault) {
  if (dynamic_cast<const CLI::ExtrasError*>(&fault) != nullptr) {
    refuse_what_is_left(root);
  }
  const CLI::App& command = *named_command(root);
  if (dynamic_cast<const CLI::RequiredError*>(&fault) != nullptr) {
    throw Error(ExitCode::usage,
                fmt::format("{}: no file follows it; one or more are needed", command.get_name()),
                command.get_footer());
  }
  const std::string text = fault.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&fault) != nullptr) {
    const std::string option = text.substr(0, text.find(':'));
    throw Error(ExitCode::usage, option + ": no value follows it; one is needed", help_of(command));
  }
  throw Error(ExitCode::usage, fmt::format("{}; allowed: see {}", text, help_of(command)),
              help_of(command));
}

struct Parser {
  CLI::App root{"", "hikaku"};
  std::vector<std::unique_ptr<Command>> commands = all_commands();
  std::map<const CLI::App*, std::unique_ptr<Command>*> command_of;
  std::string color = "auto", language;
  bool version = false;
};

ColorChoice color_choice(const std::string& text) {
  if (text == "always") return ColorChoice::always;
  return text == "never" ? ColorChoice::never : ColorChoice::automatic;
}

void declare_settings(Parser& parser, Settings& settings) {
  Options options(parser.root, settings.language);
  parser.language = settings.language == Language::ja ? "ja" : "en";
  options.choice("--lang", parser.language, {"ja", "en"},
                 {"the language of the terminal and the report", "表示とレポートの言語"});
  options.choice("--color", parser.color, {"auto", "always", "never"},
                 {"color on the terminal", "端末の色"});
  options.flag("-q,--quiet", settings.quiet,
               {"no progress and no notes", "進み具合や注記を表示しない"});
  parser.root.add_flag(
      "--version", parser.version,
      Text{"the versions of the program and its libraries", "プログラムとライブラリのバージョン"}
          .in(settings.language));
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const char* summary,
                      Language language) {
  CLI::App* app = parent.add_subcommand(name, summary)->fallthrough();
  app->get_help_ptr()->group(options_heading.in(language));
  return app->group(commands_heading.in(language));
}

void declare_commands(Parser& parser, Language language) {
  std::map<std::string, CLI::App*> group_apps;
  for (auto& command : parser.commands) {
    const Command::Description description = command->describe();
    CLI::App* parent = &parser.root;
    std::string name = description.name;
    if (const auto space = name.find(' '); space != std::string::npos) {
      const std::string group = name.substr(0, space);
      CLI::App*& app = group_apps[group];
      if (app == nullptr) {
        app = add_command(parser.root, group, groups.at(group).in(language), language);
        app->footer("");  // else it takes the program's
      }
      parent = app;
      name = name.substr(space + 1);
    }
    CLI::App* app = add_command(*parent, name, description.summary.in(language), language);
    app->footer(description.example);
    Options options(*app, language, &command->settings());
    command->declare(options);
    parser.command_of[app] = &command;
  }
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& all) {
  std::string best;
  // A guess further away than a third of the word is a nuisance.
  std::size_t closest = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : all) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i + 1);
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t replaced = diagonal + (word[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
      }
    }
    if (row.back() < closest) {
      closest = row.back();
      best = candidate;
    }
  }
  return best;
}

CommandLine parse_command_line(const std::vector<std::string>& words, Settings& settings) {
  settings.language = choose_language(words);
  Parser parser;
  parser.root.description(program_summary.in(settings.language));
  parser.root.footer("hikaku compare --quick");
  parser.root.formatter(std::make_shared<Formatter>(settings.language));
  parser.root.option_defaults()->group(options_heading.in(settings.language));
  parser.root.set_help_flag("-h,--help", Text{"this help", "このヘルプ"}.in(settings.language));
  declare_settings(parser, settings);
  declare_commands(parser, settings.language);

  // The library wants the words last first, without the program.
  std::vector<std::string> reversed(words.rbegin(), words.rend() - 1);
  try {
    parser.root.parse(reversed);
    settings.color = color_choice(parser.color);
  } catch (const CLI::CallForHelp&) {
    return {nullptr, named_command(parser.root)->help()};
  } catch (const CLI::ParseError& fault) {
    settings.color = color_choice(parser.color);
    refuse(parser.root, fault);
  } catch (const Error&) {  // of an option's value
    settings.color = color_choice(parser.color);
    throw;
  }
  refuse_what_is_left(parser.root);
  if (parser.version) return {nullptr, version_text()};
  const CLI::App* named = named_command(parser.root);
  if (named == &parser.root) return {nullptr, parser.root.help()};
  const auto command = parser.command_of.find(named);
  if (command == parser.command_of.end()) {
    throw Error(ExitCode::usage,
                fmt::format("{}: no command follows it; allowed: {}", named->get_name(),
                            fmt::join(names_of_commands(*named), ", ")),
                help_of(*named));
  }
  return {std::move(*command->second), ""};
}

}  // namespace hikaku
