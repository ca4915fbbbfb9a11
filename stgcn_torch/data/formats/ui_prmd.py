"""UI-PRMD (Vakanski et al., Data 2018, 3(1), 2, doi 10.3390/data3010002): rehabilitation exercises, by Kinect.

Two folders, `Positions` and `Angles`, with a file each for a repetition: 66 numbers a line, three for each of 22
joints. Positions are offsets from the parent joint in centimetres, angles are Euler angles in degrees, about x, y and
z, and a joint's rotation is R = Rz·Ry·Rx. Chained from the root, it turns the offsets of the joint's children.
"""

import re
from pathlib import Path

import numpy as np

from reference import Skeleton
from reference.input_settings import MOST_FRAMES

from ..reading import as_float32, each_line, numbers
from ..recordings import Format, Recording, Source

PARENTS = (-1, 0, 1, 2, 3, 4, 2, 6, 7, 8, 2, 10, 11, 12, 0, 14, 15, 16, 0, 18, 19, 20)
V = len(PARENTS)
SKELETON = Skeleton(
    name="ui_prmd_22",
    joints=(
        "waist", "spine", "chest", "neck", "head", "head_tip",
        "l_collar", "l_upper_arm", "l_forearm", "l_hand", "r_collar", "r_upper_arm", "r_forearm", "r_hand",
        "l_upper_leg", "l_lower_leg", "l_foot", "l_toes", "r_upper_leg", "r_lower_leg", "r_foot", "r_toes",
    ),
    bones=tuple((parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0),
    center=2,
)  # fmt: skip
EXERCISES = (
    "deep_squat", "hurdle_step", "inline_lunge", "side_lunge", "sit_to_stand", "standing_active_straight_leg_raise",
    "standing_shoulder_abduction", "standing_shoulder_extension", "standing_shoulder_internal_external_rotation",
    "standing_shoulder_scaption",
)  # fmt: skip
_NAME = re.compile(r"(m([0-9]{2})_s([0-9]{2})_e([0-9]{2}))_(positions|angles)(_inc)?\.txt(?:\.gz)?")


def open_ui_prmd(folder):
    """The Source of a folder that holds the set's `Positions` and `Angles`; files may be gzipped.

    Names are m (exercise), s (subject) and e (repetition), from 1; _inc, where the set has it, means that the exercise
    was done incorrectly: those repetitions are called so too. Raises FileNotFoundError if there is nothing to read.
    """
    folders = {what: Path(folder) / what.capitalize() for what in ("positions", "angles")}
    found = {}  # name: {"positions": [paths], "angles": [paths]}
    for what, place in folders.items():
        if not place.is_dir():
            raise FileNotFoundError(f"there is no folder {place}")
        for path in sorted([*place.glob("*.txt"), *place.glob("*.txt.gz")]):
            match = _NAME.fullmatch(path.name)
            name = f"{match[1]}{match[6] or ''}" if match and match[5] == what else path.name
            found.setdefault(name, {}).setdefault(what, []).append(path)
    if not found:
        raise FileNotFoundError(f"there is no .txt in {folders['positions']} and {folders['angles']}")
    names = sorted(found)
    return Source(
        skeleton=SKELETON,
        channels=("x", "y", "z"),
        class_names=list(EXERCISES),
        persons=1,
        entries=names,
        read=lambda entry: _recording(names[entry], found[names[entry]]),
    )


def _recording(name, paths):
    match = _NAME.fullmatch(f"{name.removesuffix('_inc')}_angles.txt")
    if not match:
        raise ValueError("the name must be mNN_sNN_eNN_positions.txt in Positions, or mNN_sNN_eNN_angles.txt in Angles")
    exercise, subject, _ = (int(match[i]) for i in (2, 3, 4))
    if not 1 <= exercise <= len(EXERCISES) or subject < 1:
        raise ValueError(f"the name must have an exercise from 1 to {len(EXERCISES)} and a subject from 1")
    for what in ("positions", "angles"):
        if len(paths.get(what, ())) != 1:
            there = f"{len(paths[what])} files" if what in paths else "no file"
            raise ValueError(f"it has {there} in {what.capitalize()}, expected one")
    offsets, angles = _read_table(paths["positions"][0]), _read_table(paths["angles"][0])
    if len(offsets) != len(angles):
        raise ValueError(f"it has {len(offsets)} frames of positions, but {len(angles)} of angles")
    return Recording(name, exercise - 1, as_float32(forward_kinematics(offsets, angles)[:, None]), subject)


def forward_kinematics(offsets, angles):
    """World positions (T, 22, 3) in metres, float64.

    offsets  (T, 22, 3) centimetres, of each joint from its parent in the parent's frame; of the root in the world
    angles   (T, 22, 3) degrees about x, y and z, of each joint's frame in its parent's
    """
    local = _rotations(np.radians(angles))  # (T, V, 3, 3)
    world, turned = np.empty_like(offsets), np.empty_like(local)
    for v, parent in enumerate(PARENTS):
        if parent < 0:
            world[:, v], turned[:, v] = offsets[:, v], local[:, v]
        else:
            world[:, v] = world[:, parent] + np.einsum("tij,tj->ti", turned[:, parent], offsets[:, v])
            turned[:, v] = turned[:, parent] @ local[:, v]
    return world / 100


def _rotations(angles):
    """R = Rz·Ry·Rx (..., 3, 3) of angles (..., 3) in radians."""
    (a, b, c), (p, q, r) = np.moveaxis(np.cos(angles), -1, 0), np.moveaxis(np.sin(angles), -1, 0)
    R = [
        [c * b, c * q * p - r * a, c * q * a + r * p],
        [r * b, r * q * p + c * a, r * q * a - c * p],
        [-q, b * p, b * a],
    ]
    return np.moveaxis(np.array(R), (0, 1), (-2, -1))


def _read_table(path):
    """The numbers of a file: (T, 22, 3). Errors begin with the name of the file's folder."""
    try:
        rows = []
        for t, line in enumerate(each_line(path), 1):
            words = line.split(",")
            if len(words) != 3 * V:
                raise ValueError(f"line {t} must have {3 * V} numbers between commas, got {len(words)}")
            if t <= MOST_FRAMES:
                rows.append(numbers([word.strip() for word in words], f"line {t}"))
        if not rows or t > MOST_FRAMES:
            raise ValueError(f"it must have a line for each frame, from 1 to {MOST_FRAMES}, got {t if rows else 0}")
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{path.parent.name}: {error}") from None
    return np.array(rows).reshape(-1, V, 3)


FORMAT = Format("ui-prmd", "the folder that holds Positions and Angles", open_ui_prmd)
