"""Raw recordings read by several processes: in Python, reading one takes longer than most networks take to answer."""

import os
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context

from .formats import load_raw

FEWEST = 32  # recordings for which other processes, that take half a second to start, are worth while


def read_ahead(loads, processes=None):
    """For every function of an iterable, in their order, a function that gives its result or raises what it raised.

    Those that `open_recordings` returns for raw files are called in other processes, a few ahead of what is asked for,
    so that memory holds these few. All others, and all if there are few or one process, are called here.

    processes  how many; as many as processors, unless given
    """
    loads = list(loads)
    processes = processes or min(8, getattr(os, "process_cpu_count", os.cpu_count)() or 1)
    if processes == 1 or sum(map(_is_raw, loads)) < FEWEST:
        yield from loads
        return
    with ExitStack() as stack:
        # Spawned: a fork would copy the locks of PyTorch's threads as they happen to be.
        pool = ProcessPoolExecutor(processes, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
        stack.callback(pool.shutdown, cancel_futures=True)
        ahead = deque()
        for load in loads:
            ahead.append(partial(_result, pool.submit(load), load) if _is_raw(load) else load)
            if len(ahead) > 8 * processes:
                yield ahead.popleft()
        yield from ahead


def _is_raw(load):
    return isinstance(load, partial) and load.func is load_raw


def _result(future, load):
    try:
        return future.result()
    except BrokenProcessPool:  # the processes were killed, or cannot be started
        return load()
