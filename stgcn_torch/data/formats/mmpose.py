"""MMPose's predictions: one .json for each clip, or a folder with one for each picture.

{"meta_info": ..., "instance_info": [{"frame_id": 1, "instances": [{"keypoints": [[x, y], ...], "keypoint_scores":
[...]}, ...]}, ...]}, or only that list; a picture's file is the list of its instances.
"""

from ..clip_labels import json_clips
from ..pose_files import Tool, entries_of, frame_number, person, pose_format, track_number
from ..reading import read_json
from ..recordings import REFUSED, reason


def _is_frame(content):
    if not isinstance(content, list) or not content:
        return None if content == [] else False
    return _is_instance(content[0])


def _is_instance(entry):
    return isinstance(entry, dict) and "keypoints" in entry and "instances" not in entry


def _read(clip):
    if len(clip.files) > 1:
        for file in clip.files:
            try:
                instances = entries_of({"instances": read_json(file, nan=True)}, "instances", "a frame")
                number = frame_number(file.stem, "its name")
                yield number, _people(instances, f"frame {number}"), None
            except REFUSED as error:
                raise ValueError(f"{file.name}: {reason(error)}") from None
        return
    content = read_json(clip.files[0], nan=True)
    if isinstance(content, list):
        content = {"instance_info": content}
    listed = entries_of(content, "instance_info", "a prediction")
    if _is_frame(listed):  # of one picture
        listed = [{"instances": listed}]
    for i, frame in enumerate(listed):
        number = frame_number(frame.get("frame_id", i), f"frame {i}: frame_id")
        yield number, _people(entries_of(frame, "instances", f"frame {number}"), f"frame {number}"), None


def _people(instances, frame):
    people = []
    for m, instance in enumerate(instances):
        where = f"{frame}, person {m}"
        places, scores = instance.get("keypoints"), instance.get("keypoint_scores")
        if not isinstance(places, list) or not all(isinstance(place, list) and len(place) == 2 for place in places):
            raise ValueError(f'{where}: "keypoints" must be a list of places [x, y]')
        if not isinstance(scores, list) or len(scores) != len(places):
            raise ValueError(f'{where}: "keypoint_scores" must be a list of {len(places)} numbers')
        x, y = ([place[c] for place in places] for c in (0, 1))
        people.append(person(x, y, scores, where, track_number(instance.get("track_id"), where)))
    return people


FORMAT = pose_format(
    Tool(
        "mmpose",
        "MMPose's prediction .json, one a clip",
        ("coco_17",),
        lambda path: json_clips(path, _is_frame),
        lambda head: b'"instance_info"' in head or b'"instances"' in head or b'"keypoint_scores"' in head,
        _read,
    )
)
