"""Numbers by a rule that needs no library, so that C++ repeats it (tests/support/golden.cpp) and no file must hold them."""
import numpy as np
import torch

SAMPLES = 4096
BEFORE_UP = ("down.4.4.bias", "merge.0.4.bias", "merge.1.4.bias", "merge.2.4.bias")
PICTURE_STREAM, NOISE_STREAM, LABEL_STREAM, SAMPLE_STREAM = 1000, 2000, 3000, 4000


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


def network_array(stream, name, shape, fan_in, shifts=(0, 0)):
    """The start value of an array; fan_in is 0 for a batch norm's. Rounded to float32. `shifts`: of the bias of a batch
    norm with a ReLU behind it, and of one before a way up; every eighth channel goes the other way."""
    v = values(stream, *shape)
    if name.endswith("running_mean"):
        v = np.zeros(shape)
    elif name.endswith("running_var"):
        v = np.ones(shape)
    elif fan_in:
        v = v * (1 / np.sqrt(np.float64(fan_in)))
    else:
        v = v / 4 + (1 if name.endswith("weight") else 0)
        if name.endswith("bias") and not name.startswith("up"):
            away = shifts[name in BEFORE_UP]
            v = v + np.where(np.arange(len(v)) % 8 == 7, -away, away)
    return torch.from_numpy(v.astype(np.float32).astype(np.float64))


def batch(step, n, h, w, classes):
    """Pictures [n, 3, h, w] of flat blocks of 16 x 16 with a little noise, and the labels [n, h, w] that follow from
    the blocks' first colour, so that there is something to learn; the last class never occurs. Rounded to float32."""
    blocks = values(PICTURE_STREAM + step, n, 3, h // 16, w // 16)
    colours = blocks.repeat(16, 2).repeat(16, 3)
    x = 2 * colours + 0.25 * values(NOISE_STREAM + step, n, 3, h, w)
    labels = ((colours[:, 0] + 1) / 2 * (classes - 1)).astype(np.int64)
    return torch.from_numpy(x.astype(np.float32).astype(np.float64)), torch.from_numpy(labels)
