"""The embedded clips: what the files promise, what a body does, and the kinematics they were built with."""

from pathlib import Path

import numpy as np
import pytest

import reference.clips
from reference.clips import build_clips, kinematics

FOLDER = Path(reference.clips.__file__).parent
MOCAP_LENGTHS = {
    "walk": 39,
    "run": 25,
    "jump": 54,
    "kick": 47,
    "punch": 65,
    "spin": 133,
    "spinkick": 39,
    "roll": 61,
    "crawl": 89,
    "cartwheel": 82,
    "backflip": 53,
    "dance_a": 49,
    "dance_b": 77,
    "getup_facedown": 92,
    "getup_faceup": 114,
}
OPENPOSE_LENGTHS = {
    "military_salute": 524,
    "plank": 535,
    "push_up_low": 508,
    "seated": 606,
    "squat": 552,
    "stand": 521,
    "stand_left_arm_raised": 534,
    "stand_right_arm_raised": 503,
    "t": 503,
    "traffic_all_stop": 571,
    "traffic_back_front_stop": 516,
    "traffic_back_stop": 560,
    "traffic_front_stop": 528,
    "traffic_left_turn": 555,
    "traffic_right_turn": 521,
    "yoga_tree_left": 580,
    "yoga_tree_right": 502,
    "yoga_upward_salute": 526,
    "yoga_warrior2_left": 521,
    "yoga_warrior2_right": 515,
}
UP = np.array([0.0, 1.0, 0.0])
QUARTER_TURN_X = np.array([1, 1, 0, 0]) / np.sqrt(2)  # cos 45 degrees, sin 45 degrees along x


def load(name):
    """A set as a dict of arrays."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as data:
        return dict(data)


MOCAP, OPENPOSE = load("mocap_15"), load("openpose_25")


def clip(data, class_name):
    """The first person of the only sequence of a class, as float64 (T, V, C)."""
    s = list(data["class_names"]).index(class_name)
    return data["frames"][data["offset"][s] : data["offset"][s + 1], 0].astype(np.float64)


def joint(data, points, name):
    """One joint (T, C) of a clip (T, V, C)."""
    return points[:, list(data["joint_names"]).index(name)]


# --- the format -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, lengths, V, channels",
    [(MOCAP, MOCAP_LENGTHS, 15, ["x", "y", "z"]), (OPENPOSE, OPENPOSE_LENGTHS, 25, ["x", "y", "score"])],
)
def test_arrays_are_the_sequence_set_format(data, lengths, V, channels):
    S = len(lengths)
    assert data["frames"].dtype == np.float32
    assert data["frames"].shape == (sum(lengths.values()), 1, V, 3)
    assert np.isfinite(data["frames"]).all()
    assert list(data["class_names"]) == list(lengths)
    assert data["offset"][0] == 0 and np.diff(data["offset"]).tolist() == list(lengths.values())
    assert data["label"].tolist() == list(range(S)) and len(set(data["name"])) == S
    assert len(set(data["joint_names"])) == V
    assert list(data["channels"]) == channels
    assert data["fps"].dtype == np.float32 and data["fps"] == 30
    for key in ("offset", "label", "bones", "center"):
        assert data[key].dtype == np.int64, key


def test_totals_and_names():
    assert (len(MOCAP["frames"]), len(OPENPOSE["frames"])) == (1_019, 10_681)
    assert (MOCAP["name"][0], OPENPOSE["name"][2]) == ("humanoid3d_walk", "PushUp_Low_body")


@pytest.mark.parametrize("data", [MOCAP, OPENPOSE])
def test_bones_form_a_tree_that_leads_to_the_center(data):
    V, inward = len(data["joint_names"]), dict(data["bones"].tolist())
    assert data["joint_names"][data["center"]] in ("chest", "neck")
    assert len(data["bones"]) == len(inward) == V - 1  # every joint but the centre has one neighbour nearer to it
    for start in range(V):
        steps, here = 0, start
        while here != data["center"]:
            here, steps = inward[here], steps + 1
            assert steps < V


def test_mocap_bones_as_documented():
    assert MOCAP["bones"].tolist() == [
        [0, 1],
        [2, 1],
        [3, 0],
        [4, 3],
        [5, 4],
        [6, 1],
        [7, 6],
        [8, 7],
        [9, 0],
        [10, 9],
        [11, 10],
        [12, 1],
        [13, 12],
        [14, 13],
    ]
    assert MOCAP["joint_names"].tolist() == [
        "pelvis",
        "chest",
        "neck",
        "right_hip",
        "right_knee",
        "right_ankle",
        "right_shoulder",
        "right_elbow",
        "right_wrist",
        "left_hip",
        "left_knee",
        "left_ankle",
        "left_shoulder",
        "left_elbow",
        "left_wrist",
    ]


def test_files_are_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.npz")) < 3_000_000


def test_licences_and_pins_are_there():
    assert "altered source versions must be plainly marked" in (FOLDER / "LICENSE.pybullet.txt").read_text().lower()
    mit = (FOLDER / "LICENSE.pose-classification-kit.txt").read_text()
    assert "Copyright (c) 2020 Arthur FINDELAIR" in mit and "Permission is hereby granted" in mit
    versions = {name: version for name, (version, _) in build_clips.pinned_wheels().items()}
    assert versions == {"pose-classification-kit": "1.1.5", "pybullet": "3.2.7"}


def test_the_readme_counts_what_is_in_the_files():
    lines = (FOLDER / "README.md").read_text().splitlines()
    for lengths, column in ((MOCAP_LENGTHS, 3), (OPENPOSE_LENGTHS, 2)):
        for name, frames in lengths.items():
            row = next(line for line in lines if line.startswith(f"| `{name}` |"))
            assert row.split("|")[column].strip() == str(frames), name


# --- mocap_15: does it move like a body? ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", MOCAP_LENGTHS)
def test_bone_lengths_do_not_change(name):
    points, bones = clip(MOCAP, name), MOCAP["bones"]
    length = np.linalg.norm(points[:, bones[:, 0]] - points[:, bones[:, 1]], axis=-1)
    # Rounding moves each end by at most half a step along each axis, so by sqrt(3)/2 steps; a length is off by at
    # most twice that, and the longest and the shortest by that much in opposite directions.
    tolerance = 4 * np.sqrt(3) / 2 / build_clips.MOCAP_GRID
    assert np.ptp(length, axis=0).max() < tolerance
    # the file's own numbers, four times life size: chest, thigh, shin, upper arm, forearm
    expected = np.array([0.944604, 1.686184, 1.639480, 1.099152, 1.035788]) / 4
    np.testing.assert_allclose(length.mean(axis=0)[[0, 3, 4, 6, 7]], expected, atol=tolerance / 2)


def test_the_walk_is_upright_and_goes_forwards_on_the_ground():
    walk = clip(MOCAP, "walk")
    root, ankles = joint(MOCAP, walk, "pelvis"), walk[:, [5, 11]]
    assert (joint(MOCAP, walk, "neck")[:, 1] > joint(MOCAP, walk, "right_hip")[:, 1] + 0.3).all()
    assert (np.diff(root[:, 0]) > 0).all() and 1.2 < root[-1, 0] < 1.3  # one double step
    assert np.abs(root[:, 2]).max() < 0.05
    lower = ankles[..., 1].min(axis=1)
    assert lower.min() > 0.04 and lower.max() < 0.09


def test_the_feet_of_the_walk_alternate_and_do_not_slide():
    walk = clip(MOCAP, "walk")
    right, left = joint(MOCAP, walk, "right_ankle"), joint(MOCAP, walk, "left_ankle")
    ahead = np.sign(right[:, 0] - left[:, 0])
    assert ahead[0] == 1 and ahead[19] == -1 and ahead[-1] == 1 and np.count_nonzero(np.diff(ahead)) == 2
    assert np.ptp(right[1:13, 0]) < 0.01 and np.ptp(left[20:32, 0]) < 0.01  # the standing foot stays
    assert np.ptp(left[1:13, 0]) > 0.7 and np.ptp(right[20:32, 0]) > 0.7  # while the other swings past it


@pytest.mark.parametrize("name", ["walk", "run", "jump"])
def test_right_is_right_of_the_way_forward(name):
    points = clip(MOCAP, name)
    forward = points[-1, 0] - points[0, 0]
    rightwards = np.cross(forward / np.linalg.norm(forward), UP)
    for part in ("hip", "shoulder"):
        across = joint(MOCAP, points, f"right_{part}") - joint(MOCAP, points, f"left_{part}")
        assert (across @ rightwards > 0.1).all(), part


def bend(data, points, names, across):
    """Signed angle (T,) of the middle of three joints, radians; positive when the far bone swings to the front."""
    a, b, c = (joint(data, points, name) for name in names)
    turn = np.cross(b - a, c - b) / (np.linalg.norm(b - a, axis=1) * np.linalg.norm(c - b, axis=1))[:, np.newaxis]
    return np.arcsin(np.clip(np.linalg.norm(turn, axis=1), 0, 1)) * np.sign(np.sum(turn * across, axis=1))


@pytest.mark.parametrize("name", MOCAP_LENGTHS)
@pytest.mark.parametrize("side", ["right", "left"])
def test_knees_bend_backwards(name, side):
    points = clip(MOCAP, name)
    across = joint(MOCAP, points, "right_hip") - joint(MOCAP, points, "left_hip")
    angle = bend(MOCAP, points, [f"{side}_hip", f"{side}_knee", f"{side}_ankle"], across)
    assert angle.min() < np.radians(-30)
    assert angle.max() < np.radians(14)  # the source overstretches by up to 13 degrees


@pytest.mark.parametrize("name", ["walk", "run"])  # elsewhere the arm turns too far for the shoulders to say "front"
@pytest.mark.parametrize("side", ["right", "left"])
def test_elbows_bend_forwards(name, side):
    points = clip(MOCAP, name)
    across = joint(MOCAP, points, "right_shoulder") - joint(MOCAP, points, "left_shoulder")
    assert (bend(MOCAP, points, [f"{side}_{part}" for part in ("shoulder", "elbow", "wrist")], across) > 0).all()


def test_each_clip_shows_what_its_name_says():
    height = {name: clip(MOCAP, name)[..., 1] for name in MOCAP_LENGTHS}
    neck, right_ankle, left_ankle, right_wrist = 2, 5, 11, 8
    assert (height["kick"][:, right_ankle] > 0.8).any() and (height["kick"][:, left_ankle] < 0.15).all()
    assert height["jump"][:, [5, 11]].min(axis=1).max() > 0.3
    assert (height["cartwheel"][:, [right_ankle, left_ankle]].min(axis=1) > height["cartwheel"][:, neck]).any()
    assert height["cartwheel"][:, right_wrist].min() < 0.1
    assert (height["backflip"][:, right_ankle] > height["backflip"][:, neck]).any()
    assert height["crawl"].max() < 0.6
    for name in ("getup_facedown", "getup_faceup"):
        assert height[name][0, neck] < 0.35 and height[name][-1, neck] > 1.2
    assert min(values.min() for values in height.values()) > -0.08


# --- openpose_25 ----------------------------------------------------------------------------------------------------


def test_undetected_joints_are_zeros_in_every_channel():
    points = OPENPOSE["frames"]
    absent = points[..., 2] == 0
    assert np.count_nonzero(absent) == 13_310
    assert not points[absent].any()
    assert points[~absent, 2].min() > 0.05 and points[..., 2].max() <= 1
    assert np.count_nonzero(points[~absent][:, :2].any(axis=1)) > 0.999 * np.count_nonzero(~absent)


def test_every_frame_is_centred_on_its_bounding_box():
    for frame in OPENPOSE["frames"][:, 0]:
        seen = frame[frame[:, 2] > 0, :2]
        middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
        assert np.abs(middle).max() <= 0.5 / build_clips.OPENPOSE_GRID  # half a step, from rounding either end
    assert np.abs(OPENPOSE["frames"][..., :2]).max() < 0.72


def test_y_points_up():
    for name in ("stand", "t", "military_salute", "yoga_tree_left", "traffic_all_stop"):
        points = clip(OPENPOSE, name)
        nose, ankle = joint(OPENPOSE, points, "nose"), joint(OPENPOSE, points, "right_ankle")
        seen = (nose[:, 2] > 0) & (ankle[:, 2] > 0)
        assert (nose[seen, 1] > ankle[seen, 1] + 0.3).all(), name
    for side in ("right", "left"):
        points = clip(OPENPOSE, f"stand_{side}_arm_raised")
        wrist, neck = joint(OPENPOSE, points, f"{side}_wrist"), joint(OPENPOSE, points, "neck")
        seen = (wrist[:, 2] > 0) & (neck[:, 2] > 0)
        assert (wrist[seen, 1] > neck[seen, 1]).all()


def test_the_picture_is_not_mirrored():
    points = clip(OPENPOSE, "t")  # faces the camera, arms out
    assert (joint(OPENPOSE, points, "right_shoulder")[:, 0] < joint(OPENPOSE, points, "left_shoulder")[:, 0]).all()


def test_class_names_and_joint_headers_are_read_in_both_spellings():
    assert build_clips.snake_case("PushUp_Low") == "push_up_low" and build_clips.snake_case("T") == "t"
    assert build_clips.snake_case("Yoga_Warrior2_left") == "yoga_warrior2_left"
    assert {build_clips.short_name(name) for name in ("right_bigtoe", "RBigToe", "right_big_toe")} == {"rbigtoe"}
    assert build_clips.short_name("left_heel") == build_clips.short_name("LHeel")
    assert len({build_clips.short_name(name) for name in build_clips.OPENPOSE_25.joints}) == 25


# --- the build and its kinematics ------------------------------------------------------------------------------------


def test_a_wheel_with_another_hash_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="one wheel of pybullet 3.2.7"):
        build_clips.open_wheel(tmp_path, "pybullet")
    (tmp_path / "pybullet-3.2.7-cp311-none-any.whl").write_bytes(b"not the wheel")
    with pytest.raises(ValueError, match="sha256"):
        build_clips.open_wheel(tmp_path, "pybullet")


URDF = b"""<robot name="arm"><link name="a"/><link name="b"/><link name="c"/>
<joint name="a" type="fixed"><parent link="world"/><child link="a"/><origin rpy="0 0 0" xyz="0 0 0"/></joint>
<joint name="b" type="revolute"><parent link="a"/><child link="b"/><origin rpy="0 0 0" xyz="0 4 0"/>
<axis xyz="0 0 1"/></joint>
<joint name="c" type="fixed"><parent link="b"/><child link="c"/><origin rpy="0 0 0" xyz="0 8 0"/></joint>
</robot>\0"""


def test_kinematics_on_an_arm_worked_out_by_hand():
    joints = kinematics.read_character(URDF, 0.25)
    assert [(j.name, j.parent, j.kind) for j in joints] == [("a", -1, "fixed"), ("b", 0, "revolute"), ("c", 1, "fixed")]
    # frame 0: the root at rest, elbow bent by 90 degrees; frame 1: the root turned by 90 degrees about x as well
    columns = np.array([[1, 0, 0, 0, np.pi / 2], [*QUARTER_TURN_X, np.pi / 2]])
    world = kinematics.forward_kinematics(np.full((2, 3), 10.0), kinematics.local_rotations(columns, joints), joints)
    # about z, y turns to -x; about x, y turns to z and x stays. The order matters: frame 1 tells.
    np.testing.assert_allclose(world[0], [[10, 10, 10], [10, 11, 10], [8, 11, 10]], atol=1e-12)
    np.testing.assert_allclose(world[1], [[10, 10, 10], [10, 10, 11], [8, 10, 11]], atol=1e-12)


def test_rotations_are_normalised_and_what_does_not_fit_is_refused():
    joints = kinematics.read_character(URDF, 0.25)
    columns = np.array([[3.0, 0, 0, 0, 0.2]])
    np.testing.assert_allclose(kinematics.local_rotations(columns, joints)[0, 0], [1, 0, 0, 0])
    with pytest.raises(ValueError, match="take 5 columns, the clip has 6"):
        kinematics.local_rotations(np.ones((1, 6)), joints)
    with pytest.raises(ValueError, match="b is turned at rest"):
        kinematics.read_character(URDF.replace(b'rpy="0 0 0" xyz="0 4 0"', b'rpy="0 1 0" xyz="0 4 0"'), 1)


def test_slerp_turns_at_constant_speed_the_short_way():
    rest, turned = np.array([1.0, 0, 0, 0]), np.array([1, 0, 0, 1]) / np.sqrt(2)
    for share in (0, 0.25, 0.5, 1):
        expected = [np.cos(share * np.pi / 4), 0, 0, np.sin(share * np.pi / 4)]
        np.testing.assert_allclose(kinematics.slerp(rest, turned, share), expected, atol=1e-12)
        np.testing.assert_allclose(kinematics.slerp(rest, -turned, share), expected, atol=1e-12)
    np.testing.assert_allclose(kinematics.slerp(turned, turned, 0.3), turned, atol=1e-12)


def test_resampling_respects_uneven_durations():
    times = np.array([0.0, 1.0, 3.0])
    position = np.array([[0.0, 0, 0], [1, 0, 0], [5, 0, 0]])
    angle = np.array([0.0, 0.5, 1.5])
    rotations = kinematics.hinge(np.array([0.0, 0, 1]), angle)[:, np.newaxis]
    new_position, new_rotations = kinematics.at_rate(times, position, rotations, 2)
    np.testing.assert_allclose(new_position[:, 0], [0, 0.5, 1, 2, 3, 4, 5])
    np.testing.assert_allclose(2 * np.arccos(new_rotations[:, 0, 0]), np.arange(7) / 4, atol=1e-7)


def test_resampling_keeps_the_last_frame_of_a_rounded_duration():
    times = 0.033332 * np.arange(39)  # 1/30 s as the walk writes it: 38/30 s becomes 1.266616 s
    rotations = np.tile([1.0, 0, 0, 0], (39, 1, 1))
    position, _ = kinematics.at_rate(times, np.repeat(times[:, np.newaxis], 3, axis=1), rotations, 30)
    assert len(position) == 39 and position[-1, 0] == times[-1]
    with pytest.raises(ValueError, match="must increase"):
        kinematics.at_rate(times[[0, 0]], position[:2], rotations[:2], 30)
