#!/usr/bin/env python3
"""Writes tests/golden/ from PyTorch: what it computes in float64 for each layer and for whole networks.

  tools/make_golden.py [layers] [unet] [pictures]      default: all three; needs PyTorch, torchvision, Pillow

Every compared quantity is also computed in float32, and its limit for a float32 program is written beside it:
limit = max(stated, 4 * difference between PyTorch's float32 and float64). Nobody writes a limit by hand.
Metadata: "limit:T" and "seen:T" of tensor T (relative L2; of losses absolute). A tensor of more than 4096 elements
is kept as 4096 samples, at the places golden/rule.py says, with "count:T" and the L2 "norm:T" of the whole.
"""
import argparse, importlib

PARTS = ("layers", "unet", "pictures")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args().parts or PARTS
    for part in asked:
        if part not in PARTS:
            parser.error(f"{part}: not a part; one of {', '.join(PARTS)}")
    for part in asked:
        importlib.import_module("golden." + part).make()


if __name__ == "__main__":
    main()
