#!/usr/bin/env python3
"""What trainings reached, by several seeds, from the figures of each epoch.

  learning.py FOLDER [--figure FILE.svg]   FOLDER: docs/results/learning

Reads hikaku's metrics.csv files, named NAME-SEED.csv, and what `torch_peer.py curve` printed, named
peer-NAME-SEED.json. Prints a table in Markdown: the last epoch, mean and range over the seeds, void
ignored; then, for each figure, whether all notebook-* and all peer-* trainings can be told apart. The
figure (needs matplotlib) shows pixel accuracy and mean IoU by epoch.
"""
import argparse
import csv
import json
import math
import re
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean

FIGURES = ("train_loss", "val_loss", "pixel_accuracy", "mean_iou")


def of_hikaku(file):
    with open(file, encoding="utf-8") as stream:
        return [{figure: float(row[figure]) for figure in FIGURES} for row in csv.DictReader(stream)]


def of_peer(file):
    epochs = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])["epochs"]
    return [{"train_loss": epoch["train_loss"], "val_loss": epoch["val_loss"],
             "pixel_accuracy": epoch["void_ignored"]["pixel_acc"],
             "mean_iou": epoch["void_ignored"]["miou"]} for epoch in epochs]


def runs_in(folder):
    """{name: [epochs of one seed, ...]}; a file without a seed is a name of its own."""
    runs = defaultdict(list)
    for file in sorted([*folder.glob("*.csv"), *folder.glob("peer-*.json")]):
        name = re.sub(r"-\d+$", "", file.stem)
        runs[name].append(of_peer(file) if file.suffix == ".json" else of_hikaku(file))
    return runs


def table(runs):
    print("| training | seeds | epochs | " + " | ".join(figure.replace("_", " ") for figure in FIGURES) + " |")
    print("|---|---|---|" + "---|" * len(FIGURES))
    for name, seeds in runs.items():
        cells = []
        for figure in FIGURES:
            last = [epochs[-1][figure] for epochs in seeds]
            spread = f" ({min(last):.3f}..{max(last):.3f})" if len(last) > 1 else ""
            cells.append(f"{mean(last):.3f}{spread}")
        print(f"| {name} | {len(seeds)} | {len(seeds[0])} | " + " | ".join(cells) + " |")


def rank_test(a, b):
    """Mann-Whitney's U, two-sided, by the normal approximation: the probability of such a difference by
    chance."""
    wins = sum((x > y) + 0.5 * (x == y) for x in a for y in b)
    deviation = math.sqrt(len(a) * len(b) * (len(a) + len(b) + 1) / 12)
    return math.erfc(abs(wins - len(a) * len(b) / 2) / deviation / math.sqrt(2))


def tell_apart(runs):
    for figure in FIGURES:
        ours, theirs = ([epochs[-1][figure] for name, seeds in runs.items() if name.startswith(side)
                         for epochs in seeds] for side in ("notebook-", "peer-"))
        if ours and theirs:
            print(f"{figure}: {len(ours)} trainings {mean(ours):.3f}, the peer's {len(theirs)} "
                  f"{mean(theirs):.3f}, p = {rank_test(ours, theirs):.2f}")


def draw(runs, file, background):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "hikaku", "font.size": 9, "axes.spines.top": False,
                                "axes.spines.right": False})
    from matplotlib import pyplot
    figure, sides = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
    colours = {"recipe-bf16": "#0a7d5c", "notebook-bf16": "#b5541c"}
    for axes, what, title in zip(sides, ("pixel_accuracy", "mean_iou"), ("pixel accuracy", "mean IoU")):
        for name, colour in colours.items():
            for i, epochs in enumerate(runs[name]):
                axes.plot(range(1, len(epochs) + 1), [epoch[what] for epoch in epochs], colour, linewidth=1,
                          label=None if i else name.replace("-bf16", ""))
        axes.axhline(background[what], color="#666", linewidth=1, linestyle="--", label="background everywhere")
        axes.set(title=title, xlabel="epoch", ylim=(0, None))
    sides[0].legend(frameon=False, loc="lower right")
    figure.savefig(file, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--figure", type=Path)
    args = parser.parse_args()
    runs = runs_in(args.folder)
    if not runs:
        print(f"error: {args.folder}: no figures of a training", file=sys.stderr)
        print("fix: name a folder with NAME-SEED.csv files, as docs/results/learning", file=sys.stderr)
        return 2
    table(runs)
    print()
    tell_apart(runs)
    if args.figure:
        with open(next(args.folder.glob("recipe-*.csv")), encoding="utf-8") as stream:
            row = next(csv.DictReader(stream))
        draw(runs, args.figure, {what: float(row[f"background_{what}"]) for what in ("pixel_accuracy", "mean_iou")})
    return 0


if __name__ == "__main__":
    sys.exit(main())
