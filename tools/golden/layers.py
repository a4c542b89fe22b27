"""Each layer forward and backward on small inputs, which the file holds too."""
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from golden.file import Golden
from golden.rule import LABEL_STREAM, bits, values

FORWARD, WEIGHT_GRADIENT = 1e-6, 4e-6   # stated limits of single ops, relative L2


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
            self.golden.expect(f"{self.case}/{name}", result[0][name], [result[1][name]], stated)


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
    for case, decay, scale in (("adam", 0.0, 1.0), ("adam_decay", 0.0625, 1.0), ("adam_small", 0.0, 1e-7)):   # small: eps counts
        layer = Layer(golden, case, weight_decay=decay)
        layer.input("parameter", 100)
        for step in range(3):
            layer.input(f"gradient{step}", 100, scale=scale * 10.0 ** -step)

        def compute(t):
            p = nn.Parameter(t["parameter"].detach().clone())
            optimiser = torch.optim.Adam([p], lr=1e-3, weight_decay=decay)
            for step in range(3):
                p.grad = t[f"gradient{step}"].detach()
                optimiser.step()
            state = optimiser.state[p]
            return {"new_parameter": p, "first_moment": state["exp_avg"], "second_moment": state["exp_avg_sq"]}
        layer.run(compute)


def make():
    golden = Golden()
    for family in (conv_layers, norm_layers, resize_layers, up_layers, loss_layers, adam_layers):
        family(golden)
    golden.write("layers.safetensors")
