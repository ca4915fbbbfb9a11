"""How clips are prepared for published checkpoints, and what their classes are called.

What yysijie/st-gcn does to a recording is in two places here: which bodies count, and in which frame, is decided when a
recording is read (read_published of data/formats/ntu.py and kinetics.py); what is subtracted and filled up is the input
settings of the presets that bear the names of the data sets. Both together give its arrays bit for bit.
"""

from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from reference.input_files import check_file

from .data.formats import kinetics, ntu
from .data.recordings import numbered_classes
from .training.recipes import PRESETS

PREPARATIONS = ("ntu", "kinetics")
NTU_CLASSES = {"ntu60": ntu.ACTIONS[:60], "ntu120": ntu.ACTIONS}


class _Published(NamedTuple):
    recordings: ModuleType  # its SKELETON and CHANNELS
    classes: dict[int, str]  # of so many classes, the names known here


_PUBLISHED = {
    "ntu": _Published(ntu, {len(names): name for name, names in NTU_CLASSES.items()}),
    "kinetics": _Published(kinetics, {}),
}


def settings_for(state, preparation, classes=None):
    """What TrainedNetwork needs beside a published state: its settings, and in words what the classes are called.

    preparation  one of PREPARATIONS
    classes      "ntu60", "ntu120", the path of a text file with a name a line, or None: those of NTU RGB+D, or numbers

    Raises ValueError for a state of another body or other channels, and for names that are not as many as its classes
    or that `read_names` refuses; FileNotFoundError if there is no such file.
    """
    body, channels = _PUBLISHED[preparation].recordings.SKELETON, _PUBLISHED[preparation].recordings.CHANNELS
    V, count = state["A_hat"].shape[1], len(state["classifier.b"])
    C = len(state["data_bn.weight"]) // V
    if len(body.joints) != V or len(channels) != C:
        raise ValueError(
            f"--preparation {preparation} gives {len(body.joints)} joints with {', '.join(channels)}, but the"
            f" checkpoint takes {V} joints with {C} channels"
        )
    classes = classes or _PUBLISHED[preparation].classes.get(count)
    if classes is None:
        names = numbered_classes([count - 1])
        about = f"classes are numbers, class 0 to class {count - 1}: --classes FILE, a name a line, says what they mean"
    else:
        names = list(NTU_CLASSES.get(classes) or read_names(classes))
        about = f"classes as in {classes}: {names[0]} to {names[-1]}"
    if len(names) != count:
        raise ValueError(f"--classes {classes} has {len(names)} names, but the checkpoint has {count} classes")
    inputs = asdict(PRESETS[preparation].inputs) | {"persons": 2}
    return {
        "preparation": preparation, "recipe": {"inputs": inputs}, "data": None, "class_names": names,
        "joint_names": list(body.joints), "bones": [list(bone) for bone in body.bones], "center": body.center,
        "channels": list(channels),
    }, about  # fmt: skip


def read_names(path):
    """The names of classes in a text file, UTF-8, one a line, in the order of the logits.

    Raises FileNotFoundError, and ValueError, naming the line, for an empty one and for a name that is there twice.
    """
    check_file(path)
    try:
        names = [line.strip() for line in Path(path).read_text("utf-8-sig").rstrip().split("\n")]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is not UTF-8 text") from None
    lines = {}
    for line, name in enumerate(names, 1):
        if not name:
            raise ValueError(f"{path}, line {line}: expected the name of a class, got an empty line")
        if lines.setdefault(name, line) != line:
            raise ValueError(f"{path}, line {line}: {name!r} is the name in line {lines[name]} already")
    return names
