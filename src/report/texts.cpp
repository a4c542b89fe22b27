#include "report/texts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"

namespace hikaku {
namespace {

struct Entry {
  std::string_view key, english, japanese;
};

constexpr std::array table{
    Entry{"machine.cores", "{} threads, {}", "{} スレッド、{}"},
    Entry{"matmul.title", "Matrix product C = A x B, n = {}", "行列の積 C = A × B、n = {}"},
    Entry{"unet.title", "U-Net, images of {0} x {0}, batches of {1}",
          "U-Net、画像 {0} × {0}、バッチ {1}"},
    Entry{"bench.title", "Steps and operations", "ステップと演算"},
    Entry{"speedup.title", "How many times faster (95% interval)", "何倍速いか（95% 区間）"},
    Entry{"caveats.title", "What to know about these numbers", "この結果を読むときの注意"},
    Entry{"column.device", "device", "デバイス"},
    Entry{"column.type", "type", "型"},
    Entry{"column.what", "what", "内容"},
    Entry{"column.time", "time (median)", "時間（中央値）"},
    Entry{"column.whole", "whole", "全体"},
    Entry{"column.step", "step (median)", "1 ステップ"},
    Entry{"column.rate", "rate", "速度"},
    Entry{"column.peak", "of peak", "ピーク比"},
    Entry{"column.copies", "with copies", "コピー込み"},
    Entry{"column.step_number", "step", "ステップ"},
    Entry{"column.gap", "gap", "差"},
    Entry{"column.checked", "result", "検証"},
    Entry{"column.images", "images/s", "枚/秒"},
    Entry{"column.loss", "loss", "損失"},
    Entry{"column.memory", "memory", "メモリ"},
    Entry{"step.title", "Where the time of a training step goes", "学習 1 ステップの時間の内訳"},
    Entry{"step.how",
          "from some steps of their own, in which each part is waited for; the last line is their "
          "sum over an undivided step; decoding runs beside, in the loader's threads",
          "各部分が終わるのを待つ別の実行から。最後の行は、分けないステップに対する合計の比。"
          "デコードは別のスレッドで並行して進みます"},
    Entry{"step.decode", "decode", "デコード"},
    Entry{"step.wait", "wait", "待ち"},
    Entry{"step.copy", "copy", "転送"},
    Entry{"step.forward", "forward", "順伝播"},
    Entry{"step.loss", "loss", "損失"},
    Entry{"step.backward", "backward", "逆伝播"},
    Entry{"step.adam", "Adam", "Adam"},
    Entry{"step.sum", "sum over a step", "合計 / 1 ステップ"},
    Entry{"phase.train", "training", "訓練"},
    Entry{"phase.eval", "evaluation", "評価"},
    Entry{"checked.right", "verified", "正しい"},
    Entry{"checked.wrong", "WRONG", "誤り"},
    Entry{"projected", "(projected)", "（推定）"},
    Entry{"quality.erratic",
          "an evaluation so soon is erratic, the notebook's too: batch norm's running averages lag "
          "behind the weights; train for more epochs to see what it learns",
          "学習を始めたばかりの評価は不安定です（ノートブックでも同じ）。バッチ正規化の移動平均が"
          "重みに追いついていません。何を学ぶかは、もっと長く学習すると分かります"},
    Entry{"quality", "{}: pixel accuracy {}, mean IoU {}; background everywhere: {}, {}",
          "{}：画素正解率 {}、平均 IoU {}、すべて背景と答えた場合：{}、{}"},
    Entry{"speedup.of", "{} against {}", "{} 対 {}"},
    Entry{"speedup.like_with_like", ", the same precision on both:", "、同じ精度どうし："},
    Entry{"speedup.best", ", each at its best precision:", "、それぞれ最速の精度で："},
    Entry{"speedup.notebook", ", as in the lecture's notebook:", "、講義のノートブックと同じ組："},
    Entry{"speedup.precisions", "{} : {}", "{} : {}"},
    Entry{"work.matmul", "product", "行列の積"},
    Entry{"work.train_step", "training step", "訓練の 1 ステップ"},
    Entry{"work.eval_step", "evaluation step", "評価の 1 ステップ"},
    Entry{"work.train", "training, whole", "訓練全体"},
    Entry{"work.eval", "evaluation, whole", "評価全体"},
    Entry{"same.title", "Did both do the same work?", "同じ計算をしたか"},
    Entry{"same.yes", "yes", "はい"},
    Entry{"same.no", "NO", "いいえ"},
    Entry{"same.start", "the same initial weights: {}; the same pictures in the same order: {}",
          "同じ初期値：{}、同じ画像を同じ順番で：{}"},
    Entry{"same.product",
          "product {}: the largest difference is {}, the mean {} of the largest element; rounding "
          "explains {}: {}",
          "行列の積 {}：差は最大 {}、平均 {}（最大の要素に対して）。丸めで説明できる差 {}：{}"},
    Entry{"same.losses",
          "{} {}: the losses of the first {} steps, each from the CPU's weights, differ by {} at "
          "most; the precision explains {}: {}",
          "{} {}：最初の {} ステップを CPU の重みから始めた損失の差は最大 "
          "{}。精度で説明できる差 {}：{}"},
    Entry{"same.update",
          "{} {}: the first step changes the weights as the CPU does, but for {} of the change; "
          "the precision explains {}: {}",
          "{} {}：最初のステップの重みの変化の相対差は {}。精度で説明できる差 {}：{}"},
    Entry{"same.checkpoint",
          "{} {}: the same weights evaluated on both give the loss {} and {}, a gap of {}; the "
          "precision explains {}: {}",
          "{} {}：同じ重みの評価の損失は {} と {}、相対差 {}。精度で説明できる差 {}：{}"},
    Entry{"same.steps",
          "loss of each step, each device by itself, and how far it is from the CPU's; it "
          "grows, for Adam makes full steps of the rounding of tiny gradients:",
          "各装置が独立に学習したときの各ステップの損失と CPU "
          "との差。小さな勾配の丸め誤差も Adam では 1 歩になるので、差は広がる："},
    Entry{"same.within", "as it should be", "問題なし"},
    Entry{"same.beyond", "MORE THAN THAT", "それを超える差"},
    Entry{"fooled.title", "How to be fooled (measured wrongly on purpose)",
          "だまされる方法（わざと間違えた測定）"},
    Entry{"fooled.shows", "it shows", "表示"},
    Entry{"fooled.right", "right is", "正しい時間"},
    Entry{"fooled.looks", "looks", "見え方"},
    Entry{"fooled.slower", "{}x slower", "{} 倍遅い"},
    Entry{"fooled.faster", "{}x faster", "{} 倍速い"},
    Entry{"fooled.one_thread", "CPU on one thread", "CPU を 1 スレッドで"},
    Entry{"fooled.old_blas", "library for an old CPU", "古い CPU 用の計算ライブラリ"},
    Entry{"fooled.batch_1", "batch 1, a picture", "バッチ 1（1 枚あたり）"},
    Entry{"fooled.no_sync", "GPU not waited for", "GPU を待たない"},
    Entry{"energy.title", "Energy of one, idle subtracted ({} {} a kWh)",
          "1 回の電力量、アイドル分を除く（1 kWh = {} {}）"},
    Entry{"energy.meters", "Counters of energy", "電力量のカウンタ"},
    Entry{"energy.whose", "of", "どの装置の"},
    Entry{"energy.energy", "energy", "電力量"},
    Entry{"energy.power", "power", "電力"},
    Entry{"energy.cost", "cost of 1000", "千回の料金"},
    Entry{"energy.known", "known", "根拠"},
    Entry{"energy.epoch", "epoch", "1 エポック"},
    Entry{"energy.measured", "measured", "実測"},
    Entry{"energy.estimated", "estimated", "推定"},
    Entry{"energy.unavailable", "unavailable", "測れない"},
    Entry{"energy.none", "energy of {} is unavailable: ", "{} の電力量は測れません："},
    Entry{"energy.short_window", "the window is shorter than 5 s", "測った時間が 5 秒未満"},
    Entry{"energy.counter_stands", "the counter did not move", "カウンタが動かなかった"},
    Entry{"energy.counter_failed", "the counter could not be read to the end",
          "カウンタを最後まで読めなかった"},
    Entry{"energy.power_samples", "from samples of power", "電力の標本から"},
    Entry{"gpu.none", "No GPU: ", "GPU なし："},
    Entry{"remedy", "-> ", "→ "},
    Entry{"diff.faster", "faster", "速い"},
    Entry{"diff.slower", "SLOWER", "遅い"},
    Entry{"diff.same", "same", "同じ"},
    Entry{"diff.unsure", "unsure", "不明"},
    Entry{"diff.once", "Measured once in each run, so not judged:",
          "1 回の実行に 1 つしかないので判定しないもの："},
    Entry{"diff.only_before", "only before", "前だけにある"},
    Entry{"diff.only_after", "only after", "後だけにある"},
    Entry{"diff.other_machine",
          "The results come from different machines: a difference may be theirs.",
          "違うマシンの結果です。差はマシンのものかもしれません。"},
    Entry{
        "diff.one_run",
        "Samples of one run are not independent of each other; be surer with five runs or more of "
        "each side, taken in turns.",
        "1 回の実行の中の測定は互いに独立ではありません。交互に 5 "
        "回以上ずつ実行すると確かになります。"},
    Entry{"diff.sum", "{} faster, {} slower, {} same, {} unsure",
          "速い {}、遅い {}、同じ {}、不明 {}"},
};

/// Only Japanese: the English stands where the finding is made (measure/caveats.cpp,
/// measure/gpu.cpp, measure/energy_*.cpp, app/devices.cpp).
constexpr std::array translations{
    Entry{"caveat.debug_build", "", "最適化なしでビルドされているため、CPU が実際より遅く見えます"},
    Entry{"remedy.debug_build", "", "-DCMAKE_BUILD_TYPE=Release でビルドしてください"},
    Entry{"caveat.sanitizer_build", "",
          "サニタイザ付きでビルドされているため、CPU が実際より遅く見えます"},
    Entry{"remedy.sanitizer_build", "", "-DHIKAKU_SANITIZE= でビルドしてください"},
    Entry{"caveat.cpu_scaling", "",
          "CPU のクロックが負荷で変わる設定（performance 以外）のため、時間がばらつきます"},
    Entry{"remedy.cpu_scaling", "",
          "cpupower frequency-set --governor performance を実行してください"},
    Entry{"caveat.virtualised", "",
          "仮想マシンなので、同じホストのほかの利用者にコアやキャッシュを取られることがあります"},
    Entry{"remedy.virtualised", "", "実機で測るか、時間を置いて測り直して比べてください"},
    Entry{"caveat.busy_machine", "", "測定を始めたとき、ほかのプログラムが動いていました"},
    Entry{"remedy.busy_machine", "", "それらを止め、1 分待ってから測り直してください"},
    Entry{"caveat.oversubscribed", "", "スレッドがプロセッサより多く、互いに待ち合っています"},
    Entry{"remedy.oversubscribed", "", "--threads を外すか、OMP_NUM_THREADS を消してください"},
    Entry{"caveat.fewer_threads", "",
          "スレッドがプロセッサより少ないため、CPU が実際より遅く見えます"},
    Entry{"remedy.fewer_threads", "", "--threads を外すか、OMP_NUM_THREADS を消してください"},
    Entry{"caveat.cpu_limit", "", "コンテナの CPU 時間に上限があるため、時間が大きくばらつきます"},
    Entry{"remedy.cpu_limit", "",
          "コンテナの CPU の上限を上げるか、--threads を上限に合わせてください"},
    Entry{"caveat.blas_misdetected", "",
          "OpenBLAS が古い CPU 向けの計算をしているため、CPU が実際より 2～5 倍遅く見えます"},
    Entry{"remedy.blas_misdetected", "",
          "OPENBLAS_CORETYPE を消すか、新しい OpenBLAS を入れてください"},
    Entry{"caveat.blas_own_threads", "",
          "この OpenBLAS は OpenMP とは別のスレッドを持ち、互いに邪魔をします"},
    Entry{"remedy.blas_own_threads", "", "apt install libopenblas0-openmp を実行してください"},
    Entry{"caveat.few_samples", "", "測定が 5 回未満なので、ばらつきが分かりません"},
    Entry{"remedy.few_samples", "",
          "--quick を外すか、--epochs や（hikaku matmul の）--samples で回数を増やしてください"},
    Entry{"caveat.noisy_samples", "", "測定値が 5% を超えてばらついています（中央絶対偏差）"},
    Entry{"remedy.noisy_samples", "", "ほかのプログラムを閉じて測り直してください"},
    Entry{"caveat.impossible_rate", "",
          "ピークの 1.1 倍を超える、ありえない速度です（時計か計算が間違っています）"},
    Entry{"remedy.impossible_rate", "", "この値は使わず、result.json を添えて報告してください"},
    Entry{"caveat.projected", "", "全部ではなく一部のステップから推定した時間です"},
    Entry{"remedy.projected", "", "--quick を外すと全部を測ります"},
    Entry{"caveat.resumed", "",
          "エポックの途中から再開したので、その時間は残りのステップから推定したものです"},
    Entry{"remedy.resumed", "", "もう 1 エポック学習すると、全部を測った値になります"},
    Entry{"caveat.not_on_this_gpu", "", "この GPU にはない精度なので、測っていません"},
    Entry{"remedy.not_on_this_gpu", "",
          "異常ではありません。tf32 と bf16 には compute capability 8.0、fp8 には 8.9 が必要です"},
    Entry{"caveat.different_work", "", "2 つの装置の結果が、精度で説明できる範囲を超えて違います"},
    Entry{"remedy.different_work", "",
          "原因が分かるまでこの比較は使わず、result.json を添えて報告してください"},
    Entry{"meter.no_rapl", "",
          "電力量のカウンタ（RAPL）がありません。仮想マシンと多くのコンテナにはありません"},
    Entry{"meter_remedy.no_rapl", "",
          "実機で測ってください。カーネルのモジュール intel_rapl_msr が必要です"},
    Entry{"meter.no_permission", "", "RAPL の energy_uj を読む権限がありません"},
    Entry{"meter_remedy.no_permission", "",
          "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj （次の起動まで有効）"},
    Entry{"meter.unreadable", "", "RAPL の energy_uj に数がありません"},
    Entry{"meter_remedy.unreadable", "", "コンテナや仮想マシンではなく、実機で測ってください"},
    Entry{"meter.no_nvml", "", "GPU の電力量を数える libnvidia-ml.so.1 が開けません"},
    Entry{"meter_remedy.no_nvml", "",
          "入れるか（apt install libnvidia-ml1）、コンテナなら "
          "NVIDIA_DRIVER_CAPABILITIES=compute,utility を指定してください"},
    Entry{"meter.not_in_nvml", "", "NVML にこの GPU が見えません"},
    Entry{"meter_remedy.not_in_nvml", "", "nvidia-smi に出るか確かめてください"},
    Entry{"meter.no_counter", "", "この GPU は電力量も電力も教えません"},
    Entry{"meter_remedy.no_counter", "",
          "対策はありません。仮想 GPU と古い GPU にはカウンタがありません"},
    Entry{"meter.power_samples", "",
          "この GPU には電力量のカウンタがないので、電力の標本から計算しました。標本は時間の一部し"
          "か見ていません（H100 では約 4 分の 1）"},
    Entry{"meter_remedy.power_samples", "",
          "大まかな値と考えてください。Volta 以降の GPU にはカウンタがあります"},
    Entry{"no_gpu.no_driver", "",
          "NVIDIA ドライバがなく、libcuda.so.1 が見つかりません。ドライバを入れるか（apt install "
          "nvidia-driver）、コンテナなら GPU を渡してください（--gpus all）"},
    Entry{"no_gpu.no_library", "",
          "NVIDIA のカーネルドライバはありますが libcuda.so.1 が見つかりません。CUDA "
          "ライブラリを入れるか（apt install libcuda1）、コンテナなら GPU を渡してください"},
    Entry{"no_gpu.not_a_driver", "",
          "libcuda.so.1 に cuInit がなく、CUDA ドライバではありません。NVIDIA "
          "ドライバを入れてください"},
    Entry{"no_gpu.no_device", "",
          "NVIDIA ドライバに GPU が見えません。nvidia-smi と CUDA_VISIBLE_DEVICES "
          "を確かめてください"},
    Entry{"no_gpu.driver_fault", "",
          "NVIDIA ドライバが起動しません。nvidia-smi を確かめてください。ドライバが GPU "
          "に対して古いか、再起動が必要です"},
    Entry{"no_gpu.no_module", "",
          "GPU を使うためのモジュール（libhikaku_cuda.so）を開けないか、それがこの GPU "
          "では動きません。--device cuda を付けて実行すると、理由と対策が出ます"},
};

template <std::size_t count>
const Entry* find(const std::array<Entry, count>& entries, std::string_view key) {
  const auto* found = std::find_if(entries.begin(), entries.end(),
                                   [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : found;
}

}  // namespace

std::string_view text(std::string_view key, Language language) {
  const Entry* entry = find(table, key);
  require(entry != nullptr, "[texts] no text for {}", key);
  return language == Language::ja ? entry->japanese : entry->english;
}

std::string name_of_mistake(const std::string& id, Language language) {
  const Entry* entry = find(table, "fooled." + id);
  if (entry == nullptr) return id;
  return std::string(language == Language::ja ? entry->japanese : entry->english);
}

std::string energy_reason(const std::string& id, Language language) {
  const Entry* entry = find(table, "energy." + id);
  if (entry == nullptr) return id;
  return std::string(language == Language::ja ? entry->japanese : entry->english);
}

std::string_view translated(std::string_view key, std::string_view english, Language language) {
  const Entry* entry = language == Language::ja ? find(translations, key) : nullptr;
  return entry == nullptr ? english : entry->japanese;
}

}  // namespace hikaku
