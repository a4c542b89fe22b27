#!/usr/bin/env python3
"""Makes a large GPU a small one: hold_memory.py GIB takes all of its memory but GIB, says so in a line and
keeps it until it is ended. Wants PyTorch."""
import signal
import sys

import torch

free, _ = torch.cuda.mem_get_info()
held = torch.empty(max(0, free - int(float(sys.argv[1]) * 2**30)), dtype=torch.uint8, device="cuda")
print(f"{torch.cuda.mem_get_info()[0] / 2**30:.2f} GiB are free", flush=True)
signal.pause()
