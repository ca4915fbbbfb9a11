"""OpenPose's own output (--write_json): a folder with a NAME_000000000012_keypoints.json for each frame.

{"people": [{"person_id": [-1], "pose_keypoints_2d": [x, y, score, ...], "hand_left_keypoints_2d": [...], ...}]}; nobody
is an empty list. 25 joints are BODY_25, 18 are COCO. The videos of a folder are told apart by NAME.
"""

import re

from ..clip_labels import Clip, clip_name, files_below
from ..pose_files import Tool, entries_of, frame_number, pose_format, track_number, triples
from ..reading import read_json
from ..recordings import REFUSED, reason

PARTS = {
    "body": "pose_keypoints_2d", "left_hand": "hand_left_keypoints_2d", "right_hand": "hand_right_keypoints_2d"
}  # fmt: skip
_FRAME = re.compile("(.*?)_?([0-9]+)_keypoints.json")


def _clips(path):
    clips = []
    for folder, files in files_below(path, {".json"}).items():
        names = {}
        for file in files:
            if found := _FRAME.fullmatch(file.name):
                names.setdefault(found[1], []).append(file)
        own = folder if folder or path.is_file() else path.resolve().name
        for name, frames in names.items():
            frames.sort(key=lambda file: frame_number(_FRAME.fullmatch(file.name)[2], file.name))
            several = len(names) > 1 or not own
            clips.append(Clip(clip_name(folder, name) if several else own, tuple(frames)))
    return clips


def _read(clip, part="body"):
    for file in clip.files:
        try:
            content = read_json(file, nan=True)
            people = []
            for m, entry in enumerate(entries_of(content, "people", "a frame")):
                where = f"person {m}"
                track = entry.get("person_id")
                track = None if track in (None, [-1], []) else track_number(track, where)
                if entry.get(PARTS[part]) != []:  # empty: the part was not looked for, or not found
                    people.append(triples(entry.get(PARTS[part]), f"{where}: {PARTS[part]}", track))
            yield frame_number(_FRAME.fullmatch(file.name)[2], file.name), people, None
        except REFUSED as error:
            raise ValueError(f"{file.name}: {reason(error)}") from None


FORMAT = pose_format(
    Tool(
        "openpose",
        "folders of OpenPose's *_keypoints.json, one folder a clip",
        ("openpose_25", "openpose_18", "hand_21"),
        _clips,
        lambda head: b'"people"' in head,
        _read,
        options={"part": {"choices": PARTS, "help": "which joints (default: body)"}},
    )
)
