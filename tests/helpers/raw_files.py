"""Small raw recordings: the text of NTU RGB+D (body, text) and the JSON of Kinetics-skeleton (person, clip)."""

import numpy as np


def body(seed, T=1, at=0.0):
    """A body (T, 25, 3) with places of four digits, each frame a little away from the one before."""
    rng = np.random.default_rng(seed)
    return np.round(at + rng.normal(size=(1, 25, 3)) + 0.02 * rng.normal(size=(T, 25, 3)), 4)


def text(frames, end="\n"):
    """The file of frames, each a list of (tracking id, joints (25, 3))."""
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for number, joints in bodies:
            lines += [f"{number} 0 1 1 1 1 0 0.0276 0.0574 2", "25"]
            lines += [f"{x:.4f} {y:.4f} {z:.4f} 277.4 191.8 1036.2 519.1 -0.2 0.05 0.97 -0.12 2" for x, y, z in joints]
    return end.join(lines) + end


def person(seed, score=0.5):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(size=(18, 2)), np.full(18, score)]).round(4)  # (18, 3)


def clip(frames, **changes):
    """A clip's content, of frames: lists of persons (18, 3)."""
    data = [
        {
            "frame_index": t + 1,
            "skeleton": [{"pose": p[:, :2].ravel().tolist(), "score": p[:, 2].tolist()} for p in persons],
        }
        for t, persons in enumerate(frames)
    ]
    return {"data": data, "label": "air drumming", "label_index": 1} | changes
