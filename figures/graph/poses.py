"""Where to draw each joint of a body that is not moving: (V, 2), x to the viewer's right, y up.

Bodies are seen from the front, so the right hand is on the viewer's left; a hand is a right one, its palm towards
the viewer. Heads and feet are drawn too large on purpose: every joint needs room for its number.
"""

import numpy as np

from reference import SKELETONS

from ..page.checks import check_pose, check_skeleton
from .tree_layout import tree_layout

# On the left side of the body, which is the viewer's right; the right side is its mirror image.
_SIDE = {
    "eye": (0.12, 1.98), "ear": (0.29, 1.90),
    "shoulder": (0.32, 1.52), "elbow": (0.50, 1.20), "wrist": (0.62, 0.91), "hand": (0.68, 0.74),
    "thumb": (0.56, 0.60), "hand_tip": (0.71, 0.44),
    "hip": (0.22, 0.92), "knee": (0.24, 0.52), "ankle": (0.25, 0.14), "foot": (0.34, -0.04),
    "heel": (0.10, 0.01), "big_toe": (0.27, -0.06), "small_toe": (0.44, -0.02),
}  # fmt: skip
_MIDDLE = {
    "nose": (0, 1.83), "head": (0, 1.93), "neck": (0, 1.56),
    "mid_hip": (0, 0.94), "hip_center": (0, 0.94), "pelvis": (0, 0.94), "base_of_spine": (0, 0.94),
    "spine": (0, 1.24), "middle_of_spine": (0, 1.23), "chest": (0, 1.30),
    "shoulder_center": (0, 1.56), "spine_at_shoulders": (0, 1.48),
}  # fmt: skip

# Where one layout needs other places than the body above.
_OWN = {
    "toy_5": {
        "pelvis": (0, 0), "chest": (0, 0.75), "head": (0, 1.4), "left_hand": (0.75, 0.4), "right_hand": (-0.75, 0.4),
    },
    "ntu_25": {"neck": (0, 1.70)},
    "mocap_15": {"neck": (0, 1.68)},
    "mediapipe_33": {
        # The face is larger than life: eleven joints have to find room in it.
        "nose": (0, 2.10), "mouth_left": (0.19, 1.62), "mouth_right": (-0.19, 1.62),
        "left_eye_inner": (0.23, 2.40), "left_eye": (0.53, 2.50), "left_eye_outer": (0.80, 2.38),
        "left_ear": (0.92, 2.08),
        "left_shoulder": (0.48, 1.40), "left_elbow": (0.60, 1.12), "left_wrist": (0.72, 0.85),
        "left_thumb": (0.54, 0.76), "left_index": (0.64, 0.60), "left_pinky": (0.84, 0.64),
        "left_foot_index": (0.37, -0.05),
    },
}  # fmt: skip
_FINGERS = {
    "thumb": ((0.32, 0.20), (0.56, 0.42), (0.74, 0.65), (0.88, 0.88)),
    "index": ((0.29, 0.85), (0.36, 1.15), (0.40, 1.40), (0.43, 1.63)),
    "middle": ((0.07, 0.90), (0.09, 1.24), (0.10, 1.51), (0.11, 1.76)),
    "ring": ((-0.15, 0.85), (-0.19, 1.16), (-0.22, 1.42), (-0.24, 1.65)),
    "pinky": ((-0.36, 0.73), (-0.46, 0.98), (-0.53, 1.19), (-0.59, 1.39)),
}


def rest_pose(skeleton):
    """The pose (V, 2) in which to draw a Skeleton: x to the viewer's right, y up, about 2 high.

    The nine built-in layouts are placed by hand, as seen from the front: the right hand is on the viewer's left. Any
    other skeleton is spread out around its centre, hop by hop (`tree_layout`).

    >>> rest_pose(SKELETONS["toy_5"])[0]
    array([0., 0.])
    """
    check_skeleton(skeleton, "rest_pose")
    known = SKELETONS.get(skeleton.name)
    if known is None or known.joints != skeleton.joints:
        return tree_layout(skeleton)
    if skeleton.name == "hand_21":
        return np.array([(0.0, 0.0), *(place for finger in _FINGERS.values() for place in finger)])
    return np.array([_place(joint, _OWN.get(skeleton.name, {})) for joint in skeleton.joints], dtype=float)


def pose_to_draw(pose, skeleton, who):
    """`pose` as an array (V, 2), checked; the rest pose where it is None. Errors begin with `who`."""
    return rest_pose(skeleton) if pose is None else check_pose(pose, skeleton, who)


def _place(joint, own):
    """Where one joint of a body goes; `own` are the places of its layout that differ from the others'."""
    side, _, part = joint.partition("_")
    if joint in own:
        return own[joint]
    if side == "right" and f"left_{part}" in own:
        x, y = own[f"left_{part}"]
        return -x, y
    if side in ("left", "right"):
        x, y = _SIDE[part]
        return (x, y) if side == "left" else (-x, y)
    return _MIDDLE[joint]
