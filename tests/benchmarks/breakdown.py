"""Where the time of one forward goes: python tests/benchmarks/breakdown.py, one thread, N 1, T 300, ten forwards.

For the NumPy reference the functions of reference/, each without those it calls (cProfile), and the speed of its
temporal convolutions' matrix products alone; for the fused twin PyTorch's operators (torch.profiler). The shares are
stable on a busy machine, the speeds less so.
"""

import os

# Read by the BLAS libraries when they are loaded, so before NumPy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import cProfile
import pstats
import time
from pathlib import Path

import numpy as np
import torch
from contestants import Case, M, V, new_model

import reference

CASE, FORWARDS, SHOWN = Case("forward", 1, 300), 10, 7


def of_numpy():
    """Print the shares of the reference's functions."""
    state = {name: tensor.numpy() for name, tensor in new_model().state_dict().items()}
    reference.forward(state, CASE.clip)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(FORWARDS):
        reference.forward(state, CASE.clip)
    profile.disable()
    stats = pstats.Stats(profile)
    own = {}
    for (path, _, function), (_, _, seconds, _, _) in stats.stats.items():
        place = f"{Path(path).name}: {function}" if "reference" in Path(path).parts else f"NumPy's {function}"
        own[place] = own.get(place, 0) + seconds
    print(f"NumPy reference, {1e3 * stats.total_tt / FORWARDS:.0f} ms")
    _print_shares(own)


def of_fused():
    """Print the shares of the fused twin's operators."""
    fused, clip = new_model().eval().fuse(), torch.from_numpy(CASE.clip)
    with torch.inference_mode():
        fused(clip)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            for _ in range(FORWARDS):
                fused(clip)
    own = {event.key: event.self_cpu_time_total / 1e6 for event in profile.key_averages()}
    print(f"\nFused twin, {1e3 * sum(own.values()) / FORWARDS:.0f} ms")
    _print_shares(own)


def of_products():
    """Print the speed of a tap's matrix product, (C_out, C_in) x (M, C_in, T·V), and of a large one."""
    print("\nMatrix products of NumPy, GFLOP/s; PyTorch's in brackets")
    for C, T in ((64, 300), (128, 150), (256, 75)):
        _print_speed(f"{C} x {C} with {C} x {T * V}, twice", (C, C), (M, C, T * V))
    _print_speed("1536 x 1536 with 1536 x 1536", (1536, 1536), (1536, 1536))


def _print_speed(words, *shapes):
    a, b = (np.random.default_rng(0).standard_normal(shape).astype(np.float32) for shape in shapes)
    flop = 2 * a.shape[0] * b.size
    numpy = flop / min(_seconds(lambda: a @ b) for _ in range(9)) / 1e9
    ta, tb = torch.from_numpy(a), torch.from_numpy(b)
    pytorch = flop / min(_seconds(lambda: ta @ tb) for _ in range(9)) / 1e9
    print(f"  {words:40} {numpy:5.0f} ({pytorch:.0f})")


def _seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def _print_shares(own):
    total = sum(own.values())
    for place, seconds in sorted(own.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"  {place:55} {seconds / total:5.0%}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    of_numpy()
    of_fused()
    of_products()
