"""What the commands train, evaluate and predict do. (Their arguments: options.py.)"""

import functools
import os
import sys
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np

from reference import load_clips

from ..data.formats import load_recordings
from ..data.recordings import REFUSED, reason
from . import distributed
from .checkpoint import write_json
from .evaluation import evaluate
from .explanation import explain, predict, write_explanation
from .failures import TrainingError
from .inputs import InputSettings
from .presets import PRESETS, Recipe
from .progress import Drawing
from .protocols import folds, usual_protocol
from .run import Options, Training
from .trained import Trained

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs to give the same sums every time


def _reporting(command):
    """Decorator: errors that a user can mend become one line and an exit status; so does a True that is returned."""

    @functools.wraps(command)
    def reported(options):
        processes = None
        try:
            processes = distributed.start(options.device)
            failed = command(options, processes)
        except KeyboardInterrupt:
            hint = "; --resume goes on from the last checkpoint" if options.command == "train" else ""
            print(f"\ninterrupted{hint}", file=sys.stderr)
            return 130
        except (OSError, ValueError, IndexError, TrainingError) as error:
            where = "" if processes is None or processes.first else f" (process {processes.rank})"
            words = str(error).strip().splitlines()[-1]  # of a worker's error the last line is the error
            print(f"python -m stgcn_torch {options.command}{where}: {words}", file=sys.stderr)
            return 1  # without waiting for the other processes: torchrun ends them
        distributed.stop()
        return 1 if failed else 0

    return reported


@_reporting
def run_train(options, processes):
    """Train every fold of the protocol; with several, print and write their mean and spread."""
    asked = vars(options)
    names = [field.name for kind in (Recipe, InputSettings) for field in fields(kind) if field.name != "inputs"]
    changes = {name: asked[name] for name in names if asked[name] is not None}
    changes = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
    recipe = PRESETS[options.preset].changed(changes)
    how = Options(**{field.name: asked[field.name] for field in fields(Options)})
    sequences = load_clips(options.data)
    protocol = {
        "protocol": options.protocol or usual_protocol(sequences), "column": options.split,
        "subjects": options.train_subjects, "groups": options.groups, "share": options.test_share,
        "seed": options.split_seed, "window": recipe.inputs.frames,
    }  # fmt: skip
    every = folds(sequences, **protocol)
    results = {}
    for fold in every:
        out = Path(options.out) / fold.name if len(every) > 1 else Path(options.out)
        if processes.first:
            words = f"{fold.name}: {len(fold.train)} clips train, {len(fold.test)} test"
            print(f"{words}, on {processes.world} x {processes.device}, into {out}", flush=True)
        training = Training(recipe, options.data, sequences, fold, protocol, out, processes, how)
        results[fold.name] = training.run()
        if processes.first:
            print(results[fold.name], flush=True)
            if how.curves:
                Drawing("confusion", out / "result.json", out / "confusion.svg").finish()
    if len(every) > 1 and processes.first:
        _summarise(results, Path(options.out) / "folds.json")


def _summarise(results, path):
    top1 = {name: result.top1 for name, result in results.items()}
    mean, spread = float(np.mean(list(top1.values()))), float(np.std(list(top1.values()), ddof=1))
    write_json(path, {"top1": top1, "mean": mean, "standard_deviation": spread})
    print(f"mean of {len(top1)} folds: top-1 {mean:.1%}, standard deviation {spread:.1%}")


@_reporting
def run_evaluate(options, processes):
    """Evaluate weights on a set."""
    trained = Trained.load(options.weights, processes.device)
    sequences = load_clips(options.data)
    rows, part = trained.rows(sequences, options.part)
    clips = trained.clips(options.data, sequences, rows)
    result = evaluate(
        trained.model, clips, trained.class_names, batch=options.batch, processes=processes, workers=options.workers
    )
    if not processes.first:
        return
    print(f"{sequences.title}, {part}:\n{result}")
    if options.json:
        write_json(options.json, result.as_dict() | {"data": sequences.title, "part": part})


@_reporting
def run_predict(options, processes):
    """Print the likeliest classes of clips, and explain them. Clips that are no good are named; True if there are."""
    trained = Trained.load(options.weights, processes.device)
    refused, explained = _Refused(), {}
    for source, s, clips, prediction, explanation in _predicted(trained, options, refused):
        title = clips.sequences.title
        print(f"{title}, {clips.name(0)}:")
        for name, probability in prediction.best(5):
            print(f"  {probability:6.1%}  {name}")
        if explanation:
            path = Path(options.explain) / f"{title}_{s}.npz"
            before = explained.setdefault(path, (source, s))
            if before == (source, s):
                write_explanation(path, explanation, clips.sequences, trained.settings["channels"])
                Drawing("activation", path, path.with_suffix(".svg")).finish()
            else:
                refused.say(source, f"{path} explains a clip of {before[0]}: have this one explained in another folder")
    return refused.count > 0


class _Refused:
    """Says what is wrong with clips, and counts them."""

    def __init__(self):
        self.count = 0

    def say(self, clip, why):
        self.count += 1
        print(f"python -m stgcn_torch predict: {clip}: {why}", file=sys.stderr)

    @contextmanager
    def named(self, clip):
        """Goes on after what is wrong with a clip."""
        try:
            yield
        except REFUSED as error:
            self.say(clip, reason(error))


def _predicted(trained, options, refused):
    """For every sequence that a CLIP names: its source, its number there, its ClipSet, Prediction and Explanation."""
    for argument in options.clips:
        with refused.named(argument):
            # A "#" may also be part of a file's name.
            source, _, which = (argument, "", "") if Path(argument).exists() else argument.partition("#")
            sequences = load_recordings(source)
            for s in _chosen(sequences, which):
                row = np.array([[s, 0, sequences.offset[s + 1] - sequences.offset[s]]])
                clips = trained.clips(source, sequences, row, labelled=False)
                with refused.named(argument):  # one sequence of a set may be no good, and the next one is
                    explanation = explain(trained, clips) if options.explain else None
                    yield source, s, clips, predict(trained, clips), explanation


def _chosen(sequences, which):
    if not which:
        return range(len(sequences))
    if which.isdigit() and (sequences.name is None or which not in sequences.name):
        if int(which) >= len(sequences):
            raise ValueError(f"{sequences.title} has {len(sequences)} sequences, so there is no sequence {which}")
        return [int(which)]
    return [sequences.find(which)]
