"""JPEG and PNG pairs made from smooth random fields, and what the reference's transform makes of them."""
import os, zlib
import numpy as np
import torch, torch.nn.functional as F
from PIL import Image
from torchvision import transforms as T
from golden.file import FOLDER, Golden
from golden.rule import sample_places


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


def make():
    near = T.InterpolationMode.NEAREST
    golden, rng = Golden(), np.random.default_rng(2012)
    cases = (("landscape_420", 375, 500, dict(subsampling="4:2:0")), ("portrait_444", 500, 375, dict(subsampling="4:4:4")),
             ("odd_420", 333, 499, dict(subsampling="4:2:0")), ("progressive", 366, 500, dict(progressive=True)),
             ("grey", 375, 500, dict()), ("small_422", 112, 190, dict(subsampling="4:2:2")))
    for name, h, w, options in cases:
        rgb = np.stack([smooth_field(rng, h, w) for _ in range(3)], 2) + rng.normal(0, 0.02, (h, w, 3))
        image = Image.fromarray((rgb.clip(0, 1) * 255).astype(np.uint8))
        image = image.convert("L") if name == "grey" else image
        image.save(os.path.join(FOLDER, name + ".jpg"), quality=85, **options)
        classes = (smooth_field(rng, h, w).clip(0, 0.999) * 21).astype(np.uint8)
        border = np.abs(smooth_field(rng, h, w) - 0.5) < 0.02
        mask = Image.fromarray(np.where(border, 255, classes).astype(np.uint8), "P")
        mask.putpalette(voc_palette())
        mask.save(os.path.join(FOLDER, name + ".png"))

        image = Image.open(os.path.join(FOLDER, name + ".jpg")).convert("RGB")   # a grey picture counts as RGB
        x = T.functional.resize(T.functional.to_tensor(image), [256, 256], near)
        pixels = (x * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
        x = T.functional.normalize(x, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)).contiguous().numpy()
        lab = torch.from_numpy(np.array(Image.open(os.path.join(FOLDER, name + ".png"))).astype(np.int64))[None]
        lab = T.functional.resize(lab, [256, 256], near)[0].byte().numpy()
        golden.put(f"{name}/image", x.reshape(-1)[sample_places(x.size)])
        golden.put(f"{name}/labels", lab)
        golden.metadata[f"size:{name}"] = f"{w}x{h}"
        golden.metadata[f"crc32:{name}/pixels"] = f"{zlib.crc32(pixels.tobytes()):08x}"   # RGB bytes [256, 256, 3], resized
        golden.metadata[f"crc32:{name}/image"] = f"{zlib.crc32(x.tobytes()):08x}"         # float32 [3, 256, 256], little endian
    golden.metadata["about"] = "images: samples of the normalised tensor; labels: resized, 255 kept"
    golden.write("preprocess.safetensors")
