"""Batches of clips, the same whatever the number of workers and processes.

A training clip depends on (seed, pass, its place in the fold) and on nothing else; the order of a pass on (seed, pass).
(An epoch is one pass through the fold, or several through a small one.) Of each global batch, process r of R takes the
clips r, r + R, r + 2R ...
"""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from reference import load_clips

from .inputs import ClipMaker

# Squares of larger numbers overflow in float32, and a batch norm would silently forget everything else.
_LARGEST = 1e15


class ClipSet(Dataset):
    """Clips of some rows of a set. Indexed by (pass, place): (clip, label, place).

    In training a clip is (C, T, V, M), in evaluation (views, C, T, V, M).

    source     what load_clips takes
    sequences  the Sequences of that source
    rows       (n, 3): sequence, first frame, frame after the last, as in protocols.Fold
    settings   InputSettings
    seed       of the random variations; None: clips as in evaluation, whatever the pass
    labels     (n,), if they are not the set's own
    """

    def __init__(self, source, sequences, rows, settings, seed=None, labels=None):
        self.source, self.rows, self.seed = source, rows, seed
        self.labels = sequences.label[rows[:, 0]] if labels is None else labels
        self.make = ClipMaker(settings, sequences.channels, sequences.skeleton)
        self.sequences = sequences

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, key):
        number, place = key
        s, start, stop = self.rows[place].tolist()
        frames = self.sequences.clip(s)[0, :, start:stop].transpose(1, 3, 2, 0)  # (T, M, V, C)
        if self.seed is None:
            clip = self.make.views(frames)
        else:
            clip = self.make(frames, np.random.default_rng([self.seed, number, place]))
        largest = float(abs(clip).max())
        if not largest < _LARGEST:
            raise ValueError(
                f"{self.name(place)} holds a number of the size {largest:.3g}: no coordinate is that large"
            )
        return torch.from_numpy(clip), int(self.labels[place]), place

    def name(self, place):
        """What a message calls a clip."""
        s, start, _ = self.rows[place].tolist()
        name = self.sequences.name
        return f"sequence {s}" + ("" if name is None else f" ({name[s]})") + (f" from frame {start}" if start else "")

    def __getstate__(self):
        # A worker opens the set itself: pickled, memory-mapped frames would travel whole.
        return self.__dict__ | {"sequences": None}

    def __setstate__(self, state):
        self.__dict__ = state | {"sequences": load_clips(state["source"])}


def epoch_batches(n, batch, seed, epoch, passes=1):
    """The global batches of an epoch: each a list of `batch` keys (pass, place).

    Each pass goes through the n places in a random order of its own. What does not fill a batch at the end of the epoch
    is left out.
    """
    keys = []
    for number in range(epoch * passes, (epoch + 1) * passes):
        keys += [(number, place) for place in np.random.default_rng([seed, number]).permutation(n).tolist()]
    return [keys[start : start + batch] for start in range(0, len(keys) - batch + 1, batch)]


def training_loader(clips, batch, epoch, *, passes=1, first=0, rank=0, world=1, workers=0, pin=False):
    """This process's share of the batches of an epoch, from batch `first` on."""
    batches = epoch_batches(len(clips), batch, clips.seed, epoch, passes)[first:]
    return _loader(clips, [keys[rank::world] for keys in batches], workers, pin)


def evaluation_loader(clips, batch, *, rank=0, world=1, workers=0, pin=False):
    """This process's share of all clips, each once, in batches."""
    places = range(rank, len(clips), world)
    batches = [[(0, place) for place in places[start : start + batch]] for start in range(0, len(places), batch)]
    return _loader(clips, batches, workers, pin)


def _loader(clips, batches, workers, pin):
    # With a generator of its own, the loader leaves PyTorch's alone: dropout does not depend on it.
    return DataLoader(clips, batch_sampler=batches, num_workers=workers, pin_memory=pin, generator=torch.Generator())
