#!/usr/bin/env python3
"""What hikaku writes, read by others: the same logits from onnxruntime and from the PyTorch module of
docs/training.md, whose weights hikaku reads back; figures that pandas reads.

    peers_test.py onnx|torch|pandas HIKAKU DOCUMENT

Exit status 77, with the reason, where a package is missing.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

SIZE, LEVELS, WIDTH = 64, 3, 8
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def need(*names):
    try:
        return [__import__(name, fromlist=["_"]) for name in names]
    except ImportError as missing:
        print(f"skipped: {missing}; it comes from PyPI (pip install numpy onnxruntime torch safetensors pandas)")
        sys.exit(77)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def write_png(path, pixels):
    """RGB of 8 bits, for there may be no library for it."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + pixels[y].tobytes() for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture(numpy):
    y, x = numpy.mgrid[0:SIZE, 0:SIZE]
    return numpy.stack([x * 4 % 256, (x * y) % 256, 255 - y * 3], 2).astype(numpy.uint8)


def normalised(numpy, pixels):
    f = numpy.float32
    values = (pixels.astype(f) / f(255) - numpy.array(MEAN, f)) / numpy.array(DEVIATION, f)
    return values.transpose(2, 0, 1)[None].copy()


def train(hikaku):
    run(hikaku, "data", "synth", "--train", "6", "--val", "2", "scenes")
    run(hikaku, "train", "-q", "--data", "scenes", "--size", str(SIZE), "--batch-size", "2", "--width", str(WIDTH),
        "--levels", str(LEVELS), "--epochs", "2", "--threads", "1", "--out", "run")


def logits_of(numpy, hikaku, weights):
    write_png("picture.png", picture(numpy))
    run(hikaku, "predict", weights, "picture.png", "--out", "seen", "--save", "logits", "--size", str(SIZE),
        "--threads", "1", "-q")
    return numpy.load("seen/picture_logits.npy")


def expect_near(numpy, found, expected, what):
    distance = numpy.linalg.norm(found - expected) / numpy.linalg.norm(expected)
    assert found.shape == expected.shape and distance < 1e-5, f"{what}: relative distance {distance}"
    print(f"{what}: relative distance {distance:.1e}")


def module(document):
    """The module of the document, executed."""
    with open(document, encoding="utf-8") as file:
        code = re.search(r"```python\n(.*?)```", file.read(), re.S).group(1)
    names = {}
    exec(code, names)
    return names


def test_onnx(hikaku, _document):
    numpy, onnxruntime = need("numpy", "onnxruntime")
    train(hikaku)
    run(hikaku, "export", "run/last.safetensors", "--out", "unet.onnx")
    runtime = onnxruntime.InferenceSession("unet.onnx")
    images = normalised(numpy, picture(numpy))
    found = runtime.run(["logits"], {"images": numpy.concatenate([images, images])})[0]
    expect_near(numpy, found[1], logits_of(numpy, hikaku, "run/last.safetensors"), "onnxruntime")


def test_torch(hikaku, document):
    numpy, torch, _ = need("numpy", "torch", "safetensors.torch")
    names = module(document)
    train(hikaku)
    net = names["UNet"](WIDTH, LEVELS)
    net.load_state_dict(names["load_file"]("run/last.safetensors"))
    net.eval()
    with torch.no_grad():
        found = net(torch.from_numpy(normalised(numpy, picture(numpy))))[0].numpy()
    expect_near(numpy, found, logits_of(numpy, hikaku, "run/last.safetensors"), "hikaku to PyTorch")
    torch.manual_seed(3)
    other = names["UNet"](WIDTH, LEVELS).eval()
    names["save_file"](other.state_dict(), "torch.safetensors")
    with torch.no_grad():
        expected = other(torch.from_numpy(normalised(numpy, picture(numpy))))[0].numpy()
    expect_near(numpy, logits_of(numpy, hikaku, "torch.safetensors"), expected, "PyTorch to hikaku")
    moments = names["load_file"]("run/last.state.safetensors")
    assert moments["first.head.weight"].shape == (22, WIDTH, 1, 1)


def test_pandas(hikaku, _document):
    (pandas,) = need("pandas")
    train(hikaku)
    csv, lines = pandas.read_csv("run/metrics.csv"), pandas.read_json("run/metrics.jsonl", lines=True)
    times = pandas.read_csv("run/times.csv")
    assert list(csv["epoch"]) == list(lines["epoch"]) == list(times["epoch"]) == [1, 2]
    assert all(kind.kind in "if" for kind in csv.dtypes), csv.dtypes
    assert csv["mean_iou"].between(0, 1).all()
    assert all(csv.filter(regex=f"^{by_class}_").shape == (2, 22) for by_class in ("iou", "dice")), csv.columns
    assert [row["mean_iou"] for row in lines["val"]] == list(csv["mean_iou"])
    assert len(lines["val"][0]["confusion"]) == 22


def main():
    what, hikaku, document = sys.argv[1], os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        globals()[f"test_{what}"](hikaku, document)
        os.chdir("/")


main()
