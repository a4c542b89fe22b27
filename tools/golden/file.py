"""A golden file: PyTorch's float64 values, each with the limit for a float32 program."""
import json, os, struct
import numpy as np
import torch
from golden.rule import SAMPLES, sample_places

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden")


class Golden:
    TYPES = {"float64": "F64", "float32": "F32", "uint8": "U8"}

    def __init__(self):
        self.tensors, self.metadata = {}, {"made_by": f"tools/make_golden.py, PyTorch {torch.__version__}"}

    def put(self, name, array):
        self.tensors[name] = np.ascontiguousarray(array)

    def expect(self, name, exact, singles, stated, absolute=False):
        """Keeps PyTorch's float64 value and the limit that follows from its float32 values."""
        exact = exact.detach().double().numpy()
        differences = [np.abs(exact - s.detach().double().numpy()) for s in singles]
        seen = max(d.max() if absolute else np.linalg.norm(d) / np.linalg.norm(exact) for d in differences)
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
        with open(os.path.join(FOLDER, filename), "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text + b"".join(data))
        print(f"{filename}: {(8 + len(text) + offset) / 1e6:.2f} MB, {len(self.tensors)} tensors")
