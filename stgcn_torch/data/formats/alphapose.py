"""AlphaPose's results: one .json for each clip, a list of everybody in every frame.

[{"image_id": "12.jpg", "keypoints": [x, y, score, ...], "score": 2.9, "idx": 1}, ...]; frames with nobody are not
listed. COCO's results files are such lists, too.
"""

from reference.input_settings import MOST_FRAMES

from ..clip_labels import json_clips
from ..pose_files import Tool, frame_number, pose_format, track_number, triples
from ..reading import read_json


def _read(clip):
    content = read_json(clip.files[0], nan=True)
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise ValueError("it must be a list of detections [{...}, ...]")
    frames = {}
    for i, entry in enumerate(content):
        number = frame_number(entry.get("image_id"), f"detection {i}: image_id")
        people = frames.setdefault(number, [])
        where = f"frame {number}, person {len(people)}"
        people.append(triples(entry.get("keypoints"), where, track_number(entry.get("idx"), where)))
    if frames:
        first = min(1, *frames)  # pictures are counted from 0 or 1
        if max(frames) - first >= MOST_FRAMES:
            raise ValueError(f"frame {max(frames)} is beyond the {MOST_FRAMES} frames of an hour")
        for number in range(first, max(frames) + 1):
            yield number, frames.get(number, []), None


FORMAT = pose_format(
    Tool(
        "alphapose",
        "AlphaPose's results .json, one a clip",
        ("coco_17",),
        json_clips,
        lambda head: head.lstrip().startswith(b"[") and b'"image_id"' in head and b'"keypoints"' in head,
        _read,
    )
)
