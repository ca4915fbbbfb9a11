"""A training that leaves nothing behind: silent, in a folder that is gone afterwards. For notebooks and quick tries."""

import contextlib
import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch

from .distributed import start
from .evaluation import Result
from .run import DTYPES, Options, Training
from .trained import Trained


class Trial(NamedTuple):
    """What a training arrived at, and how it went: one mapping of numbers for each epoch, as in log.csv."""

    trained: Trained
    result: Result
    rows: list


def train_once(recipe, sequences, fold, *, seed=0, dtype="float64", labels=None):
    """Train on one fold of a set, on the CPU: a Trial.

    recipe, fold  presets.Recipe, protocols.Fold
    sequences     Sequences, as `load_clips` gives them
    seed          of everything random
    dtype         float64 rounds so little that another machine prints the same digits; weights are drawn in it, too
    labels        of the training rows, (n,), if they are not to be the set's own

    Raises what Training raises, TrainingError for a loss that is no number among it.
    """
    silent = contextlib.redirect_stdout(io.StringIO())
    with tempfile.TemporaryDirectory() as folder, silent, _default_dtype(DTYPES[dtype]):
        options = Options(seed=seed, dtype=dtype, curves=False)
        training = Training(recipe, sequences.title, sequences, fold, {}, folder, start("cpu"), options)
        if labels is not None:
            training.clips.labels = labels
        result = training.run()
        return Trial(Trained.load(Path(folder) / "weights.safetensors"), result, training.rows)


@contextlib.contextmanager
def _default_dtype(dtype):
    """Where PyTorch draws weights in this dtype: in float32 the last bits of a draw depend on the processor."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
