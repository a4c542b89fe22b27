// The options of `hikaku train`.
#include "app/trainer_run.h"
#include "app/training_run.h"

namespace hikaku {

void TrainerRun::declare(Options& options) {
  declare_run(options);
  declare_learning(options);
  declare_augmentation(options);
  options.precision(precision);
  options.device(device);
  options.deterministic(deterministic);
  options.seed(seed);
  options.threads(threads);
  options.json(json);
}

void TrainerRun::declare_run(Options& options) {
  options.data(data_);
  options.text("--out", out_, "DIR",
               {"keep checkpoints and the figures of each epoch in this folder",
                "チェックポイントと各エポックの指標をこのフォルダーに残す"});
  options.flag("--resume", resume_,
               {"go on with the training in --out, where it stopped", "--out の学習の続きをする"});
  options.text("--weights", weights_, "FILE",
               {"begin with the weights of this .safetensors file, also one of PyTorch's",
                "この .safetensors の重みから始める（PyTorch のものも可）"});
  options.text("--config", config_, "FILE",
               {"read options from this file, one 'key = value' a line; those given here win",
                "このファイルからオプションを読む（1 行に key = value）。直接の指定が優先"});
  options.integer("--epochs", epochs_, 1, 1'000'000,
                  {"how often the training goes through the data", "学習を繰り返す回数"});
  options.integer("--keep-every", keep_every_, 0, 1'000'000,
                  {"also keep a checkpoint every N epochs; 0: only last and best",
                   "N エポックごとにもチェックポイントを残す。0 は最後と最良だけ"});
  options.integer("--workers", workers_, 1, 256,
                  {"threads that read the data", "データを読むスレッドの数"});
  options.cache(cache_);
}

void TrainerRun::declare_learning(Options& options) {
  declare_batch(options, batch_size_, size_);
  options.integer("--accumulate", accumulate_, 1, 4096,
                  {"batches whose gradients make one step, for little memory",
                   "勾配を合わせて 1 ステップにするバッチの数（メモリーが少ないとき）"});
  options.integer("--width", width_, UNetConfig::narrowest, 1024,
                  {"channels of the first level", "最初の段のチャンネルの数"});
  options.integer("--levels", levels_, 2, 8,
                  {"levels of the network, each half as large", "段の数。1 段ごとに半分の大きさ"});
  options.number("--lr", learning_rate_, 0, 1e6, {"learning rate of Adam", "Adam の学習率"});
  options.choice(
      "--schedule", schedule_, {"constant", "cosine", "poly"},
      {"how the learning rate falls until the last epoch", "最後のエポックまでの学習率の下げ方"});
  options.number(
      "--warmup", warmup_, 0, 1e6,
      {"epochs in which the learning rate rises from 0", "学習率を 0 から上げるエポック数"});
  options.number(
      "--weight-decay", weight_decay_, 0, 1e6,
      {"L2 penalty, as torch.optim.Adam has it", "L2 正則化（torch.optim.Adam と同じ）"});
  options.number("--dice-share", dice_share_, 0, 1,
                 {"of the Dice loss; the rest is the cross entropy's",
                  "損失に占める Dice の割合。残りは交差エントロピー"});
  options.text("--class-weights", class_weights_, "none|balanced|X,X,...",
               {"of the cross entropy: balanced, or one for each class",
                "交差エントロピーの重み。balanced か、クラスごとの値"});
  options.choice(
      "--void", void_, {"background", "ignore"},
      {"what object borders (255) count as in the loss", "輪郭 (255) を損失でどう扱うか"});
}

void TrainerRun::declare_augmentation(Options& options) {
  options.flag("--flip", augment_.flip,
               {"mirror every other picture", "画像を 2 回に 1 回、左右反転する"});
  options.number("--rotate", augment_.rotate, 0, 180,
                 {"turn pictures by up to X degrees", "画像を最大 X 度回す"});
  options.number("--scale", augment_.scale, 1, 16,
                 {"zoom pictures by 1/X to X", "画像を 1/X から X 倍に拡大縮小する"});
  options.number("--crop", augment_.crop, 0.05, 1,
                 {"cut out windows with sides of X or more", "辺が X 以上の窓を切り出す"});
  options.number("--colour", augment_.colour, 0, 1,
                 {"change brightness, contrast and saturation by up to X",
                  "明るさ、コントラスト、彩度を最大 X 変える"});
}

}  // namespace hikaku
