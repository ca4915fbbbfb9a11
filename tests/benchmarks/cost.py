"""Measure the forward's cost against T, V, N and width, for the figure: python tests/benchmarks/cost.py.

Writes figures/measurements/cost.json, which names the machine; `make figures` draws it. One thread, CPU time, medians
of alternating runs. Everything but the size that varies is as in the other measurements: N 1, T 300, V 25, M 2.
"""

import os

# Read by the BLAS libraries when they are loaded, so before NumPy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from contestants import CLASSES, FUSED, NUMPY, TWIN, C, M
from machine import describe
from measure import PEAK, SIZE, alternate, products

import reference
from stgcn_torch import STGCN

DESTINATION = Path(__file__).parents[2] / "figures" / "measurements" / "cost.json"
BY_JOINTS = {5: "toy_5", 15: "mocap_15", 20: "kinect_20", 25: "ntu_25", 33: "mediapipe_33"}
SIZES = {
    "T": [38, 75, 150, 300, 600, 1200],
    "V": list(BY_JOINTS),
    "N": [1, 2, 4, 8],
    "width": [0.25, 0.5, 1, 2],  # all channels times this
}
ROUNDS = 5


def measured(T=300, V=25, N=1, width=1):
    """Multiply-adds and the seconds of every contestant for one size."""
    layers = tuple(
        (max(1, round(C_in * width)), round(C_out * width), stride) for C_in, C_out, stride in reference.LAYERS
    )
    table = reference.layer_table(T=T, V=V, M=M, in_channels=C, num_classes=CLASSES, layers=layers)
    torch.manual_seed(0)
    model = STGCN(CLASSES, C, BY_JOINTS[V], layers=layers).eval()
    fused, state = model.fuse(), {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    clip = np.random.default_rng(0).standard_normal((N, C, T, V, M)).astype(np.float32)
    calls = {
        NUMPY: lambda: reference.forward(state, clip),
        TWIN: lambda: model(torch.from_numpy(clip)),
        FUSED: lambda: fused(torch.from_numpy(clip)),
    }
    seconds = alternate({**calls, PEAK: products("cpu")[PEAK]}, ROUNDS, time.process_time)
    return N * table.multiply_adds, {name: statistics.median(times) for name, times in seconds.items()}


def main():
    """Measure all sizes and write the file."""
    torch.set_num_threads(1)
    curves, peaks = {}, []
    with torch.inference_mode():
        for axis, sizes in SIZES.items():
            points = [measured(**{axis: size}) for size in sizes]
            peaks += [SIZE**3 / seconds[PEAK] for _, seconds in points]
            curves[axis] = {
                "sizes": sizes,
                "multiply_adds": [cost for cost, _ in points],
                "ms": {name: [round(1e3 * s[name], 1) for _, s in points] for name in (NUMPY, TWIN, FUSED)},
            }
            print(axis, curves[axis], flush=True)
    peak = float(f"{statistics.median(peaks):.3g}")  # multiply-adds a second
    DESTINATION.parent.mkdir(exist_ok=True)
    result = {"machine": describe(), "threads": 1, "matrix_product_multiply_adds_per_second": peak, "curves": curves}
    DESTINATION.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
