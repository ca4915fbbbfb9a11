"""Time an epoch of the narrow network against the same network written the plain way: python tests/benchmarks/epoch.py.

An epoch is 18 steps of 16 clips, as in a set of 284 (MSR-Action3D's training subjects): 3 channels, 32 frames, 20
joints, one person. Forward, backward and a step, one thread, by CPU time; twin and plain form alternate.
"""

import os

# Read by the BLAS libraries when they are loaded, so before NumPy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import statistics
import time

import torch
from contestants import PLAIN, TWIN, training_step
from machine import describe
from measure import alternate, spread
from plain import PlainSTGCN

from stgcn_torch import STGCN
from stgcn_torch.training.recipes import PRESETS

STEPS, CLIPS, ROUNDS = 18, 16, 7


def main():
    """Print seconds for each form in float32 and under bfloat16 autocast, and their ratios."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    recipe = PRESETS["narrow"]
    clip, labels = torch.randn(CLIPS, 3, 32, 20, 1), torch.arange(CLIPS)
    print(f"{describe()['processor']}, one thread; PyTorch {torch.__version__}")
    for autocast in (False, True):
        model = STGCN(20, 3, "kinect_20", layers=recipe.layers, dropout=0.2)
        forms = {TWIN: model, PLAIN: PlainSTGCN(model)}
        steps = {name: training_step(form, clip, labels, autocast=autocast) for name, form in forms.items()}
        epochs = {name: lambda step=step: [step() for _ in range(STEPS)] for name, step in steps.items()}
        seconds = alternate(epochs, ROUNDS, time.process_time)
        low, middle, high = spread(a / b for a, b in zip(seconds[TWIN], seconds[PLAIN], strict=True))
        times = ", ".join(f"{name} {statistics.median(mine):.2f} s" for name, mine in seconds.items())
        kind = "bfloat16 autocast" if autocast else "float32"
        print(f"{kind:18} {times}; twin / plain {middle:.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
