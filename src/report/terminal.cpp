#include "report/terminal.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "report/columns.h"
#include "report/units.h"

namespace hikaku {
namespace {

using Rows = std::vector<std::vector<std::string>>;

class ResultTable {
 public:
  explicit ResultTable(const TerminalStyle& style) : style_(style) {}

  std::string render(const Result& result) {
    machine(result.machine);
    std::set<std::int64_t> sizes;
    for (const MatmulResult& product : result.matmul) sizes.insert(product.n);
    for (const std::int64_t n : sizes) products(result.matmul, n);
    unet(result.unet);
    bench(result.bench);
    speedups(result.speedups);
    findings(result);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string word(const char* key) const {
    return std::string(text(key, style_.language));
  }
  template <class... Args>
  [[nodiscard]] std::string sentence(const char* key, const Args&... args) const {
    return fmt::format(fmt::runtime(text(key, style_.language)), args...);
  }

  void line(const std::string& content, const char* colour = nullptr) {
    out_ += style_.colour && colour != nullptr ? fmt::format("\x1b[{}m{}\x1b[0m\n", colour, content)
                                               : content + "\n";
  }
  void title(const std::string& content) {
    out_ += "\n";
    line(content, "1");
  }
  void paragraph(const std::string& content, int indent) {
    for (const std::string& part : wrap(content, style_.width, indent)) line(part);
  }
  /// The heading is dim; a row that holds the word for a wrong result is red.
  void rows(const Rows& table, std::size_t first_right) {
    const auto lines = align(table, first_right);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool wrong = lines[i].find(word("checked.wrong")) != std::string::npos;
      line(fmt::format("  {}", lines[i]), i == 0 ? "2" : wrong ? "31" : nullptr);
    }
  }

  void machine(const Machine& machine) {
    line(machine.cpu.model + ", " +
         sentence("machine.cores", machine.cpu.threads,
                  pretty_bytes(static_cast<double>(machine.memory.total))));
    for (const GpuFacts& gpu : machine.gpus) {
      line(fmt::format("{}, {}", gpu.name, pretty_bytes(static_cast<double>(gpu.memory_bytes))));
    }
  }

  void products(const std::vector<MatmulResult>& all, std::int64_t n) {
    title(sentence("matmul.title", n));
    Rows table{{word("column.device"), word("column.type"), word("column.checked"),
                word("column.time"), word("column.rate"), word("column.peak")}};
    for (const MatmulResult& product : all) {
      if (product.n != n) continue;
      table.push_back({product.device, product.dtype,
                       word(product.verified ? "checked.right" : "checked.wrong"),
                       pretty_median(product.seconds), pretty_flops(product.flops_per_second),
                       pretty_percent(product.fraction_of_peak)});
    }
    rows(table, 3);
  }

  void unet(const std::vector<UnetResult>& all) {
    if (all.empty()) return;
    title(sentence("unet.title", all[0].size, all[0].batch_size));
    Rows table{{word("column.device"), word("column.type"), "", word("column.whole"),
                word("column.step"), word("column.images"), word("column.loss")}};
    const auto add = [&](const UnetResult& unet, const char* phase, const auto& result) {
      table.push_back(
          {unet.device, unet.precision,
           result.projected ? fmt::format("{} {}", word(phase), word("projected")) : word(phase),
           pretty_seconds(result.seconds), pretty_median(result.step_seconds),
           pretty_number(static_cast<double>(result.images) / result.seconds),
           pretty_number(result.mean_loss)});
    };
    for (const UnetResult& unet : all) {
      add(unet, "phase.train", unet.train);
      add(unet, "phase.eval", unet.eval);
    }
    rows(table, 3);
    for (const UnetResult& unet : all) {
      if (std::isnan(unet.eval.pixel_accuracy)) continue;
      const BackgroundOnly& trivial = unet.eval.background_only;
      paragraph(
          "  " + sentence("quality", unet.device, pretty_percent(unet.eval.pixel_accuracy),
                          pretty_percent(unet.eval.mean_iou),
                          pretty_percent(trivial.pixel_accuracy), pretty_percent(trivial.mean_iou)),
          4);
    }
  }

  void bench(const std::vector<BenchResult>& all) {
    if (all.empty()) return;
    title(word("bench.title"));
    Rows table{{word("column.what"), word("column.device"), word("column.type"),
                word("column.time"), word("column.memory")}};
    for (const BenchResult& result : all) {
      table.push_back({result.what, result.device, result.precision, pretty_median(result.seconds),
                       pretty_bytes(static_cast<double>(result.peak_memory_bytes))});
    }
    rows(table, 3);
  }

  void speedups(const std::vector<Speedup>& all) {
    if (all.empty()) return;
    title(word("speedup.title"));
    Rows table;
    for (const Speedup& speedup : all) {
      table.push_back({speedup.what, sentence("speedup.of", speedup.device, speedup.baseline),
                       pretty_ratio(speedup.ratio)});
    }
    for (const std::string& row : align(table, 3)) line(fmt::format("  {}", row));
  }

  void findings(const Result& result) {
    if (result.machine.gpus.empty() && result.machine.no_gpu) {
      const NoGpu& reason = *result.machine.no_gpu;
      out_ += "\n";
      paragraph(word("gpu.none") +
                    std::string(translated("no_gpu." + reason.id, reason.text, style_.language)),
                2);
    }
    if (result.caveats.empty()) return;
    title(word("caveats.title"));
    for (const Caveat& caveat : result.caveats) {
      const auto found = translated("caveat." + caveat.id, caveat.text, style_.language);
      const auto cure = translated("remedy." + caveat.id, caveat.remedy, style_.language);
      paragraph(
          fmt::format("  - {}{}{}", caveat.subject, caveat.subject.empty() ? "" : ": ", found), 4);
      paragraph(fmt::format("    {}{}", word("remedy"), cure), 6);
    }
  }

  const TerminalStyle& style_;
  std::string out_;
};

}  // namespace

std::string render_terminal(const Result& result, const TerminalStyle& style) {
  return ResultTable(style).render(result);
}

}  // namespace hikaku
