#include "report/page/proofs.h"

#include <algorithm>

#include "report/page/sections.h"
#include "report/units.h"

namespace hikaku {
namespace {

void same_training(const Phrase& proof, const Phrase& device, const SameTraining& training,
                   Markup& out) {
  const auto found = [](double value, double limit) {
    return Phrase::same(fmt::format("{} (≤ {})", pretty_number(value), pretty_number(limit)));
  };
  table(
      out, proof + Phrase{": ", "："} + device, {device, {"found (limit)", "結果（許容）"}},
      {{{"largest difference of a loss, each step from the CPU's weights",
         "損失の差の最大（各ステップを CPU の重みから）"},
        found(training.largest_loss_difference, training.loss_limit)},
       {{"the first step's change of the weights, relative", "最初のステップの重みの変化の相対差"},
        found(training.update_distance, training.update_limit)},
       {{"the CPU's weights evaluated on both, relative", "CPU の重みの評価損失の相対差"},
        found(training.checkpoint_gap, training.checkpoint_limit)},
       {{"largest difference of a loss, each device by itself",
         "損失の差の最大（各装置が独立に学習）"},
        Phrase::same(pretty_number(training.loss_differences.empty()
                                       ? not_measured
                                       : *std::max_element(training.loss_differences.begin(),
                                                           training.loss_differences.end())))}});
}

}  // namespace

Markup proofs(const Sources& sources) {
  Markup out;
  for (const Source& source : sources) {
    if (source.recorded || !source.result.same_work) continue;
    const SameWork& proof = *source.result.same_work;
    const Phrase yes{"yes", "はい"}, no{"no", "いいえ"};
    const Phrase title{"The proof of the same work", "同じ仕事をした証拠"};
    const Phrase whose = noted(sources, source, title);
    out.element("h3", title);
    table(out, whose, {{"what was compared", "比べたもの"}, {"found", "結果"}},
          {{{"same initial weights", "最初の重みが同じ"}, proof.same_initial_weights ? yes : no},
           {{"same batches in the same order", "バッチの中身と順序が同じ"},
            proof.same_batches ? yes : no},
           {{"steps compared", "比べたステップ数"}, Phrase::same(std::to_string(proof.steps))},
           {{"largest difference of the product, relative", "行列の積の差の最大（相対）"},
            Phrase::same(pretty_number(proof.largest_product_difference))}});
    for (const SameTraining& training : proof.training) {
      const Phrase device = device_and_type(device_of(proof, training), training.precision);
      same_training(whose, device, training, out);
    }
  }
  return out;
}

}  // namespace hikaku
