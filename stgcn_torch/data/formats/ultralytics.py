"""Ultralytics' YOLO-pose, by to_json of each frame's result: a folder of .json, one a frame, or one .json for a clip.

A frame is [{"name": "person", "keypoints": {"x": [...], "y": [...], "visible": [...]}, "track_id": 1}, ...]; the .json
of a clip holds its frames one after another, or in a list, also as text. {"orig_shape": [height, width], "frames":
[...]} around frames, or around the people of one, gives the size of the picture.
"""

import json
import re

from ..clip_labels import json_clips
from ..pose_files import Tool, frame_number, person, picture_size, pose_format, track_number
from ..reading import SeveralValues, read_json
from ..recordings import REFUSED, reason

_DEPTH = 4  # a list of frames, around it an object, and more is something else
_HEAD = re.compile(rb'"keypoints"\s*:\s*\{\s*"x"')


def _is_frame(content):
    if isinstance(content, dict):
        return any(isinstance(inner, list) and bool(_is_frame(inner)) for inner in content.values())
    if content == []:
        return None
    return isinstance(content, list) and isinstance(content[0], dict) and _is_person(content[0])


def _is_person(entry):
    return "keypoints" in entry or "box" in entry


def _read(clip):
    if len(clip.files) == 1:
        values = read_json(clip.files[0], nan=True, decoder=SeveralValues)
        for number, (listed, size) in enumerate(_unfolded(values if len(values) > 1 else values[0])):
            yield number, _people(listed, f"frame {number}"), size
        return
    for file in clip.files:
        try:
            frames = list(_unfolded(read_json(file, nan=True)))
            if len(frames) != 1:
                raise ValueError(f"it must be one frame, got {len(frames)}")
            listed, size = frames[0]
            number = frame_number(file.stem, "its name")
            yield number, _people(listed, f"frame {number}"), size
        except REFUSED as error:
            raise ValueError(f"{file.name}: {reason(error)}") from None


def _unfolded(value, size=None, depth=0):
    """One after another the frames in a value from a file: the list of its people, and the size of the picture."""
    if isinstance(value, str):
        value = json.loads(value)
    if depth > _DEPTH or not isinstance(value, (list, dict)):
        raise ValueError(f"a frame must be a list of people, got {str(value)[:40]!r}")
    if isinstance(value, dict):
        lists = [inner for key, inner in value.items() if isinstance(inner, list) and key != "orig_shape"]
        if len(lists) != 1:
            raise ValueError(f"an object around frames must have one list of them, got {', '.join(value)[:60]}")
        yield from _unfolded(lists[0], _shape(value) or size, depth + 1)
    elif all(isinstance(entry, dict) and _is_person(entry) for entry in value):
        yield value, next((own for entry in value if (own := _shape(entry))), size)
    else:
        for inner in value:
            yield from _unfolded(inner, size, depth + 1)


def _shape(entry):
    """The size (width, height) that an object gives, or None."""
    shape = entry.get("orig_shape")
    if shape is None:
        return None
    if not isinstance(shape, list) or len(shape) != 2:
        raise ValueError(f"orig_shape must be [height, width], got {str(shape)[:40]!r}")
    return picture_size(shape[1], shape[0], "orig_shape")


def _people(listed, frame):
    people = []
    for m, entry in enumerate(listed):
        where = f"{frame}, person {m}"
        keypoints = entry.get("keypoints")
        if not isinstance(keypoints, dict):
            raise ValueError(f'{where}: it has no "keypoints" {{"x": [...], "y": [...]}}: was the model one for poses?')
        x, y = keypoints.get("x"), keypoints.get("y")
        visible = keypoints.get("visible", [1.0] * len(x) if isinstance(x, list) else None)
        people.append(person(x, y, visible, where, track_number(entry.get("track_id"), where)))
    return people


FORMAT = pose_format(
    Tool(
        "ultralytics",
        "YOLO-pose's to_json, one .json a clip or a folder of one a frame",
        ("coco_17",),
        lambda path: json_clips(path, _is_frame),
        lambda head: bool(_HEAD.search(head.replace(rb"\n", b"").replace(b"\\", b""))),
        _read,
        sized=True,
    )
)
