#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/columns.h"
#include "report/terminal_rows.h"
#include "report/units.h"

namespace hikaku {
namespace {

class ResultTable {
 public:
  explicit ResultTable(const TerminalStyle& style) : style_(style) {}

  std::string render(const Result& result) {
    machine(result.machine);
    std::set<std::int64_t> sizes;
    for (const MatmulResult& product : result.matmul) sizes.insert(product.n);
    for (const std::int64_t n : sizes) products(result.matmul, n);
    unet(result.unet);
    phases(result.unet);
    bench(result.bench);
    speedups(result.speedups);
    if (result.same_work) same_work(*result.same_work);
    fooled(result.fooled);
    if (result.energy) energy(*result.energy);
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
    const bool copies = std::any_of(all.begin(), all.end(), [](const MatmulResult& product) {
      return !product.seconds_with_copies.values.empty();
    });
    Rows table{{word("column.device"), word("column.type"), word("column.checked"),
                word("column.time"), word("column.rate"), word("column.peak")}};
    if (copies) table[0].push_back(word("column.copies"));
    for (const MatmulResult& product : all) {
      if (product.n != n) continue;
      auto& row = table.emplace_back(std::vector<std::string>{
          product.device, product.dtype, word(product.verified ? "checked.right" : "checked.wrong"),
          pretty_median(product.seconds), pretty_flops(product.flops_per_second),
          pretty_percent(product.fraction_of_peak)});
      if (copies) row.push_back(pretty_seconds(product.seconds_with_copies.median()));
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
          "  " + sentence("quality", fmt::format("{} {}", unet.device, unet.precision),
                          pretty_percent(unet.eval.pixel_accuracy),
                          pretty_percent(unet.eval.mean_iou),
                          pretty_percent(trivial.pixel_accuracy), pretty_percent(trivial.mean_iou)),
          4);
    }
    constexpr double erratic = 3;
    if (std::any_of(all.begin(), all.end(), [](const UnetResult& unet) {
          return unet.eval.mean_loss > erratic * unet.train.mean_loss;
        })) {
      paragraph("  " + word("quality.erratic"), 4);
    }
  }

  void phases(const std::vector<UnetResult>& all) {
    const Rows table = phase_rows(all, style_.language);
    if (table.empty()) return;
    title(word("step.title"));
    rows(table, 1);
    paragraph("  " + word("step.how"), 4);
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

  /// By device, and below it by kind, in the order of the list.
  void speedups(const std::vector<Speedup>& all) {
    if (all.empty()) return;
    title(word("speedup.title"));
    for (std::size_t i = 0; i < all.size();) {
      const Speedup& first = all[i];
      const std::string pair = sentence("speedup.of", first.device, first.baseline);
      Rows table;
      for (; i < all.size() && all[i].kind == first.kind && all[i].device == first.device; ++i) {
        table.push_back(speedup(all[i]));
      }
      line(fmt::format("  {}{}", pair, word(("speedup." + first.kind).c_str())));
      for (const std::string& row : align(table, 2)) line(fmt::format("    {}", row));
    }
  }
  [[nodiscard]] std::vector<std::string> speedup(const Speedup& speedup) const {
    const std::string what = speedup.what.substr(0, speedup.what.find(' '));
    const bool like = speedup.baseline_precision == speedup.device_precision;
    return {
        word(("work." + what).c_str()),
        like ? speedup.what.substr(std::min(what.size() + 1, speedup.what.size()))
             : sentence("speedup.precisions", speedup.baseline_precision, speedup.device_precision),
        pretty_ratio(speedup.ratio)};
  }

  void same_work(const SameWork& same) {
    title(word("same.title"));
    const auto check = [&](bool right) { return word(right ? "same.yes" : "same.no"); };
    paragraph(
        "  " + sentence("same.start", check(same.same_initial_weights), check(same.same_batches)),
        4);
    if (!same.product_type.empty()) {
      const bool within = same.largest_product_difference <= same.product_limit;
      paragraph("  " + sentence("same.product", same.product_type,
                                pretty_number(same.largest_product_difference),
                                pretty_number(same.mean_product_difference),
                                pretty_number(same.product_limit), verdict(within)),
                4);
    }
    for (const SameTraining& training : same.training) {
      const std::string& device = device_of(same, training);
      paragraph("  " + sentence("same.losses", device, training.precision,
                                training.losses_from_baseline.size(),
                                pretty_number(training.largest_loss_difference),
                                pretty_number(training.loss_limit),
                                verdict(training.largest_loss_difference <= training.loss_limit)),
                4);
      if (!std::isnan(training.update_distance)) {
        paragraph("  " + sentence("same.update", device, training.precision,
                                  pretty_number(training.update_distance),
                                  pretty_number(training.update_limit),
                                  verdict(training.update_distance <= training.update_limit)),
                  4);
      }
      paragraph("  " + sentence("same.checkpoint", device, training.precision,
                                pretty_loss(training.baseline_checkpoint_loss),
                                pretty_loss(training.checkpoint_loss),
                                pretty_number(training.checkpoint_gap),
                                pretty_number(training.checkpoint_limit),
                                verdict(training.checkpoint_gap <= training.checkpoint_limit)),
                4);
    }
    losses(same);
  }
  [[nodiscard]] std::string verdict(bool within) const {
    return word(within ? "same.within" : "same.beyond");
  }
  static std::string pretty_loss(double loss) { return fmt::format("{:.6f}", loss); }

  /// Of the first steps: later ones tell more of chance than of the devices.
  void losses(const SameWork& same) {
    if (same.training.empty()) return;
    constexpr std::size_t most = 10;
    const std::vector<double>& baseline = same.training[0].baseline_losses;
    Rows table{{word("column.step_number"), same.baseline}};
    for (const SameTraining& training : same.training) {
      table[0].push_back(fmt::format("{} {}", device_of(same, training), training.precision));
      table[0].push_back(word("column.gap"));
    }
    for (std::size_t step = 0; step < std::min(most, baseline.size()); ++step) {
      auto& row = table.emplace_back(
          std::vector<std::string>{std::to_string(step + 1), pretty_loss(baseline[step])});
      for (const SameTraining& training : same.training) {
        const bool there = step < training.loss_differences.size();
        row.push_back(there ? pretty_loss(training.losses[step]) : "-");
        row.push_back(there ? fmt::format("{:.1e}", training.loss_differences[step]) : "-");
      }
    }
    paragraph("  " + word("same.steps"), 4);
    rows(table, 0);
  }

  void fooled(const std::vector<FooledResult>& all) {
    if (all.empty()) return;
    title(word("fooled.title"));
    Rows table{{word("column.what"), word("column.device"), word("column.type"), "n",
                word("fooled.shows"), word("fooled.right"), word("fooled.looks")}};
    for (const FooledResult& one : all) {
      const double factor = one.wrong.median() / one.right.median();
      table.push_back({name_of_mistake(one.id, style_.language), one.device, one.dtype,
                       std::to_string(one.n), pretty_seconds(one.wrong.median()),
                       pretty_seconds(one.right.median()),
                       factor < 1 ? sentence("fooled.faster", pretty_number(1 / factor))
                                  : sentence("fooled.slower", pretty_number(factor))});
    }
    rows(table, 3);
  }

  /// Without a window nothing was counted; then it is told what could be.
  void energy(const EnergyReport& report) {
    const bool counted = report.window_seconds > 0;
    if (report.meters.empty()) return;
    title(counted ? sentence("energy.title", pretty_number(report.price_per_kwh), report.currency)
                  : word("energy.meters"));
    const Rows table = energy_rows(report, style_.language);
    if (!table.empty()) rows(table, 4);
    for (const EnergyMeter& meter : report.meters) {
      const auto in = [&](const char* kind, const std::string& english) {
        return std::string(translated(kind + meter.reason, english, style_.language));
      };
      if (meter.kind == "unavailable") {
        paragraph("  " + sentence("energy.none", meter.device) + in("meter.", meter.text), 4);
        paragraph("    " + word("remedy") + in("meter_remedy.", meter.remedy), 6);
      } else if (!counted) {
        line(fmt::format("  {}: {}, {}", meter.device, energy_reason(meter.kind, style_.language),
                         meter.source));
      }
    }
  }

  void findings(const Result& result) {
    if (result.machine.no_gpu) {
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
