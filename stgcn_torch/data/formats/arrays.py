"""Arrays of anybody's own: one .npy or .csv for each clip, for MediaPipe's dumps and everything else.

An .npy is (T, V, C) or (T, M, V, C). A .csv has a line for each frame and a column for each joint and channel: nose_x,
nose_y, ... or x0, y0, ... (joint_tables.py). Numbers stay as they are; a joint that is NaN, blank or all zeros, or has
the score 0, was not seen.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from reference.input_settings import MOST_FRAMES

from ..clip_labels import LABELS_OPTION, Clip, clip_name, files_below, label_clips, look_at, unlabelled
from ..joint_tables import Table, read_table
from ..reading import HIGHEST_SCORE, LOWEST_SCORE, as_float32, largest_two, movement_of, read_npy
from ..recordings import (
    BODY_OPTION,
    CHANNELS_OPTION,
    Format,
    RawClips,
    Recording,
    Source,
    skeleton_for,
)

_SUFFIXES = {".npy", ".csv"}
_BY_NUMBER = {2: ("x", "y"), 3: ("x", "y", "z"), 4: ("x", "y", "z", "score")}


def open_arrays(path, labels=None, skeleton=None, channels=None):
    """The Source of a folder of arrays.

    labels    a .csv of name,label; by default the first folder of a clip is its class
    skeleton  a name or a .json file; by default the body with the joints' names in a .csv, else the usual one with V
    channels  their names in order; of a .csv, the columns that are taken; by default by their number, or as the header
              of the .csv says

    Raises FileNotFoundError if there is nothing to read, and ValueError, naming the culprit, if no clip tells the body.
    """
    clips = _clips(path, labels)
    return _source(clips, label_clips(clips, labels), skeleton, channels)


def _open_unlabelled(path, skeleton=None, channels=None):
    clips = _clips(path)
    return _source(clips, unlabelled(clips), skeleton, channels)


def _clips(path, labels=None):
    table = Path(labels).resolve() if labels else None
    clips = [
        Clip(clip_name(folder, file.stem), (file,))
        for folder, files in files_below(path, _SUFFIXES).items()
        for file in files
        if file.resolve() != table
    ]
    if not clips:
        raise FileNotFoundError(f"there is no .npy and no .csv in {path}")
    return clips


def _source(clips, labels, skeleton, channels):
    channels = None if channels is None else tuple(",".join(channels).split(","))
    if channels is not None and (len(set(channels)) < len(channels) or "" in channels):
        raise ValueError(f"--channels must be different names, got {' '.join(channels)}")
    body, names, assumed = _body_and_channels(clips, skeleton, channels)

    def read(entry):
        clip = clips[entry]
        label = labels.of(clip)
        frames, table = _read(clip, channels)
        if frames.shape[2:] != (len(body.joints), len(names)) or (table and table.channels != names):
            found = f"{frames.shape[2]} joints, {' '.join(table.channels) if table else frames.shape[3]} channels"
            raise ValueError(f"{found}, but the set has {body.name}: {len(body.joints)} joints, {' '.join(names)}")
        if table:
            frames = frames[:, :, table.order(body)]
        return Recording(clip.name, label, _seen(frames, names))

    return Source(
        skeleton=body,
        channels=names,
        class_names=labels.class_names,
        persons=2,
        entries=[clip.name for clip in clips],
        read=read,
        notes=[
            *labels.notes,
            f"body {body.name}: {len(body.joints)} joints" + (" (assumed: --skeleton names another)" * (not skeleton)),
            f"channels {', '.join(names)}" + assumed,
            "numbers stay as they are; of pixels, train with a recipe with \"scale\": \"body\"",
        ],
    )  # fmt: skip


def _body_and_channels(clips, skeleton, channels):
    """The Skeleton and the channels that most of the clips that are looked at have, and how the latter are known."""

    def look(clip):
        frames, table = _read(clip, channels)
        V, C = frames.shape[2:]
        names = channels or (table.channels if table else _BY_NUMBER.get(C))
        if names is None or len(names) != C:
            known = f"{len(channels)} are named" if channels else "2, 3 and 4 are known"
            raise ValueError(f"there are {C} channels, but {known}; name them all with --channels")
        named = table.skeleton() if table and skeleton is None else None
        return named or skeleton_for(V, skeleton, names), names, " (assumed)" * (not channels and not table)

    found = look_at(clips, look)
    counts = Counter((body.name, names) for body, names, _ in found)
    return max(found, key=lambda one: counts[one[0].name, one[1]])


def _read(clip, channels) -> tuple[np.ndarray, Table | None]:
    """The frames (T, M, V, C) of a clip, and the Table they are from, if it is one."""
    (file,) = clip.files
    table = None
    if file.suffix.lower() == ".csv":
        table = read_table(file, channels)
        frames = table.frames[:, None]
    else:
        frames = read_npy(file)
        if frames.dtype.kind not in "fiu" or frames.ndim not in (3, 4) or 0 in frames.shape:
            raise ValueError(f"it must be numbers (T, V, C) or (T, M, V, C), got {frames.dtype} {frames.shape}")
        frames = frames[:, None] if frames.ndim == 3 else frames
    if len(frames) > MOST_FRAMES:
        raise ValueError(f"it has {len(frames)} frames, more than the {MOST_FRAMES} of an hour")
    return frames, table


def _seen(frames, channels):
    """The frames (T, 2, V, C), float32: joints that were not seen are zeros, the people who move most first."""
    known = ~np.isnan(frames).any(axis=3, keepdims=True)
    frames = as_float32(np.where(known, frames, 0))
    places = [c for c, name in enumerate(channels) if name != "score"]
    seen = frames[..., places].any(axis=3)
    if "score" in channels:
        score = frames[..., channels.index("score")]
        bad = np.argwhere((score < LOWEST_SCORE) | (score > HIGHEST_SCORE))
        if len(bad):
            t, m, v = bad[0]
            raise ValueError(
                f"frame {t}, person {m}, joint {v}: the score is {score[t, m, v]:g}, but scores are from 0 to about 1;"
                " is it another channel? --channels names them"
            )
        seen &= score > 0
    frames = frames * seen[..., None]
    if not frames.any():
        raise ValueError(f"there is nobody in any of its {len(frames)} frames")
    people = list(np.moveaxis(frames, 1, 0))
    if len(people) > 2:
        people = largest_two(people, [movement_of(person[..., places]) for person in people])
    return np.stack([*people, np.zeros_like(people[0])][:2], axis=1)


def _recognise(path):
    return any(files for files in files_below(path, _SUFFIXES).values()) and (path.is_dir() or path.suffix in _SUFFIXES)


FORMAT = Format(
    "arrays",
    "a folder of .npy (T, V, C) or (T, M, V, C), or of .csv with columns nose_x, nose_y, ... or x0, y0, ...",
    open_arrays,
    options=LABELS_OPTION | BODY_OPTION | CHANNELS_OPTION,
    clips=RawClips(_recognise, _open_unlabelled),
)
