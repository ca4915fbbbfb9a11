"""Measure in a process of its own, and print the result as JSON: bench.py starts one for each number of threads.

    python measure.py times '{"threads": 1, "device": "cpu", "cases": [["forward", 1, 300, 21]], ...}'
    python measure.py windows '{"threads": 1, "kind": "fused", "frames": 20000}'
    python measure.py memory '{"threads": 1}'
    python measure.py stream '{"threads": 1}'

BLAS libraries read OMP_NUM_THREADS when they are loaded, so bench.py sets it for the process.

Contestants alternate (A B C A B C ...), so whatever else the machine does falls on all of them, and every round has a
matrix product of its own: the machine's peak at that moment. One thread is timed by the CPU time it used, which other
programs do not lengthen; several threads and a GPU by the clock. Then each call starts after a pause: the threads of
OpenBLAS and ONNX Runtime wait actively for more work, and would keep a core from whoever comes next.
"""

import gc
import json
import resource
import statistics
import sys
import time
import tracemalloc

import numpy as np
import torch
from contestants import IN_BFLOAT16, NUMPY, PLAIN, TWIN, C, Case, M, V, contestants, new_model
from engines import ABSENT
from machine import multiplies_bfloat16

import reference
from stgcn_torch import Stream, forward_in_windows

PEAK = "matrix product"
IN_NUMPY = ", NumPy"
PAUSE = 0.1  # seconds
SIZE = 1536  # of the square matrices of that product: out of the first caches, and over in a tenth of a second


def times(options):
    """Every case, measured: a list of {"case", "rounds", "rows": {name: {"ms", "twin", "plain", "peak"}}, "absent"}."""
    device, threads = options["device"], options["threads"]
    results = []
    for task, N, T, rounds in options["cases"]:
        case = Case(task, N, T)
        print(f"measuring: {case}, {device}, {threads} thread(s) ...", file=sys.stderr, flush=True)
        calls = contestants(case, device, threads, options["compiled"])
        pause = 0 if threads == 1 else PAUSE
        seconds = alternate({**products(device), **calls}, rounds, timer(device, threads), pause)
        results.append(
            {"case": str(case), "rounds": rounds, "rows": rows(seconds, case.multiply_adds), "absent": ABSENT}
        )
    return results


def products(device):
    """The matrix products whose speed counts as the peak: PyTorch in float32 and, where it is fast, bfloat16; NumPy."""
    torch.manual_seed(0)
    a, b = torch.randn(2, SIZE, SIZE, device=device)
    calls = {PEAK: lambda: a @ b}
    if multiplies_bfloat16(device):
        halves = a.bfloat16(), b.bfloat16()
        calls[PEAK + IN_BFLOAT16] = lambda: halves[0] @ halves[1]
    if device == "cpu":
        arrays = a.numpy(), b.numpy()
        calls[PEAK + IN_NUMPY] = lambda: arrays[0] @ arrays[1]
    return calls


def timer(device, threads):
    """A function without arguments: seconds, with all work done that was asked for."""
    if device == "cpu":
        return time.process_time if threads == 1 else time.perf_counter

    def clock():
        torch.cuda.synchronize()
        return time.perf_counter()

    return clock


def alternate(calls, rounds, clock, pause=0):
    """{name: [seconds, ...]} of so many rounds; in each, every function runs once. One run before does not count.

    pause  seconds before each call
    """
    seconds = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            time.sleep(pause)
            start = clock()
            call()
            seconds[name].append(clock() - start)
    return seconds


def rows(seconds, multiply_adds):
    """The figures of every contestant: median time, and ratios round by round as [lower quartile, median, upper].

    "twin" and "plain" say how many times as fast as that contestant, "peak" which share of the matrix product's speed,
    in the same number format and for NumPy in NumPy.
    """
    figures = {}
    for name, mine in seconds.items():
        if name.startswith(PEAK):
            figures[name] = {"GFLOP/s": 2 * SIZE**3 / statistics.median(mine) / 1e9}
            continue
        kind = IN_BFLOAT16 if "bfloat16" in name else IN_NUMPY if name.startswith(NUMPY) else ""
        product = seconds[PEAK + kind]
        share = multiply_adds / SIZE**3
        figures[name] = {
            "ms": 1e3 * statistics.median(mine),
            "twin": spread(a / b for a, b in zip(seconds[TWIN], mine, strict=True)),
            "plain": spread(a / b for a, b in zip(seconds[PLAIN], mine, strict=True)),
            "peak": spread(share * a / b for a, b in zip(product, mine, strict=True)),
        }
    return figures


def spread(ratios):
    """[lower quartile, median, upper quartile]."""
    return [float(quantile) for quantile in np.quantile(list(ratios), (0.25, 0.5, 0.75))]


def windows(options):
    """One long sequence in windows: the seconds, and by how many MB the process grew beyond a short clip's needs."""
    torch.set_num_threads(options["threads"])
    model = new_model().eval()
    if options["kind"] == "fused":
        fused = model.fuse()
        run = lambda clip: forward_in_windows(fused, torch.from_numpy(clip))  # noqa: E731
    else:
        state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        run = lambda clip: reference.forward_in_windows(state, clip)  # noqa: E731
    clip = np.random.default_rng(0).standard_normal((1, C, options["frames"], V, M)).astype(np.float32)
    run(clip[:, :, :16])
    gc.collect()
    before, start = resident(), timer("cpu", options["threads"])()
    run(clip)
    return {"seconds": timer("cpu", options["threads"])() - start, "MB": resident() - before}


def resident():
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def memory(_options):
    """The peak of NumPy's arrays in the reference's forward of N 1, T 300, in MB; the weights are not counted."""
    state = {name: tensor.numpy() for name, tensor in new_model().state_dict().items()}
    clip = Case("forward", 1, 300).clip
    tracemalloc.start()
    reference.forward(state, clip)
    return {"MB": tracemalloc.get_traced_memory()[1] / 1e6}


def stream(_options, window=64, every=16):
    """What a frame costs live, in ms: the fused twin, answers about the last `window` frames after `every` of them."""
    live = Stream(new_model().eval().fuse(), window, every)
    frames = np.moveaxis(Case("forward", 1, 2 * window).clip[0], 1, 0)
    for frame in frames[:window]:
        live.push(frame)
    start = time.process_time()
    for frame in frames[window:]:
        live.push(frame)
    return {"window": window, "every": every, "ms": 1e3 * (time.process_time() - start) / window}


if __name__ == "__main__":
    task, options = sys.argv[1], json.loads(sys.argv[2])
    torch.set_num_threads(options["threads"])
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    print(json.dumps({"times": times, "windows": windows, "memory": memory, "stream": stream}[task](options)))
