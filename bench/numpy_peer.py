#!/usr/bin/env python3
"""The peer of `hikaku matmul`: C = A x B with NumPy, A and B uniform in [0, 1).

  numpy_peer.py --n 8000 --dtype f64

Warms up for a second, then takes samples by hikaku's rule: at least 5, then up to 30 within 10 s.
The last line of the output is one JSON object.
"""
import argparse
import ctypes
import json
import os
import platform
import time

import numpy as np


def call(library, names, restype):
    """The answer of the first function of `names` that the library has, or None."""
    for name in names:
        function = getattr(library, name, None)
        if function is not None:
            function.restype = restype
            return function()
    return None


def blas_facts():
    """What OpenBLAS runs on this CPU. NumPy's own packages rename its functions."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split()[-1] for line in maps if "openblas" in line}
    spellings = ["openblas_{}", "openblas_{}64_", "scipy_openblas_{}", "scipy_openblas_{}64_"]
    for path in sorted(paths):
        library = ctypes.CDLL(path)
        core = call(library, [s.format("get_corename") for s in spellings], ctypes.c_char_p)
        if core is not None:
            threads = call(library, [s.format("get_num_threads") for s in spellings], ctypes.c_int)
            config = call(library, [s.format("get_config") for s in spellings], ctypes.c_char_p)
            return {"core": core.decode(), "threads": threads, "config": config.decode()}
    return {"core": None, "threads": None, "config": None}


def main():
    parser = argparse.ArgumentParser(description="C = A x B with NumPy")
    parser.add_argument("--n", type=int, default=8000)
    parser.add_argument("--dtype", choices=["f64", "f32"], default="f64")
    args = parser.parse_args()
    dtype = np.float64 if args.dtype == "f64" else np.float32
    random = np.random.default_rng(0)
    a, b = (random.random((args.n, args.n), dtype=dtype) for _ in range(2))
    c = np.empty_like(a)

    def product():
        start = time.perf_counter()
        np.dot(a, b, out=c)
        return time.perf_counter() - start

    first = product()
    begin = time.perf_counter()
    while time.perf_counter() - begin < 1:
        product()
    samples, cpu, begin = [], time.process_time(), time.perf_counter()
    while len(samples) < 5 or (len(samples) < 30 and time.perf_counter() - begin < 10):
        samples.append(product())
    busy = (time.process_time() - cpu) / (time.perf_counter() - begin)
    blas = blas_facts()
    print(json.dumps({
        "n": args.n, "dtype": args.dtype, "samples_s": samples, "first_call_s": first,
        "numpy": np.__version__, "python": platform.python_version(), "blas": blas,
        "threads": blas["threads"] or len(os.sched_getaffinity(0)), "cores_busy": round(busy, 2)}))


if __name__ == "__main__":
    main()
