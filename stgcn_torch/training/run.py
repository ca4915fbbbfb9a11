"""One training: from a fold and a recipe to weights. It can be killed at any moment and goes on to the same end.

Nothing random is carried from step to step: the order of an epoch, the variations of a clip and the dropout of a step
are each drawn from a seed made of the training's seed and the place (epoch, clip, step). So a checkpoint needs no
states of generators: weights, the optimiser's momenta and the place are all there is.
"""

import copy
import time
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - its usual name
from torch.nn.parallel import DistributedDataParallel

from reference import save_state

from ..model import STGCN
from .batches import ClipSet, training_loader
from .checkpoint import check_same_settings, read_checkpoint, write_checkpoint, write_json
from .distributed import sum_over_processes, synchronise_batch_norms
from .evaluation import evaluate
from .failures import check_finite, memory_explained, not_finite
from .presets import rate_at
from .progress import Progress

DTYPES = {"float32": torch.float32, "float64": torch.float64}
AUTOCAST = {"none": None, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Options:
    """What a training is run with, beside its recipe.

    seed                of everything random
    dtype               of weights and clips: float32 or float64
    autocast            of the products on the way: bfloat16, or none
    compile             torch.compile the network
    workers             processes that make clips, for each process that trains; 0: it makes them itself
    test_every          evaluate after every so many epochs, and after the last
    checkpoint_seconds  how often a checkpoint is written within an epoch; 0: after every step
    resume              go on from the checkpoint in the folder, if there is one
    curves              draw curves.svg while it runs
    """

    seed: int = 0
    dtype: str = "float32"
    autocast: str = "none"
    compile: bool = False
    workers: int = 0
    test_every: int = 1
    checkpoint_seconds: float = 300.0
    resume: bool = False
    curves: bool = True


class Training:
    """A fold of a set trained by a recipe, in the folder `out`: `run()` does it.

    recipe     presets.Recipe
    source     what load_clips takes; sequences: its Sequences
    fold       protocols.Fold; protocol: plain values that say how it was made, kept with the weights
    out        checkpoint.pt, weights.safetensors, log.csv, result.json and curves.svg go there; with processes on
               several machines a folder that all of them see, or they could not resume
    processes  distributed.Processes
    options    Options

    Raises FileExistsError if `out` has a training already and `resume` was not asked for, and ValueError for settings
    that do not fit the set, the number of processes or the checkpoint.
    """

    def __init__(self, recipe, source, sequences, fold, protocol, out, processes, options):
        self.recipe, self.options, self.processes, self.out = recipe, options, processes, Path(out)
        self.clips = ClipSet(source, sequences, fold.train, recipe.inputs, options.seed)
        self.test_clips = ClipSet(source, sequences, fold.test, recipe.inputs)
        self.whole_test_clips = ClipSet(source, sequences, fold.test, replace(recipe.inputs, test_views=1))
        self.class_names = sequences.class_names.tolist()
        self.batch = batch_size(recipe.batch, len(self.clips), processes.world)
        self.passes = max(1, round(recipe.least_clips / len(self.clips)))
        self.batches = self.passes * len(self.clips) // self.batch
        self.settings = {
            "recipe": _plain(asdict(recipe)), "protocol": protocol, "fold": fold.name, "seed": options.seed,
            "dtype": options.dtype, "autocast": options.autocast, "compile": options.compile,
            "data": describe(sequences), "class_names": self.class_names,
            "joint_names": sequences.joint_names.tolist(), "channels": self.clips.make.channels,
        }  # fmt: skip
        self._make_deterministic()
        self._build(sequences.skeleton)
        self.place = {"epoch": 0, "batch": 0, "loss": 0.0, "right": 0, "seconds": 0.0}  # sums of the epoch so far
        self.rows = []
        self._restore()

    def _make_deterministic(self):
        if self.processes.device.type == "cuda":
            torch.backends.cudnn.benchmark = False
            torch.use_deterministic_algorithms(True, warn_only=True)

    def _build(self, skeleton):
        recipe, device = self.recipe, self.processes.device
        torch.manual_seed(self.options.seed)
        model = STGCN(
            len(self.class_names), len(self.clips.make.clip_channels), skeleton,
            recipe.strategy, recipe.normalization, recipe.layers,
            edge_importance=recipe.edge_importance, dropout=recipe.dropout,
        )  # fmt: skip
        self.model = model.to(device, DTYPES[self.options.dtype])
        self.averaged = copy.deepcopy(self.model) if recipe.averaging else self.model  # what is evaluated and saved
        self.network = self.model
        if self.processes.world > 1:
            synchronise_batch_norms(self.model)
            self.network = DistributedDataParallel(self.model, broadcast_buffers=False)
        if self.options.compile:
            self.network = torch.compile(self.network)
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), recipe.rate, recipe.momentum,
            weight_decay=recipe.weight_decay, nesterov=recipe.nesterov and recipe.momentum > 0,
        )  # fmt: skip

    def _restore(self):
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        if not self.options.resume:
            raise FileExistsError(f"{self.out} has a training already: add --resume to go on with it, or name another")
        entries = read_checkpoint(path, self.processes.device)
        check_same_settings(path, entries["settings"], self.settings)
        self.model.load_state_dict(entries["model"])
        self.averaged.load_state_dict(entries["averaged"])
        self.optimizer.load_state_dict(entries["optimizer"])
        self.place, self.rows = entries["place"], entries["rows"]

    def run(self):
        """Train to the end: the Result on the test clips after the last epoch."""
        first = self.processes.first
        if first:
            self.out.mkdir(parents=True, exist_ok=True)
            write_json(self.out / "settings.json", self.settings)
        clips = self.batches * self.batch
        progress = Progress(self.out, self.recipe.epochs, clips, first, self.options.curves)
        progress.at(self.place["epoch"] * clips + self.place["batch"] * self.batch)
        try:
            result = None
            while self.place["epoch"] < self.recipe.epochs:
                self._train_epoch(progress)
                epochs, result = self.place["epoch"] + 1, None
                if epochs == self.recipe.epochs:
                    result = self._evaluate(self.test_clips)
                elif epochs % self.options.test_every == 0:
                    result = self._evaluate(self.whole_test_clips)
                self._end_epoch(result)
                progress.epoch(self.rows)
            result = result or self._evaluate(self.test_clips)  # resumed after the end
            if first:
                self._save_weights()
                write_json(self.out / "result.json", result.as_dict())
        finally:
            progress.close(self.rows)
        return result

    def _train_epoch(self, progress):
        """The batches of an epoch from `place` on."""
        place, device = self.place, self.processes.device
        self.network.train()
        loader = training_loader(
            self.clips, self.batch, place["epoch"], passes=self.passes, first=place["batch"], rank=self.processes.rank,
            world=self.processes.world, workers=self.options.workers, pin=device.type == "cuda",
        )  # fmt: skip
        started, written = time.monotonic() - place["seconds"], time.monotonic()
        for clip, label, places in loader:
            clip = clip.to(device, DTYPES[self.options.dtype], non_blocking=True)
            with memory_explained(clip.shape, self.processes):
                loss, right = self._step(clip, label.to(device, non_blocking=True), places)
            place["batch"] += 1
            place["loss"] += loss
            place["right"] += right
            place["seconds"] = time.monotonic() - started
            seen = place["batch"] * self.batch
            progress.step(place["epoch"] + 1, self.batch, place["loss"] / seen, place["right"] / seen)
            if time.monotonic() - written >= self.options.checkpoint_seconds:
                self._write_checkpoint()
                written = time.monotonic()

    def _step(self, clip, label, places):
        """One step of gradient descent: the sum of losses and of right answers over the global batch, before it."""
        epoch, batch = self.place["epoch"], self.place["batch"]
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(epoch, batch)
        step = epoch * self.batches + batch
        torch.manual_seed(_seed_of(self.options.seed, step, self.processes.rank))  # of dropout
        autocast = AUTOCAST[self.options.autocast]
        with torch.autocast(clip.device.type, autocast, enabled=autocast is not None):
            logits = self.network(clip)
        logits = logits.to(clip.dtype)
        loss = F.cross_entropy(logits, label, label_smoothing=self.recipe.label_smoothing)
        with torch.no_grad():
            right = (logits.argmax(dim=1) == label).sum()
            sums = sum_over_processes(torch.stack([loss.double() * len(label), right.double()])).tolist()
        if not np.isfinite(sums[0]):
            raise not_finite(sums[0], clip, places, self.clips, self._when())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # every process has as many clips, so the mean of their gradients is that of the global batch
        self.optimizer.step()
        self._average(step)
        return sums[0], int(sums[1])

    @torch.no_grad()
    def _average(self, step):
        """Move the averaged weights and statistics a little towards those of this step."""
        if self.averaged is self.model:
            return
        share = max(1 - self.recipe.averaging, 1 / (step + 1))  # at first a plain mean: the start is soon forgotten
        now = self.model.state_dict()
        for name, mean in self.averaged.state_dict().items():
            if mean.is_floating_point():
                mean.lerp_(now[name], share)

    def _evaluate(self, clips):
        return evaluate(
            self.averaged, clips, self.class_names, batch=self.batch // self.processes.world,
            processes=self.processes, autocast=AUTOCAST[self.options.autocast], workers=self.options.workers,
        )  # fmt: skip

    def _end_epoch(self, result):
        """Add the row of the log, and write everything that has to outlive this process. result: None if not tested."""
        place, seen = self.place, self.batches * self.batch
        row = {
            "epoch": place["epoch"] + 1, "rate": self._rate(place["epoch"], self.batches - 1),
            "train_loss": place["loss"] / seen,
            "train_accuracy": place["right"] / seen,
            "test_loss": None if result is None else result.loss,
            "test_accuracy": None if result is None else result.top1,
            "clips_per_second": seen / max(place["seconds"], 1e-9), "seconds": place["seconds"],
        }  # fmt: skip
        self.rows.append(row)
        self.place = {"epoch": place["epoch"] + 1, "batch": 0, "loss": 0.0, "right": 0, "seconds": 0.0}
        self._write_checkpoint()

    def _write_checkpoint(self):
        check_finite(self.model, self._when())
        if self.processes.first:
            entries = {
                "settings": self.settings, "model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(), "place": self.place, "rows": self.rows,
            }  # fmt: skip
            write_checkpoint(self.out / "checkpoint.pt", entries)

    def _save_weights(self):
        state = {name: tensor.detach().cpu().numpy() for name, tensor in self.averaged.state_dict().items()}
        save_state(state, self.out / "weights.safetensors", self.settings)

    def _when(self):
        epoch, batch = self.place["epoch"], self.place["batch"]
        step, rate = epoch * self.batches + batch + 1, self._rate(epoch, batch)
        return f"step {step} (epoch {epoch + 1}, batch {batch + 1}), learning rate {rate:.3g}"

    def _rate(self, epoch, batch):
        """The learning rate of a batch: that of its middle, so that none of a warm-up's is zero."""
        return rate_at(self.recipe, epoch + (batch + 0.5) / self.batches)


def batch_size(asked, clips, world):
    """Clips in a global batch: as many as asked, or all there are; the same number for each process, two at least."""
    batch = min(asked, clips)
    if batch % world or batch < 2 * world:
        raise ValueError(
            f"a batch of {batch} ({asked} asked, {clips} clips to train on) cannot be shared by {world} process"
            f"{'es' if world > 1 else ''}: each needs as many clips, and two or more"
        )
    return batch


def describe(sequences):
    """What tells one set from another: sizes, and a check sum of lengths and labels."""
    check = zlib.crc32(sequences.label.astype("<i8").tobytes(), zlib.crc32(sequences.offset.astype("<i8").tobytes()))
    return {"sequences": len(sequences), "frames": len(sequences.frames), "check": check}


def _seed_of(*numbers):
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


def _plain(entries):
    """Tuples as lists, as they come back from JSON."""
    if isinstance(entries, dict):
        return {name: _plain(value) for name, value in entries.items()}
    return [_plain(value) for value in entries] if isinstance(entries, (list, tuple)) else entries
