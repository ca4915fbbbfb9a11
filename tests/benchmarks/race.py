"""Time the whole network in NumPy against the PyTorch twin, the two alone: python tests/benchmarks/race.py [ROUNDS].

The same weights and clip in float32, N 1, C 3, T 300, V 25, M 2; the twin in eval and inference mode; one thread each,
timed by the CPU time it used. The two alternate (A B A B ...), where bench.py has seven contestants take turns: each
finds the caches as the other left them. The figure to quote is the median of the ratios of neighbouring runs.
"""

import os

# Read by the BLAS libraries when they are loaded, so before NumPy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import statistics
import sys
import time

import numpy as np
import torch
from contestants import NUMPY, TWIN, Case, new_model
from machine import describe
from measure import alternate, spread

import reference


def main(rounds=21):
    """Print times, the ratio and its spread, and how far apart the two results are."""
    torch.set_num_threads(1)
    model, array = new_model().eval(), Case("forward", 1, 300).clip
    state, clip = {name: tensor.numpy() for name, tensor in model.state_dict().items()}, torch.from_numpy(array)
    with torch.inference_mode():
        error = np.max(np.abs(reference.forward(state, array) - model(clip).numpy()))
        calls = {NUMPY: lambda: reference.forward(state, array), TWIN: lambda: model(clip)}
        seconds = alternate(calls, rounds, time.process_time)
    machine = describe()
    print(f"{machine['processor']}, one thread; NumPy {machine['NumPy']}; PyTorch {machine['PyTorch']}")
    for name, mine in seconds.items():
        print(f"{name:16}{1e3 * statistics.median(mine):6.0f} ms")
    low, middle, high = spread(a / b for a, b in zip(seconds[NUMPY], seconds[TWIN], strict=True))
    print(f"NumPy / twin    {middle:6.2f}    (half of the {rounds} pairs: {low:.2f} to {high:.2f})")
    print(f"largest difference of the logits: {error:.1e}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
