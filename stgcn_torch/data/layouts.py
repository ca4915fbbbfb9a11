"""Which body an array without joint names holds: by its number of joints, or as the user says."""

from reference import SKELETONS, find_skeleton

# 25 joints are NTU's far more often than OpenPose's in these formats; 18, 17 and 20 have one owner each.
_USUAL = {25: "ntu_25", 18: "openpose_18", 17: "coco_17", 20: "kinect_20", 33: "mediapipe_33", 21: "hand_21"}
_IN_SPACE = ("ntu_25", "kinect_20")  # recorded with a depth camera: three channels are x, y, z


def skeleton_for(V, name=None):
    """The Skeleton of V joints: of that name, or the usual one. Raises ValueError if there is none with V joints."""
    if name is None and V not in _USUAL:
        raise ValueError(f"no usual skeleton has {V} joints; name one of {', '.join(SKELETONS)} with --skeleton")
    skeleton = find_skeleton(name or _USUAL[V])
    if len(skeleton.joints) != V:
        raise ValueError(f"{skeleton} has {len(skeleton.joints)} joints, but the data has {V}")
    return skeleton


def channels_for(C, skeleton):
    """The names of C channels of a body: x, y; x, y, z or x, y, score. Raises ValueError for another number."""
    if C == 2:
        return ("x", "y")
    if C == 3:
        return ("x", "y", "z" if skeleton.name in _IN_SPACE else "score")
    raise ValueError(f"there are {C} channels; 2 (x, y) and 3 (x, y, z or x, y, score) are known")
