#!/usr/bin/env python3
"""Writes tests/golden/ from PyTorch: what it computes in float64 for each layer and for whole networks.

  tools/make_golden.py [layers] [unet] [preprocess]      (default: all three; PyTorch, torchvision, Pillow)

Every compared quantity is also computed in float32, and its limit for a float32 program is written beside it:
limit = max(stated, 4 * difference between PyTorch's float32 and float64). Nobody writes a limit by hand.
Metadata keys: "limit:T" and "seen:T" (relative L2, of losses absolute) of tensor T; a tensor of more than 4096
elements is kept as 4096 samples at the places sample_places(count) with "count:T" and its L2 "norm:T".
Pictures, labels and weights of the networks follow the rule of bits() below, repeated in tests/support/golden.cpp.
"""
import argparse, json, os, struct, zlib
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden")
FORWARD, WEIGHT_GRADIENT = 1e-6, 4e-6                       # stated limits of single ops, relative L2
LOGITS, GRADIENTS, LOSSES = 1e-5, 1e-4, 1e-5                # of whole networks; losses absolute, over ten steps
SAMPLES = 4096
PICTURE_STREAM, LABEL_STREAM, SAMPLE_STREAM = 1000, 2000, 3000


# ---- the rule ---------------------------------------------------------------------------------------------------

def bits(stream, count):
    """24 random bits for each i < count: splitmix64's finaliser of (stream * 2^32 + i) * its constant."""
    z = (np.uint64(stream) << np.uint64(32)) + np.arange(count, dtype=np.uint64)
    z *= np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) >> np.uint64(40)


def values(stream, *shape):
    """In [-1, 1), multiples of 2^-23: exact in float32."""
    return (bits(stream, int(np.prod(shape))) * 2.0 ** -23 - 1).reshape(shape)


def sample_places(count):
    return (bits(SAMPLE_STREAM, SAMPLES) * np.uint64(count) >> np.uint64(24)).astype(np.int64)


def network_array(stream, name, shape, fan_in):
    """The start value of an array; fan_in is 0 for a batch norm's. Rounded to float32."""
    v = values(stream, *shape)
    if name.endswith("running_mean"):
        v = np.zeros(shape)
    elif name.endswith("running_var"):
        v = np.ones(shape)
    elif fan_in:
        v = v * (1 / np.sqrt(np.float64(fan_in)))
    else:
        v = v / 4 + (1 if name.endswith("weight") else 0)
    return torch.from_numpy(v.astype(np.float32).astype(np.float64))


def picture(step, n, h, w):
    return torch.from_numpy(2 * values(PICTURE_STREAM + step, n, 3, h, w))


def labels(step, n, h, w, classes):
    """One label for each block of 4 x 4 pixels; the last class never occurs."""
    blocks = (bits(LABEL_STREAM + step, n * (h // 4) * (w // 4)) % np.uint64(classes - 1)).reshape(n, h // 4, w // 4)
    return torch.from_numpy(blocks.astype(np.int64)).repeat_interleave(4, 1).repeat_interleave(4, 2)


# ---- the file ---------------------------------------------------------------------------------------------------

class Golden:
    TYPES = {"float64": "F64", "float32": "F32", "uint8": "U8"}

    def __init__(self):
        self.tensors, self.metadata = {}, {"made_by": f"tools/make_golden.py, PyTorch {torch.__version__}"}

    def put(self, name, array):
        self.tensors[name] = np.ascontiguousarray(array)

    def expect(self, name, exact, single, stated, absolute=False):
        """Keeps PyTorch's float64 value and the limit that follows from its float32 value."""
        exact, single = exact.detach().double().numpy(), single.detach().double().numpy()
        seen = np.abs(exact - single).max() if absolute else np.linalg.norm(exact - single) / np.linalg.norm(exact)
        self.metadata["seen:" + name] = f"{seen:.3g}"
        self.metadata["limit:" + name] = f"{max(stated, 4 * seen):.3g}"
        if exact.size > SAMPLES:
            self.metadata["count:" + name] = str(exact.size)
            self.metadata["norm:" + name] = repr(float(np.linalg.norm(exact)))
            exact = exact.reshape(-1)[sample_places(exact.size)]
        self.put(name, exact)

    def write(self, filename):
        """safetensors: u64 length, JSON header padded to 8 bytes, then the tensors, widest elements first."""
        header, data, offset = {"__metadata__": dict(sorted(self.metadata.items()))}, [], 0
        for name, a in sorted(self.tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
            header[name] = {"dtype": self.TYPES[a.dtype.name], "shape": list(a.shape), "data_offsets": [offset, offset + a.nbytes]}
            offset += a.nbytes
            data.append(a.tobytes())
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(os.path.join(GOLDEN, filename), "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text + b"".join(data))
        print(f"{filename}: {(8 + len(text) + offset) / 1e6:.2f} MB, {len(self.tensors)} tensors")


# ---- single layers ----------------------------------------------------------------------------------------------

class Layer:
    """One case: `compute` gets the inputs in a precision and returns {name: tensor}; the first is the output."""
    streams = 0

    def __init__(self, golden, case, **options):
        self.golden, self.case, self.inputs = golden, case, {}
        for key, value in options.items():
            golden.metadata[f"option:{case}/{key}"] = str(value)

    def input(self, name, *shape, scale=1.0, offset=0.0):
        Layer.streams += 1
        v = (values(Layer.streams, *shape) * scale + offset).astype(np.float32)
        self.inputs[name] = torch.from_numpy(v.astype(np.float64))
        self.golden.put(f"{self.case}/{name}", v)

    def run(self, compute):
        result = [compute({k: v.to(t, copy=True).requires_grad_() for k, v in self.inputs.items()}) for t in (torch.float64, torch.float32)]
        for name in result[0]:
            stated = WEIGHT_GRADIENT if name[0] == "d" and name not in ("dx", "dz") else FORWARD
            self.golden.expect(f"{self.case}/{name}", result[0][name], result[1][name], stated)


def gradients(outputs, seeds, inputs):
    found = torch.autograd.grad(outputs, list(inputs.values()), seeds)
    return {"d" + name: g for name, g in zip(inputs, found)}


def pick(t, *names):
    return {n: t[n] for n in names}


def conv_layers(golden):
    for kernel, (n, c, h, w), out in ((3, (2, 5, 7, 9), 6), (2, (2, 6, 6, 5), 4), (1, (3, 8, 5, 4), 22), (3, (2, 16, 12, 8), 32)):
        layer = Layer(golden, f"conv2d_{kernel}x{kernel}_{c}_{out}")
        layer.input("x", n, c, h, w)
        layer.input("weight", out, c, kernel, kernel, scale=0.3)
        layer.input("bias", out)
        layer.input("dy", n, out, h, w)

        def compute(t):
            y = F.conv2d(t["x"], t["weight"], t["bias"], padding="same")
            return {"y": y, **gradients(y, t["dy"], pick(t, "x", "weight", "bias"))}
        layer.run(compute)


def norm_layers(golden):
    for relu, pool in ((1, 0), (0, 0), (1, 1)):
        layer = Layer(golden, "batch_norm" + "_relu" * relu + "_pool" * pool, relu=relu, pool=pool)
        n, c, h, w = 3, 16, 7, 6
        layer.input("z", n, c, h, w, offset=0.5)
        for name, offset in (("gamma", 1), ("beta", 0), ("shift", 0), ("running_mean", 0), ("running_var", 2)):
            layer.input(name, c, offset=offset, scale=0.5)
        layer.input("dy", n, c, h, w)
        if pool:
            layer.input("dpooled", n, c, h // 2, w // 2)

        def compute(t):
            mean, var = t["running_mean"].detach().clone(), t["running_var"].detach().clone()
            z = t["z"] + t["shift"].detach()[:, None, None]           # the convolution's bias
            act = F.relu if relu else (lambda v: v)
            y = act(F.batch_norm(z, mean, var, t["gamma"], t["beta"], True, 0.1, 1e-5))
            outputs, seeds = [y], [t["dy"]]
            if pool:
                outputs.append(F.max_pool2d(y, 2)), seeds.append(t["dpooled"])
            grads = gradients(outputs, seeds, pick(t, "z", "gamma", "beta"))
            stats = t["running_mean"].detach(), t["running_var"].detach()
            infer = act(F.batch_norm(z, *stats, t["gamma"], t["beta"], False, 0.1, 1e-5))
            return {"y": y, **({"pooled": outputs[1]} if pool else {}), "new_running_mean": mean, "new_running_var": var, "infer_y": infer, **grads}
        layer.run(compute)


def resize_layers(golden):
    for name, op in (("max_pool", lambda x: F.max_pool2d(x, 2)),
                     ("upsample", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True))):
        layer = Layer(golden, name)
        layer.input("x", 2, 16, 7, 6)
        layer.input("dy", *op(torch.zeros(2, 16, 7, 6)).shape)

        def compute(t):
            y = op(t["x"])
            return {"y": y, **gradients(y, t["dy"], pick(t, "x"))}
        layer.run(compute)


def up_layers(golden):
    for (n, c, h, w), out in (((2, 16, 5, 3), 8), ((1, 6, 4, 4), 5)):
        layer = Layer(golden, f"up_block_{c}_{out}")
        layer.input("x", n, c, h, w)
        layer.input("weight", out, c, 2, 2, scale=0.3)
        layer.input("bias", out)
        for i, k in ((1, c), (2, out)):
            for name, offset in (("gamma", 1), ("beta", 0), ("running_mean", 0), ("running_var", 2)):
                layer.input(f"{name}{i}", k, offset=offset, scale=0.5)
        layer.input("dy", n, out, 2 * h, 2 * w)

        def compute(t):
            def forward(stats, training):
                u = F.interpolate(t["x"], scale_factor=2, mode="bilinear", align_corners=True)
                v = F.batch_norm(u, stats[0], stats[1], t["gamma1"], t["beta1"], training, 0.1, 1e-5)
                s = F.conv2d(v, t["weight"], t["bias"], padding="same")
                return F.batch_norm(s, stats[2], stats[3], t["gamma2"], t["beta2"], training, 0.1, 1e-5)
            names = ("running_mean1", "running_var1", "running_mean2", "running_var2")
            stats = [t[k].detach().clone() for k in names]
            y = forward(stats, True)
            trained = pick(t, "x", "weight", "gamma1", "beta1", "gamma2", "beta2")   # dbias is 0: left out
            return {"y": y, **{"new_" + k: v for k, v in zip(names, stats)},
                    "infer_y": forward([t[k].detach() for k in names], False), **gradients(y, t["dy"], trained)}
        layer.run(compute)


def dice_ce(logits, target, share=0.5, smooth=1e-5, weight=None, ignore=-1):
    ce = F.cross_entropy(logits, target, weight, ignore_index=ignore)
    counted = (target != ignore)[:, None]
    p = logits.softmax(1) * counted
    t = F.one_hot(target.masked_fill(~counted[:, 0], 0), logits.shape[1]).permute(0, 3, 1, 2) * counted
    dice = ((2 * (p * t).sum((2, 3)) + smooth) / (p.sum((2, 3)) + t.sum((2, 3)) + smooth)).mean()
    return torch.stack([(1 - share) * ce + share * (1 - dice), ce, dice])


def loss_layers(golden):
    for case, share, weights, ignore in (("plain", 0.5, 0, -1), ("weights", 0.25, 1, -1), ("ignore", 0.5, 0, 255), ("weights_ignore", 0.75, 1, 255)):
        layer = Layer(golden, "head_loss_" + case, dice_share=share, ignore=ignore)
        n, c, h, w, classes = 2, 16, 6, 8, 22
        layer.input("x", n, c, h, w, scale=2)
        layer.input("weight", classes, c, 1, 1, scale=0.5)
        layer.input("bias", classes)
        target = (bits(LABEL_STREAM, n * h * w) % np.uint64(classes - 1)).reshape(n, h, w).astype(np.uint8)
        target[:, ::3, 1::4] = 255 if ignore == 255 else 0
        golden.put(f"{layer.case}/labels", target)
        class_weights = np.linspace(0.25, 5.5, classes, dtype=np.float32)
        if weights:
            golden.put(f"{layer.case}/class_weights", class_weights)

        def compute(t):
            logits = F.conv2d(t["x"], t["weight"], t["bias"])
            w = torch.from_numpy(class_weights).to(logits.dtype) if weights else None
            loss = dice_ce(logits, torch.from_numpy(target).long(), share, weight=w, ignore=ignore)
            return {"loss": loss, "logits": logits, **gradients(loss[0], None, pick(t, "x", "weight", "bias"))}
        layer.run(compute)


def adam_layers(golden):
    for decay in (0.0, 0.0625):
        layer = Layer(golden, "adam_decay" if decay else "adam", weight_decay=decay)
        layer.input("parameter", 100)
        for step in range(3):
            layer.input(f"gradient{step}", 100, scale=10.0 ** -step)

        def compute(t):
            p = nn.Parameter(t["parameter"].detach().clone())
            optimiser = torch.optim.Adam([p], lr=1e-3, weight_decay=decay)
            for step in range(3):
                p.grad = t[f"gradient{step}"].detach()
                optimiser.step()
            state = optimiser.state[p]
            return {"new_parameter": p, "first_moment": state["exp_avg"], "second_moment": state["exp_avg_sq"]}
        layer.run(compute)


def make_layers():
    golden = Golden()
    for family in (conv_layers, norm_layers, resize_layers, up_layers, loss_layers, adam_layers):
        family(golden)
    golden.write("layers.safetensors")


# ---- the whole network ------------------------------------------------------------------------------------------

def double_conv(cin, cout):
    return [nn.Conv2d(cin, cout, 3, padding="same"), nn.BatchNorm2d(cout), nn.ReLU(),
            nn.Conv2d(cout, cout, 3, padding="same"), nn.BatchNorm2d(cout), nn.ReLU()]


def up_conv(cin, cout):
    return [nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.BatchNorm2d(cin),
            nn.Conv2d(cin, cout, 2, padding="same"), nn.BatchNorm2d(cout)]


class UNet(nn.Module):
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


def network(width, dtype):
    net = UNet(width=width).double()
    owner = dict(net.named_modules())
    arrays = [(k, v) for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")]
    for stream, (name, array) in enumerate(arrays, 1):
        conv = owner[name.rsplit(".", 1)[0]]
        fan_in = conv.weight[0].numel() if isinstance(conv, nn.Conv2d) else 0
        array.copy_(network_array(stream, name, tuple(array.shape), fan_in))
    return net.to(dtype)


def bias_before_norm(name):
    return name.endswith(("0.bias", "3.bias")) and name.startswith(("down", "merge")) and name.count(".") == 3 or name.startswith("up") and name.endswith("2.bias")


def ten_losses(width, n, h, w, dtype):
    net = network(width, dtype)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    found = []
    for step in range(10):
        loss = dice_ce(net(picture(step, n, h, w).to(dtype)), labels(step, n, h, w, 22))[0]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        found.append(loss.detach())
    return torch.stack(found)


def one_pass(width, n, h, w, dtype):
    """Training logits, loss and gradients; then the logits in evaluation, with the statistics of that one pass."""
    net, x = network(width, dtype), picture(0, n, h, w).to(dtype)
    logits = net(x)
    loss = dice_ce(logits, labels(0, n, h, w, 22))
    loss[0].backward()
    grads = {k: p.grad for k, p in net.named_parameters()}
    net.eval()
    with torch.no_grad():
        return logits, loss, grads, net(x)


def refusal(width, h, w):
    """What PyTorch's own network says to sides that are not multiples of 16."""
    try:
        network(width, torch.float32)(picture(0, 1, h, w).float())
        return "accepted"
    except RuntimeError as error:
        return str(error)


def make_unet():
    for width, n, h, w in ((8, 3, 48, 80), (8, 2, 256, 256), (64, 2, 64, 64)):
        golden = Golden()
        golden.metadata.update(width=str(width), batch=str(n), height=str(h), columns=str(w), classes="22", learning_rate="0.001")
        golden.metadata["refused:40x56"] = refusal(8, 40, 56)
        exact, single = (one_pass(width, n, h, w, t) for t in (torch.float64, torch.float32))
        golden.expect("logits", exact[0], single[0], LOGITS)
        golden.expect("eval_logits", exact[3], single[3], LOGITS)
        golden.expect("loss", exact[1], single[1], LOSSES, absolute=True)
        left_out = [k for k in exact[2] if bias_before_norm(k)]
        golden.metadata["left_out"] = "gradients that are exactly 0, so that a program computes only rounding: the biases of convolutions before a batch norm: " + " ".join(left_out)
        for name in exact[2]:
            if name not in left_out:
                golden.expect("gradient:" + name, exact[2][name], single[2][name], GRADIENTS)
        golden.expect("losses", *(ten_losses(width, n, h, w, t) for t in (torch.float64, torch.float32)), LOSSES, absolute=True)
        golden.write(f"unet_width{width}_{h}x{w}.safetensors")


# ---- pictures ---------------------------------------------------------------------------------------------------

def smooth_field(rng, h, w, cells=6):
    grid = torch.from_numpy(rng.random((1, 1, cells, cells)))
    return F.interpolate(grid, (h, w), mode="bicubic", align_corners=True)[0, 0].numpy()


def voc_palette():
    colours = []
    for index in range(256):
        rgb = [0, 0, 0]
        for bit in range(8):
            for channel in range(3):
                rgb[channel] |= (index >> (3 * bit + channel) & 1) << (7 - bit)
        colours += rgb
    return colours


def make_preprocess():
    from PIL import Image
    from torchvision import transforms as T
    near = T.InterpolationMode.NEAREST
    golden, rng = Golden(), np.random.default_rng(2012)
    cases = (("landscape_420", 375, 500, dict(subsampling="4:2:0")), ("portrait_444", 500, 375, dict(subsampling="4:4:4")),
             ("odd_420", 333, 499, dict(subsampling="4:2:0")), ("progressive", 366, 500, dict(progressive=True)),
             ("grey", 375, 500, dict()), ("small_422", 112, 190, dict(subsampling="4:2:2")))
    for name, h, w, options in cases:
        rgb = np.stack([smooth_field(rng, h, w) for _ in range(3)], 2) + rng.normal(0, 0.02, (h, w, 3))
        image = Image.fromarray((rgb.clip(0, 1) * 255).astype(np.uint8))
        image = image.convert("L") if name == "grey" else image
        image.save(os.path.join(GOLDEN, name + ".jpg"), quality=85, **options)
        classes = (smooth_field(rng, h, w).clip(0, 0.999) * 21).astype(np.uint8)
        border = np.abs(smooth_field(rng, h, w) - 0.5) < 0.02
        mask = Image.fromarray(np.where(border, 255, classes).astype(np.uint8), "P")
        mask.putpalette(voc_palette())
        mask.save(os.path.join(GOLDEN, name + ".png"))

        image = Image.open(os.path.join(GOLDEN, name + ".jpg")).convert("RGB")   # a grey picture counts as RGB
        x = T.functional.resize(T.functional.to_tensor(image), [256, 256], near)
        pixels = (x * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
        x = T.functional.normalize(x, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)).contiguous().numpy()
        lab = torch.from_numpy(np.array(Image.open(os.path.join(GOLDEN, name + ".png"))).astype(np.int64))[None]
        lab = T.functional.resize(lab, [256, 256], near)[0].byte().numpy()
        golden.put(f"{name}/image", x.reshape(-1)[sample_places(x.size)])
        golden.put(f"{name}/labels", lab)
        golden.metadata[f"size:{name}"] = f"{w}x{h}"
        golden.metadata[f"crc32:{name}/pixels"] = f"{zlib.crc32(pixels.tobytes()):08x}"   # RGB bytes [256, 256, 3], resized
        golden.metadata[f"crc32:{name}/image"] = f"{zlib.crc32(x.tobytes()):08x}"         # float32 [3, 256, 256], little endian
    golden.metadata["about"] = "images: samples of the normalised tensor; labels: resized, 255 kept"
    golden.write("preprocess.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"layers": make_layers, "unet": make_unet, "preprocess": make_preprocess}
    parser.add_argument("parts", nargs="*", metavar="PART", help="layers, unet, preprocess")
    asked = parser.parse_args().parts or list(parts)
    for part in asked:
        if part not in parts:
            parser.error(f"{part}: not a part; one of {', '.join(parts)}")
        parts[part]()


if __name__ == "__main__":
    main()
