"""Batches of clips, the same whatever the number of workers and processes.

A training clip depends on (seed, pass, its place in the fold) and on nothing else; the order of a pass on (seed, pass).
(An epoch is one pass through the fold, or several through a small one.) Of each global batch, process r of R takes the
clips r, r + R, r + 2R ...
"""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from reference import load_clips
from reference.preparation import LARGEST
from reference.variations import partners

from .augment import VaryingClipMaker


class ClipSet(Dataset):
    """Clips of some rows of a set. Indexed by (pass, place): (clip, label, place).

    In training a clip is (C, T, V, M), in evaluation (views, C, T, V, M).

    source     what load_clips takes
    sequences  the Sequences of that source
    rows       (n, 3): sequence, first frame, frame after the last, as in protocols.Fold
    settings   reference.input_settings.InputSettings
    seed       of the random variations; None: clips as in evaluation, whatever the pass
    labels     (n,), if they are not the set's own
    skeleton   the Skeleton to make clips with, if it is not the set's own
    """

    def __init__(self, source, sequences, rows, settings, seed=None, labels=None, skeleton=None):
        self.source, self.rows, self.seed = source, rows, seed
        self.labels = sequences.label[rows[:, 0]] if labels is None else labels
        self.skeleton = skeleton or sequences.skeleton
        self.make = VaryingClipMaker(settings, sequences.channels, self.skeleton)
        self.other_side = partners(sequences.class_names) if settings.mirror and seed is not None else None
        self.sequences = sequences

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, key):
        number, place = key
        label = int(self.labels[place])
        if self.seed is None:
            return self.views([place])[0], label, place
        rng = np.random.default_rng([self.seed, number, place])
        mirror = self.other_side is not None and rng.random() < self.make.settings.mirror
        clip = self.make.varied(self._sequence(place), rng, mirror=mirror)
        return self._checked(clip, place), int(self.other_side[label]) if mirror else label, place

    def views(self, places):
        """The clips of several places as in evaluation, made together where that is faster."""
        made = self.make.views_of_each(map(self._sequence, places))
        return [self._checked(clip, place) for clip, place in zip(made, places, strict=True)]

    def _sequence(self, place):
        s, start, stop = self.rows[place].tolist()
        return self.sequences.clip(s)[0, :, start:stop]  # (C, T, V, M)

    def _checked(self, clip, place):
        largest = float(abs(clip).max())
        if not largest < LARGEST:
            raise ValueError(
                f"{self.name(place)} holds a number of the size {largest:.3g}: no coordinate is that large"
            )
        return torch.from_numpy(clip)

    def left_out(self, place):
        """How many persons of a clip have no place in it, because the network takes fewer."""
        fits = self.sequences.frames.shape[1] <= self.make.settings.persons  # then it need not be read again
        return 0 if fits else self.make.left_out(self._sequence(place))

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


def epoch_size(recipe, clips, world):
    """Of an epoch: the clips of a global batch, the passes through so many clips to train on, and the steps."""
    batch = batch_size(recipe.batch, clips, world)
    passes = max(1, round(recipe.least_clips / clips))
    return batch, passes, passes * clips // batch


def batch_size(asked, clips, world):
    """Clips in a global batch: as many as asked, or all there are; the same number for each process, two at least."""
    batch = min(asked, clips)
    if batch % world or batch < 2 * world:
        raise ValueError(
            f"a batch of {batch} ({asked} asked, {clips} clips to train on) cannot be shared by {world} process"
            f"{'es' if world > 1 else ''}: each needs as many clips, and two or more"
        )
    return batch


def epoch_batches(n, batch, seed, epoch, passes=1):
    """The global batches of an epoch: each a list of `batch` keys (pass, place).

    Each pass goes through the n places in a random order of its own. What does not fill a batch at the end of the epoch
    is left out.
    """
    keys = []
    for number in range(epoch * passes, (epoch + 1) * passes):
        keys += [(number, place) for place in np.random.default_rng([seed, number]).permutation(n).tolist()]
    return [keys[start : start + batch] for start in range(0, len(keys) - batch + 1, batch)]


def training_loader(clips, batch, epoch, processes, passes=1, first=0, workers=0):
    """This process's share of the batches of an epoch, from batch `first` on. processes: distributed.Processes."""
    batches = epoch_batches(len(clips), batch, clips.seed, epoch, passes)[first:]
    return _loader(clips, [keys[processes.rank :: processes.world] for keys in batches], processes, workers)


def evaluation_loader(clips, batch, processes, *, workers=0):
    """This process's share of all clips, each once, in batches."""
    places = range(processes.rank, len(clips), processes.world)
    batches = [[(0, place) for place in places[start : start + batch]] for start in range(0, len(places), batch)]
    return _loader(clips, batches, processes, workers)


def _loader(clips, batches, processes, workers):
    # With a generator of its own, the loader leaves PyTorch's alone: dropout does not depend on it.
    return DataLoader(
        clips, batch_sampler=batches, num_workers=min(workers, len(batches)),  # more would have nothing to do
        pin_memory=processes.device.type == "cuda",
        generator=torch.Generator(),
    )  # fmt: skip
