"""What the formats of tools that find people in pictures share: from what such a tool wrote to the frames of a clip.

Every tool gives, frame by frame, people with x, y in pixels, y down, and a score for each joint. They become x, y,
score of two people who keep their places in the clip (people.py), y up, in units that do not depend on the camera.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reference import SKELETONS
from reference.input_files import check_file
from reference.input_settings import MOST_FRAMES

from .clip_labels import LABELS_OPTION, Clip, Labels, label_clips, look_at, unlabelled
from .people import Person, two_people
from .reading import HIGHEST_SCORE, LOWEST_SCORE, as_float32
from .recordings import BODY_OPTION, Format, RawClips, Recording, Source, skeleton_for

CHANNELS = ("x", "y", "score")
_FARTHEST = 1e6  # pixels
# Where the size of the picture is not known: a person is then about 1 tall, as in the embedded openpose_25.
_BONE = 0.12
_NOBODY = "there is nobody in any of its {} frames"
_SCALES = {
    False: f"by the body: the mean length of a clip's bones becomes {_BONE}, a person is about 1 tall",
    True: "by the longer side of the picture where the file gives its size, else by the body: the mean length of a"
    f" clip's bones becomes {_BONE}",
}


@dataclass(frozen=True)
class Tool:
    """A way of writing what was found in pictures.

    name, help  as in Format
    bodies      the names of the skeletons it finds, the usual one first; they differ in their numbers of joints
    clips       IN -> the Clips in it
    recognise   the first bytes of a file -> whether the tool may have written them
    read        a Clip, and the tool's own options by name -> one after another (number of the frame, people, size),
                people a list of Person in pixels, size (width, height) of the picture or None
    options     of its own, as in Format
    sized       whether there are files that give the size of the picture
    """

    name: str
    help: str
    bodies: tuple[str, ...]
    clips: Callable[[Path], list[Clip]]
    recognise: Callable[[bytes], bool]
    read: Callable[..., Iterator]
    options: dict[str, dict] = field(default_factory=dict)
    sized: bool = False


def pose_format(tool):
    """The Format of a Tool."""

    def open_labelled(path, labels=None, skeleton=None, **own):
        clips = _clips(tool, path, labels, skeleton)
        return _source(tool, clips, label_clips(clips, labels), skeleton, own)

    def open_unlabelled(path, skeleton=None, **own):
        clips = _clips(tool, path, skeleton)
        return _source(tool, clips, unlabelled(clips), skeleton, own)

    def recognise(path):
        return any(tool.recognise(file_head(clip.files[0])) for clip in tool.clips(path))

    options = LABELS_OPTION | BODY_OPTION | tool.options
    return Format(tool.name, tool.help, open_labelled, options, clips=RawClips(recognise, open_unlabelled))


def _clips(tool, path, *beside):
    """The Clips in IN but for the files `beside` them, which options name. Raises FileNotFoundError without any."""
    others = {Path(other).resolve() for other in beside if other}
    clips = [clip for clip in tool.clips(Path(path)) if clip.files[0].resolve() not in others]
    if not clips:
        raise FileNotFoundError(f"there is nothing of --format {tool.name} in {path}: it takes {tool.help}")
    return clips


def file_head(path):
    """The first MiB of a file; nothing of one that cannot be read."""
    try:
        check_file(path)
        with open(path, "rb") as file:
            return file.read(2**20)
    except (OSError, ValueError):
        return b""


def _source(tool, clips, labels: Labels, skeleton, own):
    """The Source of Clips."""
    body = _body(tool, clips, skeleton, own)

    def read(entry):
        clip = clips[entry]
        return Recording(clip.name, labels.of(clip), _frames(tool.read(clip, **own), body))

    return Source(
        skeleton=body,
        channels=CHANNELS,
        class_names=labels.class_names,
        persons=2,
        entries=[clip.name for clip in clips],
        read=read,
        notes=[
            *labels.notes,
            f"body {body.name}: {len(body.joints)} joints, x, y, score; two people, those who move most",
            f"y is turned to point up, and places are scaled {_SCALES[tool.sized]}",
        ],
    )


def _body(tool, clips, skeleton, own):
    """The Skeleton that most Clips have, of those that are looked at. Raises ValueError if none of them tells it."""
    usual = {len(SKELETONS[name].joints): name for name in tool.bodies}
    found = look_at(clips, lambda clip: skeleton_for(_joints(tool.read(clip, **own)), skeleton, usual=usual))
    counts = Counter(body.name for body in found)
    return max(found, key=lambda body: (counts[body.name], -[*tool.bodies, body.name].index(body.name)))


def _joints(read):
    """How many joints the first person has."""
    empty = 0
    for _, people, _ in read:
        if people:
            return len(people[0].joints)
        empty += 1
    raise ValueError(_NOBODY.format(empty))


def _frames(read, body):
    """The frames (T, 2, V, 3) of a clip that a Tool reads, float32."""
    frames, sizes = {}, set()
    V = len(body.joints)
    for number, people, size in read:
        if number in frames:
            raise ValueError(f"frame {number} is there twice")
        for m, person in enumerate(people):
            if len(person.joints) != V:
                raise ValueError(
                    f"frame {number}, person {m}: {len(person.joints)} joints, but {body.name}, which the set has,"
                    f" has {V}"
                )
        frames[number] = [person for person in people if person.joints.any()]
        sizes.add(size)
    if not any(frames.values()):
        raise ValueError(_NOBODY.format(len(frames)))
    if (T := max(frames) - min(frames) + 1) > MOST_FRAMES:
        raise ValueError(f"frames {min(frames)} to {max(frames)} are {T}, more than the {MOST_FRAMES} of an hour")
    return as_float32(_in_units(two_people(frames), sizes.pop() if len(sizes) == 1 else None, body))


def _in_units(clip, size, body):
    """A clip (T, M, V, 3) in pixels, y down -> y up, divided by the longer side of the picture or by the body.

    size  (width, height) of the picture; None: not known, or not the same in all frames
    """
    seen = clip.any(axis=3)
    if size:
        unit, height = max(size), size[1]
        if np.abs(clip[..., :2]).max() <= 1:  # parts of the picture, as some tools write on request
            clip = clip * [*size, 1]
    else:
        i, j = np.array(body.bones).T
        lengths = np.linalg.norm(clip[:, :, i, :2] - clip[:, :, j, :2], axis=3)[seen[:, :, i] & seen[:, :, j]]
        if not lengths.any():
            raise ValueError("no bone is seen from end to end, so the size of the body is not known")
        unit, height = lengths.mean() / _BONE, 0
    places = np.stack([clip[..., 0], height - clip[..., 1], clip[..., 2] * unit], axis=3) / unit
    return np.where(seen[..., None], places, 0)


def person(x, y, score, where, track=None):
    """The Person with these lists of places in pixels and of scores; what was not detected becomes zeros.

    A joint is not detected where its score is 0 (or a little less), where both places are 0, and where one of the three
    is null or NaN. Raises ValueError, beginning with `where`, for lists of other things or of different lengths, for an
    infinity, for what is no place in a picture, and for a score that is none.
    """
    if not all(isinstance(part, list) for part in (x, y, score)) or not len(x) == len(y) == len(score) or not x:
        raise ValueError(f"{where}: expected as many x as y and scores, in lists")
    joints = np.column_stack([_numbers(part, where) for part in (x, y, score)])  # (V, 3)
    known = ~np.isnan(joints)
    places = np.abs(joints[:, :2][known[:, :2]])
    if places.max(initial=0) > _FARTHEST:
        raise ValueError(f"{where}: {places.max():g} is no place in a picture, in pixels")
    scores = joints[:, 2][known[:, 2]]
    if scores.min(initial=0) < LOWEST_SCORE or scores.max(initial=0) > HIGHEST_SCORE:
        worst = scores.min() if scores.min() < LOWEST_SCORE else scores.max()
        raise ValueError(f"{where}: scores must be from 0 to about 1, got {worst:g}")
    seen = known.all(axis=1) & (joints[:, 2] > 0) & (joints[:, :2] != 0).any(axis=1)
    return Person(np.where(seen[:, None], joints, 0), track)


def triples(values, where, track=None):
    """The Person of a flat list x, y, score, x, y, score, ..., as `person` takes them."""
    if not isinstance(values, list) or not values or len(values) % 3:
        what = f"{len(values)} numbers" if isinstance(values, list) else type(values).__name__
        raise ValueError(f"{where}: keypoints must be x, y, score for each joint, got {what}")
    return person(values[::3], values[1::3], values[2::3], where, track)


def _numbers(values, where):
    """The float64 array of a list from a JSON file; null is NaN."""
    bad = next((value for value in values if value is not None and type(value) not in (int, float)), None)
    if bad is not None:
        raise ValueError(f"{where}: expected numbers, got {str(bad)[:20]!r}")
    try:
        array = np.array(values, dtype=float)
    except OverflowError:
        raise ValueError(f"{where}: a number has no end") from None
    if np.isinf(array).any():
        raise ValueError(f"{where}: a number is infinite")
    return array


def track_number(value, where):
    """The track id in a file: a whole number, also as 3.0 or [[3]]; None is None. Raises ValueError for what is not."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or (type(value) in (int, float) and value == value // 1):
        return None if value is None else int(value)
    raise ValueError(f"{where}: the track must be a whole number, got {str(value)[:20]!r}")


def frame_number(value, where):
    """The number of a frame: a whole number, or the last one in a name such as "12.jpg" or "clip_000012".

    Raises ValueError if there is none.
    """
    found = re.findall("[0-9]+", Path(value).stem) if isinstance(value, str) else None
    if found and len(found[-1]) < 19:
        return int(found[-1])
    if type(value) is int and value >= 0:
        return value
    raise ValueError(f"{where} must have the number of a frame, got {str(value)[:40]!r}")


def picture_size(width, height, where):
    """(width, height) of a picture in pixels; None where the file does not say. Raises ValueError for no such sizes."""
    if width in (None, 0) or height in (None, 0):
        return None
    if not all(type(side) in (int, float) and 0 < side <= _FARTHEST for side in (width, height)):
        raise ValueError(f"{where}: width and height must be pixels, got {str(width)[:20]} and {str(height)[:20]}")
    return width, height


def entries_of(content, key, where):
    """The list of objects under a key of an object. Raises ValueError for anything else."""
    listed = content.get(key) if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ValueError(f'{where}: "{key}" must be a list of objects')
    return listed
