#!/usr/bin/env python3
"""Measures hikaku and its peer on the same work in alternation, on one machine, in one call.

  side_by_side.py step   --python PY --name NAME     one training step, one evaluation batch (PyTorch)
  side_by_side.py epoch  --python PY --name NAME     a whole epoch from the files (PyTorch)
  side_by_side.py matmul --python PY --name NAME     the product in f64 and f32 (NumPy)

PY is a Python that has the peer's packages. Each round runs hikaku, then the peer, each in a process of
its own that warms up first. Everything goes to docs/results/NAME.json after every round, all samples
included. Exit status: 0; 1 something failed, or the comparison is not fair ("problems" says why); 2 usage.
"""
import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
MIN_BUSY_SHARE = 0.8   # of the peer's threads: one that used a core of two is no peer
SIDES = ("hikaku", "peer")
# They choose threads and kernels: a forgotten OPENBLAS_CORETYPE can halve the speed of one side.
KNOBS = ("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "DNNL_", "ONEDNN_", "HIKAKU_")


class Failure(Exception):
    """Text of two lines' worth: what was found; what to do."""

    def __init__(self, found, fix):
        super().__init__(found)
        self.fix = fix


@dataclass
class Run:
    """One process that has ended."""
    result: dict
    seconds: float
    cores_busy: float
    peak_memory_bytes: int


@dataclass
class Experiment:
    """The same work on both sides. `samples` turns a side's result into {what: [seconds]}; `facts` what
    else of hikaku's result belongs beside a figure."""
    commands: dict[str, list[str]]
    samples: dict[str, Callable[[dict], dict]]
    facts: Callable[[dict], dict] = lambda result: {}
    runs: dict[str, list[Run]] = field(default_factory=lambda: {side: [] for side in SIDES})


def run(command, environment):
    """Runs to the end and reads the JSON from stdout; stderr passes through."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, env=environment)
        # Not process.wait(): only wait4 tells the peak of this child alone.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        out.seek(0)
        text = out.read()
    if process.returncode != 0:
        raise Failure(f"{shlex.join(command)}: ended with status {process.returncode}",
                      "its own message is above")
    try:
        # hikaku prints one JSON text, a peer ends with one in a line.
        result = json.loads(text if text.startswith("{") else text.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise Failure(f"{shlex.join(command)}: printed no JSON", "run it by hand and look") from error
    return Run(result, seconds, (usage.ru_utime + usage.ru_stime) / seconds, usage.ru_maxrss * 1024)


def step_experiments(args):
    batch, size = str(args.batch_size), str(args.size)
    # 20 s: hikaku's own budget for the samples of each phase.
    return [Experiment(
        {"hikaku": [args.hikaku, "bench", "step", "--device", args.device, "--precision", args.precision,
                    "--batch-size", batch, "--size", size, "--json", "-"],
         "peer": [args.python, str(BENCH / "torch_peer.py"), "step", "--device", args.device, "--mode",
                  args.mode, "--batch", batch, "--size", size, "--secs", "20" if args.device == "cpu" else "3"]},
        {"hikaku": lambda r: {b["what"]: b["seconds"]["samples"] for b in r["bench"]},
         "peer": lambda r: {"train_step": r["train_samples_s"], "eval_step": r["eval_samples_s"]}},
        lambda r: {b["what"]: {"peak_memory_bytes": b["peak_memory_bytes"]} for b in r["bench"]})]


def epoch_experiments(args):
    if not args.data:
        raise Failure("no data set", "give --data DIR, or set HIKAKU_DATA")
    batch, size = str(args.batch_size), str(args.size)

    def ours(result):
        unet = result["unet"][0]
        return {f"{phase} epoch": [unet[phase]["seconds"]] for phase in ("train", "eval")}

    def theirs(result):
        epoch = result["epochs"][0]
        return {"train epoch": [epoch["train_s"]], "eval epoch": [epoch["eval_s"]]}

    return [Experiment(
        {"hikaku": [args.hikaku, "train", "--data", args.data, "--device", args.device, "--precision",
                    args.precision, "--batch-size", batch, "--size", size, "--json", "-"],
         "peer": [args.python, str(BENCH / "torch_peer.py"), "epoch", "--device", args.device, "--mode",
                  args.mode, "--batch", batch, "--size", size, "--data", args.data]},
        {"hikaku": ours, "peer": theirs})]


def matmul_experiments(args):
    if args.device != "cpu":
        raise Failure(f"--device {args.device}: NumPy, the peer, multiplies on the CPU only", "leave out --device")

    def experiment(dtype):
        what = f"matmul {dtype} n={args.n}"
        return Experiment(
            {"hikaku": [args.hikaku, "matmul", "--n", str(args.n), "--dtype", dtype, "--device", "cpu",
                        "--json", "-"],
             "peer": [args.python, str(BENCH / "numpy_peer.py"), "--n", str(args.n), "--dtype", dtype]},
            {"hikaku": lambda r: {what: r["matmul"][0]["seconds"]["samples"]},
             "peer": lambda r: {what: r["samples_s"]}},
            lambda r: {key: r["matmul"][0][key] for key in (
                "implementation", "flops_per_second", "peak_flops_per_second", "peak_kind",
                "fraction_of_peak", "verified", "error")})
    return [experiment("f64"), experiment("f32")]


def environment_of(args):
    """The same for both sides: nobody's knobs but those of --env."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(KNOBS)}
    return kept | dict(args.env)


EXPERIMENTS = {"step": step_experiments, "epoch": epoch_experiments, "matmul": matmul_experiments}


def public_command(command, args):
    """As anybody would type it: without the paths of this machine."""
    names = {args.hikaku: "hikaku", args.python: "python3", args.data: "DIR"}
    return shlex.join(names.get(word, word.replace(f"{ROOT}/", "")) for word in command)


def figure(experiment, what):
    """One line of the table, with everything it was made from."""
    by_round = {side: [experiment.samples[side](r.result)[what] for r in experiment.runs[side]]
                for side in SIDES}
    sides = {}
    for side in SIDES:
        samples = [s for samples in by_round[side] for s in samples]
        sides[side] = {"median": statistics.median(samples), "min": min(samples),
                       "samples_by_round": by_round[side],
                       "peak_memory_bytes": max(r.peak_memory_bytes for r in experiment.runs[side])}
    ours, theirs = sides["hikaku"], sides["peer"]
    return {"what": what, "seconds": sides,
            "ratio_of_medians": theirs["median"] / ours["median"],
            "ratio_by_round": [statistics.median(p) / statistics.median(h)
                               for h, p in zip(by_round["hikaku"], by_round["peer"])],
            "ratio_of_peak_memory": theirs["peak_memory_bytes"] / ours["peak_memory_bytes"],
            "facts_by_round": [experiment.facts(r.result) for r in experiment.runs["hikaku"]]}


def caveats_of(runs):
    """hikaku's own. From the second round on the machine is "busy" with the peer just ended."""
    found = {}
    for number, one in enumerate(runs):
        for caveat in one.result["caveats"]:
            if number == 0 or caveat["id"] != "busy_machine":
                found[caveat["id"], caveat.get("subject", "")] = caveat
    return list(found.values())


def problems_of(experiments):
    """Why the comparison is not fair, or cannot be repeated by others."""
    found = []
    for experiment in experiments:
        for ours, theirs in zip(*(experiment.runs[side] for side in SIDES)):
            peer, machine = theirs.result, ours.result["machine"]
            if "cores_busy" in peer and peer["cores_busy"] < MIN_BUSY_SHARE * peer["threads"]:
                found.append(f"the peer kept {peer['cores_busy']} cores busy with {peer['threads']} threads")
            if "gpu" not in peer and peer["threads"] != machine["cpu"]["threads"]:
                found.append(f"hikaku has {machine['cpu']['threads']} threads, the peer {peer['threads']}")
            if not ours.result["program"].get("version") or not machine["libraries"].get("oneDNN"):
                found.append("hikaku tells no versions")
            if ours.result["program"].get("version", "").rstrip(")").endswith("-dirty"):
                found.append("hikaku was built from sources that are not committed")
            if not peer.get("torch") and not peer.get("numpy"):
                found.append("the peer tells no version")
    return sorted(set(found))


def report_of(args, experiments):
    last = {side: experiments[-1].runs[side][-1].result for side in SIDES}
    machine = last["hikaku"]["machine"]
    runs = {side: [r for e in experiments for r in e.runs[side]] for side in SIDES}
    facts = ("torch", "gpu", "peak_gib", "first_step_s", "cpu_capability", "numpy", "python", "blas", "mode", "threads")
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "what": args.what,
        "machine": {key: machine[key] for key in ("cpu", "gpus", "memory", "os")},
        "environment": dict(args.env),
        "hikaku": {"version": last["hikaku"]["program"]["version"], "libraries": machine["libraries"],
                   "process_seconds": [round(r.seconds, 2) for r in runs["hikaku"]],
                   "process_cores_busy": [round(r.cores_busy, 2) for r in runs["hikaku"]]},
        "peer": {**{key: last["peer"][key] for key in facts if key in last["peer"]},
                 "cores_busy": [r.result.get("cores_busy") for r in runs["peer"]],
                 "process_seconds": [round(r.seconds, 2) for r in runs["peer"]],
                 "process_cores_busy": [round(r.cores_busy, 2) for r in runs["peer"]]},
        "commands": [{side: public_command(e.commands[side], args) for side in SIDES}
                     for e in experiments],
        "caveats": caveats_of(runs["hikaku"]),
        "problems": problems_of(experiments),
        "figures": [figure(e, what) for e in experiments
                    for what in e.samples["hikaku"](e.runs["hikaku"][0].result)],
    }


def write(path, report):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def table(report):
    rows = [("what", "hikaku s", "(min)", "peer s", "(min)", "ratio", "by round", "peak GB", "peer's")]
    for one in report["figures"]:
        ours, theirs = one["seconds"]["hikaku"], one["seconds"]["peer"]
        by_round = one["ratio_by_round"]
        rows.append((one["what"], f"{ours['median']:.3f}", f"{ours['min']:.3f}",
                     f"{theirs['median']:.3f}", f"{theirs['min']:.3f}", f"{one['ratio_of_medians']:.2f}",
                     f"{min(by_round):.2f}-{max(by_round):.2f}",
                     f"{ours['peak_memory_bytes'] / 1e9:.2f}", f"{theirs['peak_memory_bytes'] / 1e9:.2f}"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(row, widths))) for row in rows)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=EXPERIMENTS)
    parser.add_argument("--python", required=True, help="the Python that has the peer's packages")
    parser.add_argument("--name", required=True, help="the result goes to RESULTS/NAME.json")
    parser.add_argument("--results", type=Path, default=ROOT / "docs/results")
    parser.add_argument("--hikaku", default=str(ROOT / "build/release/src/app/hikaku"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu", help="cpu or cuda, of both sides")
    parser.add_argument("--precision", default="f32", help="of hikaku; --mode says the peer's")
    parser.add_argument("--mode", default="channels_last", help="of torch_peer.py")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--n", type=int, default=8000)
    parser.add_argument("--data", default=os.environ.get("HIKAKU_DATA"), help="default: $HIKAKU_DATA")
    parser.add_argument("--env", type=lambda text: tuple(text.split("=", 1)), action="append", default=[],
                        metavar="NAME=VALUE", help="set for both sides; other settings of threads and "
                        "kernels (OMP_*, OPENBLAS_*, ...) are removed")
    args = parser.parse_args()
    if any(len(pair) != 2 for pair in args.env):
        parser.error("--env: NAME=VALUE is needed")
    if args.rounds < 1:
        parser.error("--rounds: at least 1")
    return args


def main():
    args = parse_arguments()
    path = args.results / f"{args.name}.json"
    if path.exists():
        raise Failure(f"{path} is there already; a record is not overwritten", "give another --name")
    for program in (args.hikaku, args.python):
        if not shutil.which(program):
            raise Failure(f"{program}: there is no such program", "see --hikaku and --python")
    experiments, environment = EXPERIMENTS[args.what](args), environment_of(args)
    for number in range(1, args.rounds + 1):
        for experiment in experiments:
            for side in SIDES:
                done = run(experiment.commands[side], environment)
                experiment.runs[side].append(done)
                print(f"round {number}/{args.rounds}: {side} took {done.seconds:.0f} s", file=sys.stderr)
        report = report_of(args, experiments)
        write(path, report)
    print(table(report))
    for problem in report["problems"]:
        print(f"problem: {problem}", file=sys.stderr)
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"error: {failure}\nfix: {failure.fix}", file=sys.stderr)
        sys.exit(1)
