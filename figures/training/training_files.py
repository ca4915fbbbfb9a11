"""The files that a training writes, as figures: its log, the counts of an evaluation, an explained clip."""

import csv
import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reference import Skeleton
from reference.input_files import check_npz

from .class_activation import activation_strip
from .confusion import confusion_matrix
from .curves import training_curves


def draw_curves(path):
    """The curves of a training's log.csv."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
    return training_curves(rows)


def draw_confusion(path):
    """The confusion matrix of a result.json."""
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    title = f"top-1 {result['top1']:.1%} of {result['clips']} clips"
    return confusion_matrix(np.array(result["confusion"]), result["class_names"], title=title)


def draw_activation(path):
    """The film strip of a clip that `predict --explain` wrote, with the person that is seen most."""
    check_npz(path)
    with np.load(path, allow_pickle=False) as file:
        entries = dict(file)
    bones = [tuple(bone) for bone in entries["bones"].tolist()]
    skeleton = Skeleton(path.stem, tuple(entries["joint_names"].tolist()), bones, int(entries["center"]))
    person = int(entries["clip"].any(axis=(0, 2)).sum(axis=0).argmax())
    return activation_strip(
        entries["clip"], skeleton, entries["activation"], person=person,
        y_down="z" not in entries["channels"],  # the y of images grows downwards
        title=f"{entries['class_name']}, {float(entries['probability']):.0%}",
    )  # fmt: skip


class Drawing(NamedTuple):
    """What one command of `python -m figures` draws: from a path to a Figure, and in words for its help."""

    draw: Callable
    words: str


DRAWINGS = {
    "curves": Drawing(draw_curves, "The curves of a training's log.csv."),
    "confusion": Drawing(draw_confusion, "The confusion matrix of a result.json."),
    "activation": Drawing(
        draw_activation, "The film strip of a clip that `predict --explain` wrote, with the person that is seen most."
    ),
}
