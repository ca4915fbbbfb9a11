"""People who move in a picture, and how each tool writes them: small files with the quirks of the real ones."""

import json

import numpy as np

TOOLS = {"openpose": 25, "alphapose": 17, "coco": 17, "mmpose": 17, "ultralytics": 17}  # and their joints


def walk(V, T, x=200.0, speed=3.0, size=150.0, seed=0):
    """One person (T, V, 3) in pixels: a body of random places that moves to the right, with scores of four digits."""
    rng = np.random.default_rng(seed)
    body = rng.uniform(0.1, 1, size=(V, 2)) * size
    places = [body + np.array([x + speed * t, 50]) + rng.normal(0, 0.5, (V, 2)) for t in range(T)]
    return np.concatenate([np.round(places, 3), np.round(rng.uniform(0.3, 1, (T, V, 1)), 4)], axis=2)


def movie(*people, without=()):
    """{frame: [(joints (V, 3), number of the person), ...]} of people (T, V, 3); nobody in the frames `without`."""
    T = max(map(len, people))
    return {
        t: [(person[t], m) for m, person in enumerate(people) if t < len(person) and t not in without]
        for t in range(T)
    }  # fmt: skip


def flat(joints):
    return np.asarray(joints).ravel().tolist()


def openpose(frames, part="pose_keypoints_2d"):
    """{number: content of its file}"""
    return {
        number: {"version": 1.3, "people": [{"person_id": [-1], part: flat(joints)} for joints, _ in people]}
        for number, people in frames.items()
    }


def alphapose(frames, tracked=False):
    return [
        {"image_id": f"{number}.jpg", "keypoints": flat(joints), "score": 2.9, "idx": m if tracked else 0}
        for number, people in frames.items()
        for joints, m in people
    ]  # fmt: skip


def coco(frames, size=None):
    images = [{"id": 10 + n, "file_name": f"clip/{n:06}.jpg"} for n in frames]
    for image in images:
        image |= {"width": size[0], "height": size[1]} if size else {}
    annotations = [
        {"id": 100 * n + m, "image_id": 10 + n, "category_id": 1, "num_keypoints": 17, "keypoints": flat(joints)}
        for n, people in frames.items()
        for joints, m in people
    ]
    return {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}


def mmpose(frames):
    info = [
        {
            "frame_id": n,
            "instances": [
                {
                    "keypoints": joints[:, :2].tolist(),
                    "keypoint_scores": joints[:, 2].tolist(),
                    "bbox": [[0, 0, 1, 1]],
                    "bbox_score": 0.9,
                }
                for joints, _ in people
            ],
        }
        for n, people in frames.items()
    ]
    return {"meta_info": {"dataset_name": "coco"}, "instance_info": info}


def ultralytics(frames, tracked=False):
    return [
        [
            {"name": "person", "class": 0, "confidence": 0.9, "box": {"x1": 0, "y1": 0, "x2": 9, "y2": 9}}
            | ({"track_id": m + 1} if tracked else {})
            | {"keypoints": {"x": flat(joints[:, 0]), "y": flat(joints[:, 1]), "visible": flat(joints[:, 2])}}
            for joints, m in people
        ]
        for people in frames.values()
    ]


def write(tool, path, frames, **words):
    """Write a clip at a path without suffix, as a tool does: the path of its folder or file."""
    content = globals()[tool](frames, **words)
    path.parent.mkdir(parents=True, exist_ok=True)
    if tool == "openpose":
        path.mkdir()
        for number, frame in content.items():
            (path / f"video_{number:012}_keypoints.json").write_text(json.dumps(frame))
        return path
    path = path.with_name(f"{path.name}.json")
    path.write_text(json.dumps(content))
    return path
