"""What a training says when it cannot go on."""

import functools
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from reference import load_clips, load_settings

_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


STOPPED = 75  # the exit status of a training that a signal stopped: "try again later" in sysexits.h


class TrainingError(RuntimeError):
    """A training that cannot go on, with what to do about it."""


class Stopped(Exception):  # noqa: N818 - nothing is wrong
    """A training that signals stopped, and that can go on. signals: their names, none if of another process; when"""

    def __init__(self, signals, when):
        super().__init__(f"stopped by {' '.join(signals) or 'another process'} at {when}: the checkpoint is written")


@contextmanager
def stop_signals():
    """Within it, SIGTERM and SIGUSR1, by which a scheduler announces the end, only add their names to a list."""
    came, before = [], {}
    if threading.current_thread() is threading.main_thread():  # elsewhere Python sets no handlers
        for number in (getattr(signal, name) for name in ("SIGTERM", "SIGUSR1") if hasattr(signal, name)):
            before[number] = signal.signal(number, lambda number, _: came.append(signal.Signals(number).name))
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def reporting(command):
    """Decorator: command(options, processes) -> f(options), the exit status; 1 after a True that is returned.

    Errors that a user can mend become one line on stderr and an exit status.
    """

    @functools.wraps(command)
    def reported(options):
        processes = None
        try:
            _refuse_early(options)
            from .distributed import start, stop

            processes = start(options.device)
            failed = command(options, processes)
        except KeyboardInterrupt:
            hint = "; --resume goes on from the last checkpoint" if options.command == "train" else ""
            print(f"\ninterrupted{hint}", file=sys.stderr)
            return 130
        except Stopped as stopped:
            if processes.first:
                print(f"{stopped}; --resume goes on from it", file=sys.stderr)
            return STOPPED
        except Exception as error:
            words = _explained(error)
            if words is None:
                raise
            where = "" if processes is None or processes.first else f" (process {processes.rank})"
            print(f"python -m stgcn_torch {options.command}{where}: {words}", file=sys.stderr)
            return 1  # without waiting for the other processes: torchrun ends them
        stop()
        return 1 if failed else 0

    return reported


def _refuse_early(options):
    """Raises, before PyTorch is imported, which takes seconds, what reading files that are not there raises."""
    if hasattr(options, "weights"):
        load_settings(options.weights)
    if hasattr(options, "data") and not Path(options.data).exists():
        load_clips(options.data)  # takes the name of an embedded set


def _explained(error):
    """In one line, an error that a user can mend; None for another."""
    if isinstance(error, MemoryError):
        return f"out of memory {error}".strip()
    if isinstance(error, RuntimeError) and "DataLoader worker" in str(error):
        return "a process that makes clips was killed, as happens where memory runs out: try fewer --workers"
    if isinstance(error, (OSError, ValueError, IndexError, TrainingError)):
        return str(error).strip().splitlines()[-1]  # of a worker's error the last line is the error
    return None


@contextmanager
def memory_explained(shape, processes):
    """Turn an allocation that failed into a TrainingError. shape: that of a process's batch (N, C, T, V, M)."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(words in str(error).lower() for words in _NO_MEMORY):
            raise
        N, _, T, V, M = shape
        raise TrainingError(
            f"out of memory on {processes.device} with {N} clips at once, each {T} frames x {V} joints x {M} persons."
            f" The features take memory in proportion to each of these: try --batch {max(2, N * processes.world // 2)}"
            " (and half the rate), fewer --frames, --autocast bfloat16, a recipe with a larger width, or more processes"
        ) from None


def not_finite(loss, clip, places, clips, when):
    """The TrainingError for a loss that is not a number: when it came, and the clip that is likeliest to blame.

    With one extreme clip, the statistics of the batch norms spoil all of its batch; so the losses do not tell which it
    was, and the largest number in the input does. Every process has to call this; all get the same message.

    clip (N, C, T, V, M), places (N,) in `clips`: of this process;  when: step, epoch and rate, in words
    """
    from torch import distributed

    size = clip.abs().flatten(1).amax(dim=1)
    worst = int(size.argmax())
    found = (float(size[worst]), clips.name(int(places[worst])))
    if distributed.is_initialized():
        everywhere = [None] * distributed.get_world_size()
        distributed.all_gather_object(everywhere, found)
        found = max(everywhere)
    return TrainingError(
        f"the loss is {loss} at {when}. The largest number in the clips of this step is {found[0]:.3g}, in {found[1]}:"
        " if that is no measurement, mend the clip; if it is, the learning rate is too high: try a tenth of it (--rate)"
    )


def check_finite(model, when):
    """Raise TrainingError if a weight or a statistic is not a number: no checkpoint holds what cannot be trained on."""
    import torch

    for name, tensor in model.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise TrainingError(
                f"{name} is no longer finite at {when}: the learning rate is too high: try a tenth of it (--rate)."
                " The last checkpoint is from before that"
            )
