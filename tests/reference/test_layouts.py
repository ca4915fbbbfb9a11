"""The built-in body layouts, bone by bone."""

import pytest

from reference import SKELETONS, Skeleton, find_skeleton, hop_distance, load_clips

# One line per layout as published; NTU counts from 1 there and here.
PUBLISHED = {
    "openpose_18": "4,3 3,2 7,6 6,5 13,12 12,11 10,9 9,8 11,5 8,2 5,1 2,1 0,1 15,0 14,0 17,15 16,14",
    "coco_17": "15,13 13,11 16,14 14,12 11,5 12,6 9,7 7,5 10,8 8,6 5,0 6,0 1,0 3,1 2,0 4,2",
    "hand_21": "1,0 2,1 3,2 4,3 5,0 6,5 7,6 8,7 9,0 10,9 11,10 12,11 13,0 14,13 15,14 16,15 17,0 18,17 19,18 20,19",
    "openpose_25": "0,1 2,1 3,2 4,3 5,1 6,5 7,6 8,1 9,8 10,9 11,10 12,8 13,12 14,13 15,0 17,15 16,0 18,16 19,14 20,19"
    " 21,14 22,11 23,22 24,11",
    "kinect_20": "0,1 1,2 3,2 4,2 5,4 6,5 7,6 8,2 9,8 10,9 11,10 12,0 13,12 14,13 15,14 16,0 17,16 18,17 19,18",
    "ntu_25": "1,2 2,21 3,21 4,3 5,21 6,5 7,6 8,7 9,21 10,9 11,10 12,11 13,1 14,13 15,14 16,15 17,1 18,17 19,18 20,19"
    " 22,23 23,8 24,25 25,12",
    "toy_5": "1,0 2,1 3,1 4,1",
}
CENTRES = {
    "toy_5": (0, "pelvis"), "openpose_18": (1, "neck"), "openpose_25": (1, "neck"), "coco_17": (0, "nose"),
    "mediapipe_33": (0, "nose"), "hand_21": (0, "wrist"), "ntu_25": (20, "spine_at_shoulders"),
    "kinect_20": (2, "shoulder_center"), "mocap_15": (1, "chest"),
}  # fmt: skip
# The 35 connections of the detector
MEDIAPIPE = (
    "0,1 1,2 2,3 3,7 0,4 4,5 5,6 6,8 9,10 11,12 11,13 13,15 15,17 15,19 15,21 17,19 12,14 14,16 16,18 16,20 16,22"
    " 18,20 11,23 12,24 23,24 23,25 24,26 25,27 26,28 27,29 28,30 29,31 30,32 27,31 28,32"
)

every_layout = pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)


def undirected(text, first=0):
    """The bones of a line as sets of two joints, counted from 0."""
    return {frozenset(int(joint) - first for joint in bone.split(",")) for bone in text.split()}


def test_there_are_nine_layouts_under_their_own_names():
    assert set(SKELETONS) == set(CENTRES)
    assert [skeleton.name for skeleton in SKELETONS.values()] == list(SKELETONS)


@pytest.mark.parametrize("name", PUBLISHED)
def test_bones_as_published(name):
    assert set(map(frozenset, SKELETONS[name].bones)) == undirected(PUBLISHED[name], first=int(name == "ntu_25"))


def test_mediapipe_has_the_detectors_bones_and_four_that_join_the_islands():
    bones = set(map(frozenset, SKELETONS["mediapipe_33"].bones))
    joints = SKELETONS["mediapipe_33"].joints
    assert undirected(MEDIAPIPE) <= bones
    added = {tuple(joints[v] for v in sorted(bone)) for bone in bones - undirected(MEDIAPIPE)}
    nose_to = ("mouth_left", "mouth_right", "left_shoulder", "right_shoulder")
    assert added == {("nose", end) for end in nose_to}


@every_layout
def test_centre_and_number_of_joints(skeleton):
    index, joint = CENTRES[skeleton.name]
    assert skeleton.center == index
    assert skeleton.joints[index] == joint
    assert skeleton.num_joints == int(skeleton.name.rpartition("_")[2])


@every_layout
def test_bones_are_written_towards_the_centre(skeleton):
    hops = hop_distance(skeleton)[skeleton.center]
    if skeleton.name == "mediapipe_33":  # it has cycles, and so a few bones between equally distant joints
        assert all(hops[i] >= hops[j] for i, j in skeleton.bones)
    else:
        assert all(hops[i] == hops[j] + 1 for i, j in skeleton.bones)


@every_layout
def test_left_and_right_mirror_each_other(skeleton):
    def mirrored(joint):
        words = {"left": "right", "right": "left"}
        return "_".join(words.get(word, word) for word in joint.split("_"))

    bones = {frozenset(skeleton.joints[v] for v in bone) for bone in skeleton.bones}
    assert {frozenset(map(mirrored, bone)) for bone in bones} == bones


@every_layout
def test_no_bone_joins_left_with_right_but_mouth_shoulders_and_hips_of_mediapipe(skeleton):
    bones = {tuple(sorted(skeleton.joints[v] for v in bone)) for bone in skeleton.bones}
    crossing = {(a, b) for a, b in bones if "left" in a.split("_") and "right" in b.split("_")}
    crossing |= {(a, b) for a, b in bones if "right" in a.split("_") and "left" in b.split("_")}
    if skeleton.name == "mediapipe_33":
        crossing -= {("mouth_left", "mouth_right"), ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")}
    assert crossing == set()


@pytest.mark.parametrize(
    ("name", "joints"),
    [
        ("openpose_18", {4: "right_wrist", 7: "left_wrist", 10: "right_ankle", 13: "left_ankle", 16: "right_ear"}),
        ("openpose_25", {8: "mid_hip", 11: "right_ankle", 19: "left_big_toe", 21: "left_heel", 22: "right_big_toe"}),
        ("coco_17", {3: "left_ear", 5: "left_shoulder", 10: "right_wrist", 15: "left_ankle"}),
        ("ntu_25", {0: "base_of_spine", 3: "head", 7: "left_hand", 21: "left_hand_tip", 22: "left_thumb"}),
        ("kinect_20", {0: "hip_center", 3: "head", 7: "left_hand", 11: "right_hand", 19: "right_foot"}),
        ("mediapipe_33", {9: "mouth_left", 15: "left_wrist", 20: "right_index", 32: "right_foot_index"}),
        ("hand_21", {4: "thumb_tip", 8: "index_tip", 12: "middle_tip", 20: "pinky_tip"}),
    ],
)
def test_joints_are_where_the_sensors_put_them(name, joints):
    assert {v: SKELETONS[name].joints[v] for v in joints} == joints


@pytest.mark.parametrize("name", ["mocap_15", "openpose_25"])
def test_embedded_clips_have_the_layout_of_their_name(name):
    assert load_clips(name).skeleton == SKELETONS[name]


def test_find_skeleton_takes_a_name_or_a_skeleton():
    own = Skeleton("own", ("a", "b"), ((0, 1),), 0)
    assert find_skeleton(own) is own
    assert find_skeleton("ntu_25") is SKELETONS["ntu_25"]


@pytest.mark.parametrize("wrong", ["openpose", "", None, 5, ["toy_5"]])
def test_find_skeleton_names_what_it_does_not_know(wrong):
    with pytest.raises(ValueError, match=r"no skeleton is called .*there are toy_5, .*, or pass a Skeleton") as refusal:
        find_skeleton(wrong)
    assert repr(wrong) in str(refusal.value)
