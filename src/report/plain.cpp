#include "report/plain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "report/figures.h"
#include "report/markup.h"
#include "report/terminal_rows.h"
#include "report/units.h"

namespace hikaku {
namespace {

std::string csv_text(const std::string& text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  std::string cell = fmt::format("{}{}", formula ? "'" : "", text);
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string doubled;
  for (const char c : cell) doubled.append(c == '"' ? 2 : 1, c);
  return fmt::format("\"{}\"", doubled);
}

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

/// Text that stays in its cell and means nothing to Markdown.
std::string inert(const std::string& text) {
  std::string out;
  for (const char c : escaped(text)) {
    if (c == '\n' || c == '\t') {
      out += ' ';
    } else {
      if (std::string_view("\\`*_{}[]()#!|~").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string markdown_times(const Result& result) {
  std::string out;
  for (const Figure& figure : figures_of(result)) {
    out += markdown_row({inert(figure.name), std::to_string(figure.values.values.size()),
                         pretty_median(figure.values), pretty_seconds(figure.values.min())});
  }
  if (out.empty()) return "No times were measured.\n\n";
  return "| what | samples | median | min |\n|---|---:|---:|---:|\n" + out + "\n";
}

std::string markdown_training(const Result& result) {
  std::string out;
  for (const UnetResult& unet : result.unet) {
    const auto phase = [](const auto& part) {
      return pretty_seconds(part.seconds) + (part.projected ? " (projected)" : "");
    };
    out += markdown_row({inert(unet.device + " " + unet.precision), phase(unet.train),
                         phase(unet.eval), pretty_percent(unet.eval.pixel_accuracy),
                         pretty_percent(unet.eval.mean_iou),
                         pretty_percent(unet.eval.background_only.pixel_accuracy)});
  }
  if (out.empty()) return "";
  return "| U-Net | epoch | evaluation | pixels right | mean IoU | background everywhere |\n"
         "|---|---:|---:|---:|---:|---:|\n" +
         out + "\n";
}

/// A table of the terminal; its heading first.
std::string markdown_table(const std::string& title, const Rows& rows) {
  if (rows.empty()) return "";
  std::string out = fmt::format("{}:\n\n", title);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : rows[i]) cells.push_back(inert(cell));
    out += markdown_row(cells);
    if (i == 0) out += markdown_row(std::vector<std::string>(cells.size(), "---"));
  }
  return out + "\n";
}

std::string markdown_of(const Source& source) {
  const Result& result = source.result;
  std::string out = fmt::format("## {}{}\n\n{}. Started {}, seed {}.\n\n", inert(source.name),
                                source.recorded ? " (recorded, another machine)" : "",
                                inert(machine_phrase(result.machine).en),
                                inert(result.program.started), result.seed);
  out += fmt::format("Command: {}\n\n", inert(fmt::format("{}", fmt::join(result.command, " "))));
  out += markdown_times(result) + markdown_training(result);
  out += markdown_table("Where the time of a training step goes",
                        phase_rows(result.unet, Language::en));
  if (result.energy) {
    out +=
        markdown_table("Energy of one, idle subtracted", energy_rows(*result.energy, Language::en));
  }
  for (const Speedup& speedup : result.speedups) {
    out += fmt::format("- {}: {} against {}: {}\n", inert(speedup.what), inert(speedup.device),
                       inert(speedup.baseline), pretty_ratio(speedup.ratio));
  }
  for (const Caveat& caveat : result.caveats) {
    out += fmt::format("- **{}** {}: {}\n", inert(caveat.id), inert(caveat.subject),
                       inert(caveat.text));
  }
  return out + "\n";
}

}  // namespace

std::string render_csv(const Sources& sources) {
  std::string out = "file,what,device,unit,samples,median,min,mad\r\n";
  for (const Source& source : sources) {
    auto figures = figures_of(source.result);
    for (Figure& single : single_figures_of(source.result)) figures.push_back(std::move(single));
    for (const Figure& figure : figures) {
      const Samples& values = figure.values;
      out += fmt::format(
          "{},{},{},{},{},{},{},{}\r\n", csv_text(source.name), csv_text(figure.name),
          csv_text(figure.device), figure.unit, values.values.size(), csv_number(values.median()),
          csv_number(values.min()), values.values.size() < 2 ? "" : csv_number(values.mad()));
    }
  }
  return out;
}

std::string render_markdown(const Sources& sources) {
  std::string out = "# hikaku: CPU and GPU compared\n\n";
  for (const Source& source : sources) out += markdown_of(source);
  return out;
}

}  // namespace hikaku
