"""One training: from a fold and a recipe to weights. It can be killed at any moment and goes on to the same end.

Nothing random is carried from step to step: the order of an epoch, the variations of a clip and the dropout of a step
are each drawn from a seed made of the training's seed and the place (epoch, clip, step). So a checkpoint needs no
states of generators: weights, the optimiser's momenta and the place are all there is.
"""

import contextlib
import copy
import functools
import io
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - its usual name
from torch.nn.parallel import DistributedDataParallel

from ..model import STGCN
from .batches import ClipSet, epoch_size, training_loader
from .checkpoint import Checkpoint
from .distributed import start, sum_over_processes, synchronise_batch_norms
from .evaluation import Result, evaluate
from .failures import memory_explained, not_finite
from .progress import Progress, write_json
from .recipes import rate_at
from .trained_network import TrainedNetwork, settings_of

CHECKPOINT_SECONDS = 300.0  # how often a checkpoint is written within an epoch
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs to give the same sums every time


class Outcome(NamedTuple):
    """What a training arrived at, and how it went: one mapping of numbers for each epoch, as in log.csv."""

    network: TrainedNetwork
    result: Result
    rows: list


def train(
    recipe, source, sequences, fold, protocol, out, processes, *, seed=0, workers=0, test_every=1, resume=False,
    curves=True, labels=None):  # fmt: skip
    """Train on a fold of a set by a recipe, to the end: the Outcome, with the Result on the test clips after it.

    recipe      recipes.Recipe
    source      what load_clips takes; sequences: its Sequences
    fold        protocols.Fold; protocol: plain values that say how it was made, kept with the weights
    out         checkpoint.pt, weights.safetensors, best.safetensors (see `keep_best`; where there are tests on the
                way), settings.json, made_by.json, log.csv, result.json and curves.svg go there; with processes
                on several machines a folder that all of them see, or they could not resume
    processes   distributed.Processes
    seed        of everything random
    workers     processes that make clips, for each process that trains; 0: it makes them itself
    test_every  evaluate after every so many epochs, and after the last; 0: only after that
    resume      go on from the checkpoint in `out`, if there is one
    curves      draw curves.svg while it trains
    labels      of the training rows, (n,), if they are not to be the set's own

    Raises FileExistsError if `out` has a training already and `resume` was not asked for, ValueError for settings that
    do not fit the set, the number of processes or the checkpoint, TrainingError for a loss that is not finite, and
    Stopped, with the checkpoint written, after a SIGTERM or SIGUSR1 that came within.
    """
    out, recipe = Path(out), recipe.changed({"persons": recipe.inputs.persons or sequences.frames.shape[1]})
    clips = ClipSet(source, sequences, fold.train, recipe.inputs, seed, labels)
    test_clips = ClipSet(source, sequences, fold.test, recipe.inputs)
    whole_test_clips = ClipSet(source, sequences, fold.test, replace(recipe.inputs, test_views=1))
    batch, passes, steps = epoch_size(recipe, len(clips), processes.world)
    settings = settings_of(recipe, protocol, fold, seed, sequences, clips.make.channels)
    network, now, result = *untrained(recipe, settings, clips, sequences.skeleton, processes, out), None
    now.begin(resume)
    evaluated = functools.partial(
        evaluate, now.averaged, class_names=settings["class_names"], batch=batch // processes.world,
        processes=processes, autocast=_autocast(recipe), workers=workers)  # fmt: skip
    with now, Progress(out, recipe.epochs, steps, batch, now, processes.first, curves) as progress:
        while now.epoch < recipe.epochs:
            network.train()
            begun = time.monotonic() - now.seconds
            for clip, label, places in training_loader(clips, batch, now.epoch, processes, passes, now.batch, workers):
                step, rate, when = moment(recipe, now.epoch, now.batch, steps)
                torch.manual_seed(seed_of(seed, step, processes.rank))  # of dropout
                loss, right = descend(network, now.optimizer, recipe, rate, clip, label, processes)
                if not np.isfinite(loss):
                    raise not_finite(loss, clip, places, clips, when)
                average(now.averaged, now.model, recipe.averaging, step)
                now.count(loss, right, time.monotonic() - begun)
                progress.step()
                now.write(when, CHECKPOINT_SECONDS)
            _, rate, when = moment(recipe, now.epoch, steps - 1, steps)  # resumed here, there was no step in this life
            last, due = now.epoch + 1 == recipe.epochs, test_every and (now.epoch + 1) % test_every == 0
            now.write(when, 0 if last or due else np.inf)  # a test may take long, and be interrupted
            result = evaluated(test_clips) if last else evaluated(whole_test_clips) if due else None
            now.end_epoch(rate, steps * batch, result)
            keep_best(out, now, settings, test_every)
            now.write(when)
            progress.epoch()
        result = result or evaluated(test_clips)  # resumed after the end
        network = TrainedNetwork(now.averaged, settings)
        if processes.first:
            write_results(out, network, result)
    return Outcome(network, result, now.rows)


def keep_best(out, now, settings, test_every):
    """Write the weights of a Checkpoint to best.safetensors, if none of the epochs before has as high a test accuracy
    in the log, and some are tested on the way.

    They are chosen on the clips that they are tested on, so their accuracy there flatters: report that of the last.
    """
    tested = [row["test_accuracy"] for row in now.rows if row["test_accuracy"] is not None]
    is_best = test_every and now.rows[-1]["test_accuracy"] is not None and tested[-1] > max(tested[:-1], default=-1)
    if is_best and now.processes.first:
        TrainedNetwork(now.averaged, settings | {"best_epoch": now.epoch}).save(out / "best.safetensors")


def write_results(out, network, result):
    """Write the weights of a TrainedNetwork and its Result on the test clips."""
    network.save(out / "weights.safetensors")
    write_json(out / "result.json", result.as_dict())


def moment(recipe, epoch, batch, steps):
    """A batch of an epoch of so many steps: the number of the step, its learning rate, and both in words."""
    step = epoch * steps + batch
    rate = rate_at(recipe, epoch + (batch + 0.5) / steps)  # of its middle, so that none of a warm-up's is zero
    return step, rate, f"step {step + 1} (epoch {epoch + 1}, batch {batch + 1}), learning rate {rate:.3g}"


def untrained(recipe, settings, clips, skeleton, processes, out):
    """The network with weights drawn from the seed, wrapped for several processes, and the Checkpoint at its start."""
    device = processes.device
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True, warn_only=True)
    torch.manual_seed(settings["seed"])
    model = STGCN(
        len(settings["class_names"]), len(clips.make.clip_channels), skeleton,
        recipe.strategy, recipe.normalization, recipe.layers,
        edge_importance=recipe.edge_importance, dropout=recipe.dropout,
    ).to(device, getattr(torch, recipe.dtype))  # fmt: skip
    averaged = copy.deepcopy(model) if recipe.averaging else model  # what is evaluated and saved
    network = model
    if processes.world > 1:
        synchronise_batch_norms(model)
        network = DistributedDataParallel(model, broadcast_buffers=False)
    if recipe.compile:
        network = torch.compile(network)
    optimizer = torch.optim.SGD(
        model.parameters(), recipe.rate, recipe.momentum,
        weight_decay=recipe.weight_decay, nesterov=recipe.nesterov and recipe.momentum > 0,
    )  # fmt: skip
    return network, Checkpoint(out / "checkpoint.pt", settings, model, averaged, optimizer, processes)


def _autocast(recipe):
    return None if recipe.autocast == "none" else getattr(torch, recipe.autocast)


def descend(network, optimizer, recipe, rate, clip, label, processes):
    """One step of gradient descent: the sums of losses and of right answers over the global batch, before it."""
    device, autocast = processes.device, _autocast(recipe)
    with memory_explained(clip.shape, processes):
        clip = clip.to(device, getattr(torch, recipe.dtype), non_blocking=True)
        label = label.to(device, non_blocking=True)
        with torch.autocast(device.type, autocast, enabled=autocast is not None):
            logits = network(clip)
        logits = logits.to(clip.dtype)
        loss = F.cross_entropy(logits, label, label_smoothing=recipe.label_smoothing)
        with torch.no_grad():
            right = (logits.argmax(dim=1) == label).sum()
            sums = sum_over_processes(torch.stack([loss.double() * len(label), right.double()])).tolist()
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # every process has as many clips, so the mean of their gradients is that of the global batch
        optimizer.step()
    return sums[0], int(sums[1])


@torch.no_grad()
def average(averaged, model, kept, step):
    """Move the averaged weights and statistics a little towards those of this step. kept: Recipe.averaging."""
    if averaged is model:
        return
    share = max(1 - kept, 1 / (step + 1))  # at first a plain mean: the start is soon forgotten
    now = model.state_dict()
    for name, mean in averaged.state_dict().items():
        if mean.is_floating_point():
            mean.lerp_(now[name], share)


def seed_of(*numbers):
    """One seed for PyTorch, made of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


def train_once(recipe, sequences, fold, *, seed=0, dtype="float64", test_every=0, labels=None):
    """Train on one fold of a set, on the CPU, silently, and leave nothing behind but the Outcome: for notebooks.

    recipe, fold              recipes.Recipe, protocols.Fold
    sequences                 Sequences, as `load_clips` gives them
    seed, test_every, labels  as in `train`
    dtype                     instead of the recipe's. float64 rounds so little that another machine prints the same
                              digits; weights are drawn in it, too

    Raises what `train` raises.
    """
    recipe, silent = recipe.changed({"dtype": dtype}), contextlib.redirect_stdout(io.StringIO())
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype))  # in float32 the last bits of a draw depend on the processor
    try:
        with tempfile.TemporaryDirectory() as folder, silent:
            return train(
                recipe, sequences.title, sequences, fold, {}, folder, start("cpu"),
                seed=seed, test_every=test_every, labels=labels, curves=False,
            )  # fmt: skip
    finally:
        torch.set_default_dtype(before)
