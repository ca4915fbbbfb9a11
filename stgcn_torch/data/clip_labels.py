"""The clips in a folder, what they are called, and their classes: by folder, or by a .csv file of names and labels."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .reading import read_bytes, read_json
from .recordings import REFUSED, reason

_LOOKED_AT = 25
UNKNOWN = "unknown"  # the class of clips that nobody has labelled
# Also of Kinetics-skeleton, whose label file has another form.
LABELS_OPTION = {
    "labels": {
        "metavar": "FILE",
        "help": "the classes of clips: a .csv of name,label (default: IN has a folder for each class), or Kinetics'"
        " own label file (default: IN_label.json)",
    }
}


class Clip(NamedTuple):
    """A recording as it lies on the disk.

    name   its path below IN, without a suffix: "squat/clip_01"
    files  one, or, where a tool writes a file for each frame, all of them
    """

    name: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Labels:
    """The classes of clips: their names, the number of each clip's class, and what is wrong with the others."""

    class_names: list[str]
    numbers: dict[str, int]  # clip's name: number of its class
    problems: dict[str, str]  # clip's name: why it has none
    notes: list[str]

    def of(self, clip):
        """The number of a Clip's class. Raises ValueError, with the reason, if it has none."""
        if clip.name in self.problems:
            raise ValueError(self.problems[clip.name])
        return self.numbers[clip.name]


def files_below(path, suffixes):
    """{name of a folder below the path: its files with one of the suffixes, sorted}; a file is alone in "".

    What begins with a dot is left out. Raises FileNotFoundError if there is no such path.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}")
    if path.is_file():
        return {"": [path]}
    found = {}
    for file in sorted(path.rglob("*")):
        below = file.relative_to(path)
        if file.suffix.lower() in suffixes and not any(part.startswith(".") for part in below.parts) and file.is_file():
            found.setdefault("" if len(below.parts) == 1 else below.parent.as_posix(), []).append(file)
    return found


def clip_name(folder, name):
    """The name of a clip in a folder below IN."""
    return f"{folder}/{name}" if folder else name


def json_clips(path, is_frame=lambda content: False):
    """The Clips of .json files below a path: one a file; or one a folder, if its files are frames.

    is_frame  the content of a file -> whether it is one frame of a clip; None: it may be, or be a clip
    """
    clips = []
    for folder, files in files_below(path, {".json"}).items():
        if Path(path).is_dir() and _are_frames(files, is_frame):
            clips.append(Clip(folder or Path(path).resolve().name, tuple(files)))
        else:
            clips += [Clip(clip_name(folder, file.stem), (file,)) for file in files]
    return clips


def _are_frames(files, is_frame):
    for file in files:
        try:
            found = is_frame(read_json(file, nan=True))
        except REFUSED:
            continue
        if found is not None:
            return found
    return False


def look_at(clips, look):
    """What `look` says of Clips: of some that are evenly spread, if they are many.

    Raises ValueError, with the first one's name and what is wrong with it, if `look` refuses all of them.
    """
    found, problems = [], []
    for clip in clips[:: -(-len(clips) // _LOOKED_AT)]:
        try:
            found.append(look(clip))
        except REFUSED as error:
            problems.append(f"{clip.name}: {reason(error)}")
    if not found:
        more = f" (and {len(problems) - 1} more are refused)" if len(problems) > 1 else ""
        raise ValueError(problems[0] + more)
    return found


def label_clips(clips, labels=None):
    """The Labels of Clips: by the .csv file `labels`, else by the first folder of their names.

    Raises ValueError for a file that is no such table, and if no clip has a class.
    """
    if labels is None:
        own = {clip.name: clip.name.split("/")[0] for clip in clips if "/" in clip.name}
        missing = "it lies in no folder of a class: IN/CLASS/CLIP is expected, or a table of names: --labels FILE.csv"
        notes = []
    else:
        table = _read_table(labels)
        owners = Counter(key for clip in clips for key in set(_short_names(clip)))
        own, used = {}, set()
        for clip in clips:
            short = [key for key in _short_names(clip) if owners[key] == 1]
            for key in [key for key in (clip.name, clip.name + clip.files[0].suffix, *short) if key in table][:1]:
                own[clip.name] = table[key]
                used.add(key)
        missing = f"{Path(labels).name} has no label for it"
        unused = [name for name in table if name not in used]
        listed = ", ".join(unused[:3]) + (" and others" if len(unused) > 3 else "")
        notes = [f"{Path(labels).name}: {len(unused)} of its names have no clip: {listed}"] if unused else []
    problems = {clip.name: missing for clip in clips if clip.name not in own}
    if not own:
        raise ValueError(f"no clip of {len(clips)} has a class: {clips[0].name}: {missing}")
    class_names = sorted(set(own.values()))
    notes.append(f"classes ({len(class_names)}): {', '.join(class_names[:10])}{', ...' * (len(class_names) > 10)}")
    return Labels(class_names, {name: class_names.index(label) for name, label in own.items()}, problems, notes)


def _short_names(clip):
    """What a table may call a clip, unless it may call another so: the last of its name, and the folder it is in."""
    folder, _, end = clip.name.rpartition("/")
    return end, end + clip.files[0].suffix, folder, folder.rpartition("/")[2]


def unlabelled(clips):
    """The Labels of Clips that nobody has labelled."""
    return Labels([UNKNOWN], dict.fromkeys((clip.name for clip in clips), 0), {}, [])


def table_rows(path):
    """The rows of a .csv file, with their line numbers: [(line, cells)]; commas, semicolons or tabs; UTF-8.

    Raises ValueError for another text, and for one without rows.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
        if "\0" in text:
            raise ValueError("it holds a NUL, and so is not text")
        separator = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"it is not a table of UTF-8 text: {error}") from None
    if not rows:
        raise ValueError("it is empty")
    return rows


def _read_table(path):
    """{name: label}"""
    try:
        rows = table_rows(path)
        if [cell.lower() for cell in rows[0][1][:2]] == ["name", "label"]:
            rows = rows[1:]
        table = {}
        for line, cells in rows:
            name, label = (*cells, "", "")[:2]
            name = name.replace("\\", "/")
            if len(cells) != 2 or not name or not label:
                raise ValueError(f"line {line} must be name,label, got {','.join(cells)[:60]!r}")
            if table.setdefault(name, label) != label:
                raise ValueError(f"line {line}: {name[:60]!r} is both {table[name]!r} and {label!r}")
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if not table:
        raise ValueError(f"{path}: it has no names")
    return table
