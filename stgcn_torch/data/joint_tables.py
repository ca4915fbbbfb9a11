"""A .csv with a line for each frame and a column for each joint and channel: nose_x, nose_y, ... or x0, y0, ..."""

import re
from dataclasses import dataclass
from math import isinf

import numpy as np

from reference import SKELETONS

from .clip_labels import table_rows

# What the tools call a score in a column's name.
_SCORES = ("score", "visibility", "confidence", "conf", "likelihood", "visible", "vis", "prob", "v", "c", "s", "p")
_CHANNEL = "|".join(("x", "y", "z", *_SCORES))
_NAMED = re.compile(rf"(.+?)[ _.:-]({_CHANNEL})", re.IGNORECASE)  # nose_x, 0_x
_NUMBERED = re.compile(rf"({_CHANNEL})[ _]?([0-9]+)", re.IGNORECASE)  # x0
_COUNTS = ("", "frame", "frame_id", "frame_index", "frame_number", "index", "id", "time", "timestamp", "timestamp_ms")
_BLANK = ("", "nan", "null", "none", "na")


@dataclass(frozen=True)
class Table:
    """What such a file holds.

    frames    (T, V, C), NaN where a cell is blank
    joints    V names; None where they are only numbers
    channels  C names: x, y, z, score
    """

    frames: np.ndarray
    joints: tuple[str, ...] | None
    channels: tuple[str, ...]

    def skeleton(self):
        """The built-in Skeleton with exactly these joints, by name, in any order; None if there is none."""
        if self.joints is None:
            return None
        return next((s for s in SKELETONS.values() if sorted(s.joints) == sorted(self.joints)), None)

    def order(self, skeleton):
        """(V,) For every joint of the skeleton its place in the table: by name if all are there, else as they stand.

        Raises ValueError if only some are, and one of these is not where it is in the skeleton.
        """
        own = [_plain(joint) for joint in skeleton.joints]
        if self.joints is None:
            return list(range(len(own)))
        if sorted(own) == sorted(self.joints):
            return [self.joints.index(joint) for joint in own]
        for v, joint in enumerate(self.joints):
            if joint in own and own.index(joint) != v:
                strange = next(name for name in self.joints if name not in own)
                raise ValueError(
                    f"the column of {joint} is joint {v}, but {skeleton.name} has it as joint {own.index(joint)}, and"
                    f" {strange} is not one of its joints: name all of them as {skeleton.name} does, or none"
                )
        return list(range(len(own)))


def read_table(path, channels=None):
    """The Table of a file. Columns that count frames or seconds, or of channels that are not asked for, are left out.

    channels  the names of those to take, in their order; by default all that the header has

    Raises ValueError, with line and column, for what is not such a table.
    """
    (line, header), *rows = table_rows(path)
    columns, joints = _columns(header)
    there = list(dict.fromkeys(channel for _, channel in columns))
    chosen = tuple(channels or (name for name in ("x", "y", "z", "score") if name in there))
    for channel in chosen:
        if channel not in there:
            raise ValueError(f"it has no columns of the channel {channel!r}; it has {', '.join(there)}")
    numbers, places = list(range(len(joints))), []
    for v in numbers:
        for channel in chosen:
            if (v, channel) not in columns:
                raise ValueError(f"joint {joints[v]} has no column of the channel {channel}")
            places.append(columns[v, channel])
    if not rows:
        raise ValueError("it has a header, but no frames")
    frames = np.empty((len(rows), len(places)))
    for t, (line, cells) in enumerate(rows):
        if len(cells) != len(header):
            raise ValueError(f"line {line} must have {len(header)} cells, as the header has, got {len(cells)}")
        for i, place in enumerate(places):
            frames[t, i] = _number(cells[place], line, header[place])
    named = None if all(joint.isdigit() for joint in joints) else tuple(joints)
    return Table(frames.reshape(len(rows), len(joints), len(chosen)), named, chosen)


def _columns(header):
    """{(number of the joint, channel): number of the column}, and the joints' names in the order of their numbers."""
    columns = {}
    for place, title in enumerate(header):
        if title.lower() in _COUNTS:
            continue
        if found := _NUMBERED.fullmatch(title):
            channel, joint = found[1].lower(), str(int(found[2]))
        elif found := _NAMED.fullmatch(title):
            joint, channel = _plain(found[1]), found[2].lower()
        else:
            raise ValueError(f"the header's {title[:40]!r} is not a joint and a channel, as nose_x or x0")
        key = (joint, "score" if channel in _SCORES else channel)
        if key in columns:
            raise ValueError(f"the header has {title[:40]!r} and {header[columns[key]][:40]!r}, which are the same")
        columns[key] = place
    joints = list(dict.fromkeys(joint for joint, _ in columns))
    if not joints:
        raise ValueError("the header has no joints, as nose_x or x0")
    if all(joint.isdigit() for joint in joints):
        joints.sort(key=int)
        first = int(joints[0])
        if first > 1 or [int(joint) - first for joint in joints] != list(range(len(joints))):
            raise ValueError(f"the header's joints must be counted from 0 or 1 on, got {', '.join(joints)[:60]}")
    number = {joint: v for v, joint in enumerate(joints)}
    return {(number[joint], channel): place for (joint, channel), place in columns.items()}, joints


def _plain(name):
    return re.sub("[^0-9a-z]+", "_", name.lower()).strip("_")


def _number(cell, line, column):
    if cell.lower() in _BLANK:
        return np.nan
    try:
        value = float(cell)
    except ValueError:
        value = np.inf
    if isinf(value) or "_" in cell:
        raise ValueError(f"line {line}, column {column}: {cell[:20]!r} is not a finite number")
    return value
