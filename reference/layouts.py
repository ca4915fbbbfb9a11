"""The nine body layouts. Bones are written (joint, neighbour nearer the centre), counted from 0."""

from .skeleton import Skeleton

_SHOULDER_TO_HAND_17 = ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist")
_HIP_TO_FOOT_17 = ("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")

# Small enough for paper: a spine of three joints, and two arms on its middle one. The chest has a neighbour nearer the
# centre (the pelvis) as well as neighbours farther from it (head and hands), so it shows all three spatial subsets.
TOY_5 = Skeleton(
    name="toy_5",
    joints=("pelvis", "chest", "head", "right_hand", "left_hand"),
    bones=((1, 0), (2, 1), (3, 1), (4, 1)),
    center=0,
)

# OpenPose's COCO model, as Kinetics-skeleton uses it. The hips hang on the shoulders, as in the widely copied code, not
# on the neck, as in OpenPose's own drawing.
OPENPOSE_18 = Skeleton(
    name="openpose_18",
    joints=(
        "nose", "neck",
        "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear",
    ),
    bones=(
        (4, 3), (3, 2), (7, 6), (6, 5), (13, 12), (12, 11), (10, 9), (9, 8), (11, 5), (8, 2), (5, 1), (2, 1),
        (0, 1), (15, 0), (14, 0), (17, 15), (16, 14),
    ),
    center=1,
)  # fmt: skip

# OpenPose's BODY_25 model.
OPENPOSE_25 = Skeleton(
    name="openpose_25",
    joints=(
        "nose", "neck",
        "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear",
        "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
    ),
    bones=(
        (0, 1), (2, 1), (3, 2), (4, 3), (5, 1), (6, 5), (7, 6), (8, 1), (9, 8), (10, 9), (11, 10), (12, 8), (13, 12),
        (14, 13), (15, 0), (17, 15), (16, 0), (18, 16), (19, 14), (20, 19), (21, 14), (22, 11), (23, 22), (24, 11),
    ),
    center=1,
)  # fmt: skip

# COCO keypoints, as pyskl and mmaction2 use them: the shoulders hang on the nose, since COCO has no neck.
COCO_17 = Skeleton(
    name="coco_17",
    joints=("nose", "left_eye", "right_eye", "left_ear", "right_ear", *_SHOULDER_TO_HAND_17, *_HIP_TO_FOOT_17),
    bones=(
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 5), (12, 6), (9, 7), (7, 5), (10, 8), (8, 6), (5, 0), (6, 0),
        (1, 0), (3, 1), (2, 0), (4, 2),
    ),
    center=0,
)  # fmt: skip

# BlazePose, the 33 landmarks of MediaPipe. The detector's own 35 connections leave the mouth and the face as islands;
# the last four bones join them: the nose to both corners of the mouth, and, since no landmark lies between the
# shoulders, the nose to both shoulders. Hands, feet and trunk are closed loops, so this graph is not a tree.
MEDIAPIPE_33 = Skeleton(
    name="mediapipe_33",
    joints=(
        "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
        "left_ear", "right_ear", "mouth_left", "mouth_right", *_SHOULDER_TO_HAND_17,
        "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", *_HIP_TO_FOOT_17,
        "left_heel", "right_heel", "left_foot_index", "right_foot_index",
    ),
    bones=(
        (1, 0), (2, 1), (3, 2), (7, 3), (4, 0), (5, 4), (6, 5), (8, 6), (10, 9),
        (12, 11), (13, 11), (15, 13), (17, 15), (19, 15), (21, 15), (19, 17),
        (14, 12), (16, 14), (18, 16), (20, 16), (22, 16), (20, 18),
        (23, 11), (24, 12), (24, 23), (25, 23), (26, 24), (27, 25), (28, 26),
        (29, 27), (30, 28), (31, 29), (32, 30), (31, 27), (32, 28),
        (9, 0), (10, 0), (11, 0), (12, 0),
    ),
    center=0,
)  # fmt: skip

# One hand, as MediaPipe and OpenPose order it.
HAND_21 = Skeleton(
    name="hand_21",
    joints=(
        "wrist",
        "thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip",
        "index_mcp", "index_pip", "index_dip", "index_tip",
        "middle_mcp", "middle_pip", "middle_dip", "middle_tip",
        "ring_mcp", "ring_pip", "ring_dip", "ring_tip",
        "pinky_mcp", "pinky_pip", "pinky_dip", "pinky_tip",
    ),
    bones=(
        (1, 0), (2, 1), (3, 2), (4, 3), (5, 0), (6, 5), (7, 6), (8, 7), (9, 0), (10, 9), (11, 10), (12, 11),
        (13, 0), (14, 13), (15, 14), (16, 15), (17, 0), (18, 17), (19, 18), (20, 19),
    ),
    center=0,
)  # fmt: skip

# NTU RGB+D (Kinect v2). Published bone lists count from 1; this one counts from 0. The tip of each hand hangs on its
# thumb, as in the widely copied code: (22,23), (23,8), (24,25), (25,12) counted from 1. pyskl and mmaction2 have
# (22,8), (23,8), (24,12), (25,12) instead, where tip and thumb both hang on the hand.
NTU_25 = Skeleton(
    name="ntu_25",
    joints=(
        "base_of_spine", "middle_of_spine", "neck", "head",
        "left_shoulder", "left_elbow", "left_wrist", "left_hand",
        "right_shoulder", "right_elbow", "right_wrist", "right_hand",
        "left_hip", "left_knee", "left_ankle", "left_foot", "right_hip", "right_knee", "right_ankle", "right_foot",
        "spine_at_shoulders", "left_hand_tip", "left_thumb", "right_hand_tip", "right_thumb",
    ),
    bones=(
        (0, 1), (1, 20), (2, 20), (3, 2), (4, 20), (5, 4), (6, 5), (7, 6), (8, 20), (9, 8), (10, 9), (11, 10),
        (12, 0), (13, 12), (14, 13), (15, 14), (16, 0), (17, 16), (18, 17), (19, 18),
        (21, 22), (22, 7), (23, 24), (24, 11),
    ),
    center=20,
)  # fmt: skip

# Kinect v1, in the order of its SDK.
KINECT_20 = Skeleton(
    name="kinect_20",
    joints=(
        "hip_center", "spine", "shoulder_center", "head",
        "left_shoulder", "left_elbow", "left_wrist", "left_hand",
        "right_shoulder", "right_elbow", "right_wrist", "right_hand",
        "left_hip", "left_knee", "left_ankle", "left_foot", "right_hip", "right_knee", "right_ankle", "right_foot",
    ),
    bones=(
        (0, 1), (1, 2), (3, 2), (4, 2), (5, 4), (6, 5), (7, 6), (8, 2), (9, 8), (10, 9), (11, 10),
        (12, 0), (13, 12), (14, 13), (15, 14), (16, 0), (17, 16), (18, 17), (19, 18),
    ),
    center=2,
)  # fmt: skip

# The body of the embedded motion-capture clips (load_clips("mocap_15")). The recordings call the pelvis "root"; here a
# root is the joint whose neighbourhood is looked at.
MOCAP_15 = Skeleton(
    name="mocap_15",
    joints=(
        "pelvis", "chest", "neck",
        "right_hip", "right_knee", "right_ankle", "right_shoulder", "right_elbow", "right_wrist",
        "left_hip", "left_knee", "left_ankle", "left_shoulder", "left_elbow", "left_wrist",
    ),
    bones=(
        (0, 1), (2, 1), (3, 0), (4, 3), (5, 4), (6, 1), (7, 6), (8, 7),
        (9, 0), (10, 9), (11, 10), (12, 1), (13, 12), (14, 13),
    ),
    center=1,
)  # fmt: skip

SKELETONS = {
    layout.name: layout
    for layout in (
        TOY_5, OPENPOSE_18, OPENPOSE_25, COCO_17, MEDIAPIPE_33, HAND_21, NTU_25, KINECT_20, MOCAP_15,
    )
}  # fmt: skip


def find_skeleton(skeleton):
    """The Skeleton itself, or the built-in layout of that name. Raises ValueError for a name that is none of them."""
    if isinstance(skeleton, Skeleton):
        return skeleton
    if not isinstance(skeleton, str) or skeleton not in SKELETONS:
        names = ", ".join(SKELETONS)
        raise ValueError(f"no skeleton is called {skeleton!r:.60}; there are {names}, or pass a Skeleton")
    return SKELETONS[skeleton]
