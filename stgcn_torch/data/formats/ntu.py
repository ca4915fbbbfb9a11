"""Raw NTU RGB+D skeletons (Shahroudy et al., CVPR 2016; NTU RGB+D 120: Liu et al., TPAMI 2020).

A file is one recording, text, LF or CRLF: the number of frames; for each frame the number of bodies; for each body a
line of ten numbers, of which the first is the tracking id, the number of joints (25), and a line of twelve numbers for
each joint, of which the first three are x, y, z in metres. The name says the rest: S setup, C camera, P performer,
R repetition, A action, all counted from 1.
"""

import re
from pathlib import Path

import numpy as np

from reference import SKELETONS
from reference.input_files import check_file
from reference.input_settings import MOST_FRAMES

from ..reading import as_float32, largest_two, list_files, movement_of, numbers, read_lines
from ..recordings import PUBLISHED_OPTION, Format, RawFile, Recording, Source

SKELETON = SKELETONS["ntu_25"]
CHANNELS = ("x", "y", "z")
V = len(SKELETON.joints)
_NAME = re.compile("S([0-9]{3})C([0-9]{3})P([0-9]{3})R([0-9]{3})A([0-9]{3})")

# Who trains in X-Sub. The first line is NTU RGB+D's list; NTU RGB+D 120 keeps it and goes on with the others.
TRAINING_SUBJECTS = frozenset((
    1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38,
    45, 46, 47, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 70, 74, 78, 80, 81, 82, 83, 84, 85, 86, 89, 91, 92, 93, 94, 95,
    97, 98, 100, 103,
))  # fmt: skip
TRAINING_CAMERAS = frozenset((2, 3))

# The actions in the order of their numbers; the first 60 are NTU RGB+D's.
ACTIONS = (
    "drink water", "eat meal", "brush teeth", "brush hair", "drop", "pick up", "throw", "sit down", "stand up",
    "clapping", "reading", "writing", "tear up paper", "put on jacket", "take off jacket", "put on a shoe",
    "take off a shoe", "put on glasses", "take off glasses", "put on a hat", "take off a hat", "cheer up",
    "hand waving", "kicking something", "reach into pocket", "hopping", "jump up", "phone call", "play with phone",
    "type on a keyboard", "point to something", "taking a selfie", "check time", "rub two hands", "nod head",
    "shake head", "wipe face", "salute", "put palms together", "cross hands in front", "sneeze or cough", "staggering",
    "falling down", "headache", "chest pain", "back pain", "neck pain", "nausea or vomiting", "fan self",
    "punch or slap", "kicking", "pushing", "pat on back", "point finger", "hugging", "giving object", "touch pocket",
    "shaking hands", "walking towards", "walking apart",
    "put on headphone", "take off headphone", "shoot at basket", "bounce ball", "tennis bat swing",
    "juggle table tennis ball", "hush", "flick hair", "thumb up", "thumb down", "make OK sign", "make victory sign",
    "staple book", "counting money", "cutting nails", "cutting paper", "snap fingers", "open bottle", "sniff",
    "squat down", "toss a coin", "fold paper", "ball up paper", "play magic cube", "apply cream on face",
    "apply cream on hand", "put on bag", "take off bag", "put object into bag", "take object out of bag",
    "open a box", "move heavy objects", "shake fist", "throw up cap or hat", "capitulate", "cross arms",
    "arm circles", "arm swings", "run on the spot", "butt kicks", "cross toe touch", "side kick", "yawn",
    "stretch oneself", "blow nose", "hit with object", "wield knife", "knock over", "grab stuff", "shoot with gun",
    "step on foot", "high-five", "cheers and drink", "carry object", "take a photo", "follow", "whisper",
    "exchange things", "support somebody", "rock-paper-scissors",
)  # fmt: skip

# The same person under a new tracking id: it appears at most half a second after the old id was last seen, and its
# spine has moved less than a person does in that time.
_LONGEST_GAP = 15  # frames
_FARTHEST = 0.3  # metres
_MOST_BODIES = 100  # in one frame; Kinect tracks six
_SPINE = SKELETON.center


def open_ntu(folder, bad_samples=None, published=False):
    """The Source of a folder of .skeleton files.

    bad_samples  a text file with the names of recordings to leave out (the published list of those with missing or
                 incomplete skeletons, for instance)
    published    whether bodies are chosen as by `read_published`; else as by `read_skeleton`

    The classes are the 60 of NTU RGB+D, or all 120 if one beyond 60 is there, so that labels agree with what is
    published. `split` is X-Sub, X-View and, with the 120, X-Set. Raises FileNotFoundError if there is nothing to read,
    and ValueError if bad_samples names no recording.
    """
    paths = list_files(folder, "*.skeleton")
    notes = ["split 0 is X-Sub (by performer), split 1 is X-View (by camera)"]
    if bad_samples is not None:
        check_file(bad_samples)
        bad = set(_NAME.findall(Path(bad_samples).read_text(encoding="utf-8", errors="replace")))
        if not bad:
            raise ValueError(f"{bad_samples} names no recording (SsssCcccPpppRrrrAaaa)")
        kept = [path for path in paths if not set(_NAME.findall(path.name)) & bad]
        notes.append(f"{len(paths) - len(kept)} of {len(paths)} files are on the list of bad samples and left out")
        if not kept:
            raise ValueError(f"every file of {folder} is on the list of bad samples")
        paths = kept
    actions = [int(found[5]) for path in paths if (found := _NAME.fullmatch(path.stem))]
    classes = 120 if any(60 < action <= 120 for action in actions) else 60
    if classes == 120:
        notes[0] += ", split 2 is X-Set (by setup: even numbers train)"
    return Source(
        skeleton=SKELETON,
        channels=CHANNELS,
        class_names=list(ACTIONS[:classes]),
        persons=2,
        entries=[path.name for path in paths],
        read=lambda entry: _recording(paths[entry], classes, read_published if published else read_skeleton),
        notes=notes,
    )


def _recording(path, classes, read):
    found = _NAME.fullmatch(path.stem)
    if not found:
        raise ValueError("the name must be SsssCcccPpppRrrrAaaa.skeleton: setup, camera, performer, repetition, action")
    setup, camera, subject, _, action = (int(number) for number in found.groups())
    if not 1 <= action <= len(ACTIONS) or not 1 <= camera <= 3 or subject < 1:
        raise ValueError(f"the name must have a camera 1 to 3, a performer from 1 and an action 1 to {len(ACTIONS)}")
    trains = [subject in TRAINING_SUBJECTS, camera in TRAINING_CAMERAS] + [setup % 2 == 0] * (classes == 120)
    split = tuple(1 if train else 2 for train in trains)
    return Recording(path.stem, action - 1, read(path), subject, camera, split)


def read_skeleton(path):
    """One file: float32 (T, 2, 25, 3), metres. The two bodies with the most motion, the one that moves most first.

    A body that is lost and found again under another tracking id is one body, if it is where it was. Frames without a
    body are zeros, and so is the second person of a recording with one. Raises ValueError, with the line, for a file
    that is not what the format says, and for one without any body: it would be a clip of nothing.
    """
    listed = _read_frames(path)
    bodies = _joined(_by_id(listed))
    if not bodies:
        raise ValueError(f"there is no body in any of its {len(listed)} frames")
    frames = np.zeros((len(listed), 2, V, 3))
    for m, body in enumerate(largest_two(bodies, [movement_of(np.stack(list(body.values()))) for body in bodies])):
        frames[list(body), m] = list(body.values())
    return as_float32(frames)


def read_published(path):
    """The same with the bodies that yysijie/st-gcn takes: in every frame the first two of the file, in its order.

    Nobody is followed: a person may be the first in one frame and the second in the next, and a body of zeros takes the
    place it has. Raises ValueError as `read_skeleton` does, here for a file whose first two bodies are all zeros.
    """
    listed = _read_frames(path)
    frames = np.zeros((len(listed), 2, V, 3))
    for t, bodies in enumerate(listed):
        for m, joints in enumerate(list(bodies.values())[:2]):
            frames[t, m] = joints
    if not frames.any():
        raise ValueError(f"there is nobody among the first two bodies of any of its {len(listed)} frames")
    return as_float32(frames)


def _read_frames(path):
    """What the file holds: for each frame a dict {tracking id: joints (V, 3)}, in the file's order."""
    reader = _Reader(read_lines(path))
    T = reader.count("the number of frames", MOST_FRAMES)
    if T == 0:
        raise ValueError("it has 0 frames")
    frames = [{} for _ in range(T)]
    for t, bodies in enumerate(frames):
        for _ in range(reader.count(f"the number of bodies in frame {t}", _MOST_BODIES)):
            body, joints = reader.body()
            if body in bodies:
                raise ValueError(f"line {reader.line}: frame {t} has the body {body} twice")
            bodies[body] = joints
    if reader.line < len(reader.lines):
        raise ValueError(f"line {reader.line + 1}: the file goes on after its {T} frames")
    return frames


def _by_id(frames):
    """For each tracking id, in order of appearance, a dict {frame: joints (V, 3)}."""
    bodies = {}
    for t, here in enumerate(frames):
        for body, joints in here.items():
            if joints.any():  # a body of zeros is one that was not seen
                bodies.setdefault(body, {})[t] = joints
    return list(bodies.values())


def _joined(bodies):
    """The bodies, with those put together that are the same person under several ids."""
    tracks = []  # as bodies: {frame: joints}, the last frame last
    for body in bodies:
        first = min(body)
        near = [
            (float(np.linalg.norm(body[first][_SPINE] - track[last][_SPINE])), i)
            for i, track in enumerate(tracks)
            if 0 < first - (last := next(reversed(track))) <= _LONGEST_GAP
        ]
        distance, i = min(near, default=(np.inf, -1))
        if distance <= _FARTHEST:
            tracks[i].update(body)
        else:
            tracks.append(body)
    return tracks


class _Reader:
    """Goes through the lines of a file, and says where it is when something is wrong."""

    def __init__(self, lines):
        self.lines, self.line = lines, 0

    def next(self, what):
        """The words of the next line."""
        if self.line >= len(self.lines):
            raise ValueError(f"the file ends after line {self.line}, where {what} should follow")
        self.line += 1
        return self.lines[self.line - 1].split()

    def count(self, what, most):
        """A line that is one number."""
        words = self.next(what)
        if len(words) != 1 or not re.fullmatch("[0-9]{1,9}", words[0]) or int(words[0]) > most:
            raise ValueError(f"line {self.line}: expected {what}, at most {most}, got {' '.join(words)[:40]!r}")
        return int(words[0])

    def body(self):
        """The lines of one body: its tracking id and x, y, z of its joints (V, 3).

        Of the other numbers only how many there are is looked at: the places in the pictures may be NaN.
        """
        words = self.next("a body")
        if len(words) != 10 or not re.fullmatch("-?[0-9]+", words[0]):
            raise ValueError(f"line {self.line}: expected a tracking id and 9 numbers, got {' '.join(words)[:40]!r}")
        if self.count("the number of joints", 999) != V:
            raise ValueError(f"line {self.line}: a body must have {V} joints, got {self.lines[self.line - 1].strip()}")
        joints = []
        for v in range(V):
            line = self.next(f"joint {v + 1} of {V}")
            if len(line) != 12:
                raise ValueError(f"line {self.line}: a joint has 12 numbers, got {len(line)}")
            joints += numbers(line[:3], f"line {self.line}")
        return words[0], np.array(joints).reshape(V, 3)


FORMAT = Format(
    "ntu",
    "a folder of raw .skeleton files",
    open_ntu,
    options={"bad_samples": {"metavar": "FILE", "help": "names of recordings to leave out, one a line"}}
    | PUBLISHED_OPTION,
    raw=RawFile(".skeleton", read_skeleton, SKELETON, CHANNELS, read_published),
)
