"""Time the whole network in NumPy against the PyTorch twin: python tests/benchmarks/race.py.

The same float32 weights and the same clip, N 1, C 3, T 300, V 25, M 2; the twin in eval and inference mode; one thread
each, timed by the CPU time it used. The two alone alternate (A B A B ...), which bench.py with its seven contestants
does not offer: each finds the caches as the other left them. The figure to quote is the median of the ratios of
neighbouring runs.
"""

import os

# Read by the BLAS libraries when they are loaded, so before NumPy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import platform
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from reference import forward, init_state
from stgcn_torch import STGCN


def seconds(function, argument):
    """How much CPU time one call takes: what other programs do does not lengthen it."""
    start = time.process_time()
    function(argument)
    return time.process_time() - start


def processor():
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())


def main():
    """Print times, the ratio and its spread, and how far apart the two results are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=21, help="pairs of runs (default 21)")
    runs = parser.parse_args().runs
    torch.set_num_threads(1)
    state = init_state(60, 3, "ntu_25", seed=0)
    model = STGCN(60, 3, "ntu_25").eval()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    clip = np.random.default_rng(0).standard_normal((1, 3, 300, 25, 2)).astype(np.float32)

    with torch.inference_mode():
        error = np.max(np.abs(forward(state, clip) - model(torch.from_numpy(clip)).numpy()))
        pairs = [
            (seconds(lambda c: forward(state, c), clip), seconds(model, torch.from_numpy(clip))) for _ in range(runs)
        ]
    ratios = sorted(numpy_time / torch_time for numpy_time, torch_time in pairs)
    quarter = len(ratios) // 4
    print(f"{processor()}, one thread")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__}")
    print("clip (1, 3, 300, 25, 2), float32, ten layers, 60 classes; medians of", runs, "alternating pairs")
    in_numpy, in_torch = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    print(f"NumPy reference {in_numpy:7.0f} ms")
    print(f"PyTorch twin    {in_torch:7.0f} ms   (eval, inference mode)")
    spread = f"half of the pairs: {ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f}"
    print(f"NumPy / PyTorch {statistics.median(ratios):7.2f}      ({spread})")
    print(f"largest difference of the logits: {error:.1e}")


if __name__ == "__main__":
    main()
