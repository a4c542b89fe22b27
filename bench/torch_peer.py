#!/usr/bin/env python3
"""The peer to beat: the same work in PyTorch, as a user of the original notebook runs it and as an expert tunes it.

  torch_peer.py matmul --device cuda            the 8000 x 8000 product in each precision, synchronised
  torch_peer.py step   --device cuda --mode X   one U-Net training step and one forward pass on random data
  torch_peer.py epoch  --device cuda --mode X   a whole epoch (300 images) and the evaluation (100) from the files
  torch_peer.py curve  --device cuda --mode X --epochs N --seed S   the losses and the quality figures of each epoch,
                                                           with void (255) ignored and with void counted as background

Modes: notebook = what the notebook does (eager, NCHW, float32 with cuDNN's TF32 default, loss.item() twice a step);
       channels_last, tf32, bf16, f16, fp32 = eager; compile-fp32, compile-tf32, compile-bf16, compile-f16 = torch.compile
       with CUDA graphs. f16 scales its loss (GradScaler).
The last line of the output is one JSON object.
"""
import argparse, json, os, statistics, sys, time
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def double_conv(cin, cout):
    return [nn.Conv2d(cin, cout, 3, padding="same"), nn.BatchNorm2d(cout), nn.ReLU(inplace=True),
            nn.Conv2d(cout, cout, 3, padding="same"), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)]


def up_conv(cin, cout):
    return [nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.BatchNorm2d(cin),
            nn.Conv2d(cin, cout, 2, padding="same"), nn.BatchNorm2d(cout)]


class UNet(nn.Module):
    """Encoder 64-128-256-512-1024, bilinear decoder, 22 classes: 31.0 M parameters, 54.7 GMAC an image at 256 x 256."""

    def __init__(self, classes=22, width=64):
        super().__init__()
        w = [width * 2 ** i for i in range(5)]
        self.down = nn.ModuleList(nn.Sequential(*double_conv(a, b)) for a, b in zip([3] + w, w))
        self.up = nn.ModuleList(nn.Sequential(*up_conv(w[i], w[i - 1])) for i in (4, 3, 2, 1))
        self.merge = nn.ModuleList(nn.Sequential(*double_conv(w[i], w[i - 1])) for i in (4, 3, 2, 1))
        self.head = nn.Conv2d(w[0], classes, 1)

    def forward(self, x):
        skips = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[3::-1]):
            x = merge(torch.cat([skip, up(x)], 1))
        return self.head(x)


def dice_ce(logits, target, dice_weight=0.5, smooth=1e-5):
    logits = logits.float()
    ce = F.cross_entropy(logits, target)
    p = logits.softmax(1)
    t = F.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2).float()
    dice = (2 * (p * t).sum((2, 3)) + smooth) / (p.sum((2, 3)) + t.sum((2, 3)) + smooth)
    return (1 - dice_weight) * ce + dice_weight * (1 - dice.mean())


class Voc(torch.utils.data.Dataset):
    def __init__(self, root, listfile, size=256, raw=False):
        self.root, self.size, self.raw = root, size, raw
        self.ids = [l for l in open(os.path.join(root, "listfile", listfile)).read().split() if l]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        from PIL import Image
        from torchvision import transforms as T
        near = T.InterpolationMode.NEAREST
        img = T.functional.to_tensor(Image.open(f"{self.root}/JPEGImages/{self.ids[i]}.jpg"))
        img = T.functional.normalize(T.functional.resize(img, [self.size] * 2, near), MEAN, STD)
        lab = np.array(Image.open(f"{self.root}/SegmentationClass/{self.ids[i]}.png"))
        if not self.raw:
            lab = np.where(lab == 255, 0, lab)
        lab = torch.from_numpy(lab.astype(np.int64))[None]
        return img, T.functional.resize(lab, [self.size] * 2, near)[0]


def sync(dev):
    if dev == "cuda":
        torch.cuda.synchronize()


def quality(hist):
    """Pixel accuracy and mean IoU over the classes with a non-empty union, from a confusion matrix [target, prediction]."""
    iou = hist.diag() / (hist.sum(0) + hist.sum(1) - hist.diag())
    return dict(pixel_acc=float(hist.diag().sum() / hist.sum()), miou=float(iou[~iou.isnan()].mean()))


class Trainer:
    def __init__(self, dev, mode, lr=1e-3, seed=0):
        torch.manual_seed(seed)
        self.dev, self.mode = dev, mode
        kind = mode.split("-")[-1]
        self.amp = {"bf16": torch.bfloat16, "f16": torch.float16}.get(kind)
        self.scaler = torch.amp.GradScaler(dev) if self.amp == torch.float16 else None
        self.cl = mode != "notebook" and kind != "nchw"
        if mode != "notebook":
            torch.backends.cudnn.benchmark = True
            torch.backends.cudnn.allow_tf32 = kind in ("tf32", "bf16", "f16")
            torch.backends.cuda.matmul.allow_tf32 = kind in ("tf32", "bf16", "f16")
        self.model = UNet().to(dev)
        if self.cl:
            self.model = self.model.to(memory_format=torch.channels_last)
        new = int(torch.__version__.split(".")[0]) >= 2
        fused = {"fused": True} if mode != "notebook" and new else {}
        self.opt = torch.optim.Adam(self.model.parameters(), lr=lr, **fused)
        self.fwd = self.model
        self.loss = dice_ce
        if mode.startswith("compile"):
            m = "reduce-overhead" if dev == "cuda" else "default"
            def both(x, t):
                return dice_ce(self.model(x), t)
            self.both = torch.compile(both, mode=m)
        else:
            self.both = lambda x, t: dice_ce(self.fwd(x), t)

    def put(self, x, t):
        x = x.to(self.dev, non_blocking=self.mode != "notebook")
        t = t.to(self.dev, non_blocking=self.mode != "notebook")
        return (x.contiguous(memory_format=torch.channels_last) if self.cl else x), t

    def step(self, x, t):
        with torch.autocast(self.dev, self.amp or torch.bfloat16, enabled=self.amp is not None):
            loss = self.both(x, t)
        v = loss.item() if self.mode == "notebook" else None
        self.opt.zero_grad(set_to_none=True)
        if self.scaler:
            self.scaler.scale(loss).backward()
            self.scaler.step(self.opt)
            self.scaler.update()
        else:
            loss.backward()
            self.opt.step()
        return loss.item() if v is not None else loss.detach()

    @torch.no_grad()
    def eval(self, x, t):
        with torch.autocast(self.dev, self.amp or torch.bfloat16, enabled=self.amp is not None):
            return self.both(x, t)


def time_loop(f, dev, secs, least=3, warm=0):
    f(); f(); sync(dev)
    t_end = time.perf_counter() + warm
    while time.perf_counter() < t_end:
        f(); sync(dev)
    ts = []
    t_end = time.perf_counter() + secs
    while len(ts) < least or time.perf_counter() < t_end:
        a = time.perf_counter(); f(); sync(dev); ts.append(time.perf_counter() - a)
    return ts


def main():
    cpu0, wall0 = time.process_time(), time.perf_counter()
    ap = argparse.ArgumentParser()
    ap.add_argument("what", choices=["matmul", "step", "epoch", "curve"])
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--mode", default="notebook")
    ap.add_argument("--n", type=int, default=8000)
    ap.add_argument("--batch", type=int, default=16)
    ap.add_argument("--size", type=int, default=256)
    ap.add_argument("--epochs", type=int, default=1)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--secs", type=float, default=3)
    ap.add_argument("--workers", type=int, default=4)
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--data", default=os.environ.get("HIKAKU_DATA"), help="folder in VOC layout; default: $HIKAKU_DATA")
    a = ap.parse_args()
    if a.what in ("epoch", "curve") and not a.data:
        ap.error("--data or HIKAKU_DATA must name a folder in VOC layout")
    out = dict(what=a.what, device=a.device, mode=a.mode, torch=torch.__version__, threads=torch.get_num_threads())
    if a.device == "cuda":
        out["gpu"] = torch.cuda.get_device_name()
    elif hasattr(torch.backends, "cpu"):   # from 2.0 on
        out["cpu_capability"] = torch.backends.cpu.get_cpu_capability()
    if a.what == "matmul":
        n, fl = a.n, 2 * a.n ** 3
        if a.device == "cpu":
            A, B = np.random.rand(n, n), np.random.rand(n, n)
            t0 = time.perf_counter(); np.dot(A, B); out["numpy_f64_first_s"] = time.perf_counter() - t0
            kinds = [("f64", torch.float64, None), ("f32", torch.float32, None), ("bf16", torch.bfloat16, None)]
        else:
            kinds = [("f64", torch.float64, 0), ("f32", torch.float32, 0), ("tf32", torch.float32, 1),
                     ("bf16", torch.bfloat16, 1), ("f16", torch.float16, 1)]
        for name, dt, tf in kinds:
            if tf is not None:
                torch.backends.cuda.matmul.allow_tf32 = bool(tf)
            # f64 of random f32 has half its mantissa zero, and takes a GPU less power and a tenth less time.
            wide = dt if dt == torch.float64 else torch.float32
            A, B = (torch.rand(n, n, device=a.device, dtype=wide).to(dt) for _ in range(2))
            # As long as hikaku's products warm up at most: a GPU's clock falls in the first seconds of load.
            ts = time_loop(lambda: torch.mm(A, B), a.device, a.secs, warm=5 if a.device == "cuda" else 0)
            out[name] = dict(samples_s=ts, tflops=fl / statistics.median(ts) / 1e12)
    elif a.what == "step":
        tr = Trainer(a.device, a.mode, a.lr, a.seed)
        x, t = torch.randn(a.batch, 3, a.size, a.size), torch.randint(0, 22, (a.batch, a.size, a.size))
        x, t = tr.put(x, t)
        t0 = time.perf_counter(); tr.step(x, t); sync(a.device); out["first_step_s"] = time.perf_counter() - t0
        tr.model.train()
        out["train_samples_s"] = time_loop(lambda: tr.step(x, t), a.device, a.secs)
        if a.device == "cuda":
            out["peak_gib"] = torch.cuda.max_memory_allocated() / 2 ** 30
        tr.model.eval()
        out["eval_samples_s"] = time_loop(lambda: tr.eval(x, t), a.device, a.secs)
        for phase in ("train", "eval"):
            out[phase + "_ms"] = round(statistics.median(out[phase + "_samples_s"]) * 1e3, 3)
    else:
        tr = Trainer(a.device, a.mode, a.lr, a.seed)
        kw = dict(batch_size=a.batch, num_workers=a.workers, shuffle=True)
        if a.mode != "notebook":
            kw.update(pin_memory=a.device == "cuda", persistent_workers=True)
        train = torch.utils.data.DataLoader(Voc(a.data, "train_list_300.txt", a.size), **kw)
        val = torch.utils.data.DataLoader(Voc(a.data, "val_list_100.txt", a.size, raw=True), **kw)
        out["epochs"] = []
        for e in range(a.epochs):
            tr.model.train(); t0 = time.perf_counter(); tot = 0
            for x, t in train:
                tot = tot + tr.step(*tr.put(x, t))
            sync(a.device); t1 = time.perf_counter()
            tr.model.eval(); vt = 0; hist = torch.zeros(23, 22, device=a.device)   # row 22: void
            for x, t in val:
                void = t == 255
                x, t = tr.put(x, t.masked_fill(void, 0))
                vt = vt + tr.eval(x, t)
                if a.what == "curve":
                    with torch.no_grad():
                        p, t = tr.model(x).argmax(1), t.masked_fill(void.to(a.device), 22)
                        hist += torch.bincount(t.flatten() * 22 + p.flatten(), minlength=23 * 22).view(23, 22).float()
            sync(a.device); t2 = time.perf_counter()
            row = dict(train_s=round(t1 - t0, 3), eval_s=round(t2 - t1, 3), train_loss=float(tot) / len(train), val_loss=float(vt) / len(val))
            if a.what == "curve":
                ignored, counted = hist[:22], hist[:22].clone()
                counted[0] += hist[22]
                for name, h in (("void_ignored", ignored), ("void_as_background", counted)):
                    nothing = torch.zeros_like(h); nothing[:, 0] = h.sum(1)
                    row[name] = dict(**quality(h), background_only=quality(nothing))
            out["epochs"].append(row)
            print(e, row, file=sys.stderr, flush=True)
    if a.device == "cpu":   # a peer that used one core of two is no peer
        out["cores_busy"] = round((time.process_time() - cpu0) / (time.perf_counter() - wall0), 2)
        if out["cores_busy"] < 0.8 * out["threads"]:
            print("warning: fewer cores were busy than threads asked for: not a fair peer", file=sys.stderr)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
