"""COCO keypoint files: one .json for each clip, with its pictures and the people in them.

{"images": [{"id": 1, "file_name": "000001.jpg", "width": 640, "height": 480}, ...],
"annotations": [{"image_id": 1, "keypoints": [x, y, v, ...], "track_id": 1}, ...]}; v is 0 for a joint that is not
there, 1 for a hidden and 2 for a visible one: as a score 0, 0.5 and 1. Some tools write scores there.
"""

from pathlib import PurePath

from ..clip_labels import json_clips
from ..pose_files import Tool, entries_of, frame_number, picture_size, pose_format, track_number, triples
from ..reading import read_json


def _read(clip):
    content = read_json(clip.files[0], nan=True)
    if isinstance(content, list):
        raise ValueError("it is a list of detections, without pictures: --format alphapose reads those")
    annotations = [entry for entry in entries_of(content, "annotations", "a COCO file") if "keypoints" in entry]
    frames = _frames(entries_of(content, "images", "a COCO file"))
    third = [v for entry in annotations if isinstance(entry["keypoints"], list) for v in entry["keypoints"][2::3]]
    visibility = all(v in (0, 1, 2) for v in third)
    for i, entry in enumerate(annotations):
        key = entry.get("image_id")
        if str(key) not in frames:
            raise ValueError(f"annotation {i}: there is no image {str(key)[:40]!r}")
        number, people, _ = frames[str(key)]
        where = f"frame {number}, person {len(people)}"
        attributes = entry.get("attributes")
        track = entry.get("track_id", attributes.get("track_id") if isinstance(attributes, dict) else None)
        values = entry["keypoints"]
        if visibility and isinstance(values, list):
            values = [value / 2 if c % 3 == 2 else value for c, value in enumerate(values)]
        people.append(triples(values, where, track_number(track, where)))
    yield from frames.values()


def _frames(images):
    """{image's id, as text: (number of the frame, people, size)}: numbers are in the files' names, else the ids."""
    names = [image["file_name"] for image in images if isinstance(image.get("file_name"), str)]
    videos = sorted({str(image["video_id"]) for image in images if "video_id" in image})
    folders = sorted({PurePath(name).parent.as_posix() for name in names})
    for several in (videos, folders):
        if len(several) > 1:
            raise ValueError(
                f"it has {len(several)} videos, {', '.join(several[:3])} ...: one file for each is expected"
            )
    named = {number for name in names if (number := _number_in(name)) is not None}
    by_name = len(named) == len(images)
    frames = {}
    for i, image in enumerate(images):
        key, where = str(image.get("id")), f"image {i}"
        if key in frames:
            raise ValueError(f"{where}: there is another one with the id {key[:40]}")
        number = _number_in(image["file_name"]) if by_name else frame_number(image.get("id"), f"{where}: id")
        frames[key] = (number, [], picture_size(image.get("width"), image.get("height"), where))
    return frames


def _number_in(name):
    try:
        return frame_number(name, "")
    except ValueError:
        return None


FORMAT = pose_format(
    Tool(
        "coco",
        "COCO keypoint .json, one a clip",
        ("coco_17",),
        json_clips,
        lambda head: (head.lstrip().startswith(b"{") and b'"images"' in head) or b'"annotations"' in head,
        _read,
        sized=True,
    )
)
