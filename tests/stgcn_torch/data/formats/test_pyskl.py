"""Annotation pickles of pyskl and mmaction2: what is read, and what is refused."""

import pickle

import numpy as np
import pytest
from conversions import Converted, damaged
from hypothesis import given
from hypothesis import strategies as st

from reference import SKELETONS
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker
from stgcn_torch.training.augment import VaryingClipMaker


def annotation(seed, M=1, T=5, V=17, C=2, scored=True, **changes):
    rng = np.random.default_rng(seed)
    entry = {
        "frame_dir": f"v{seed}",
        "label": seed % 3,
        "img_shape": (1080, 1920),
        "original_shape": (1080, 1920),
        "total_frames": T,
        "keypoint": rng.uniform(1, 900, size=(M, T, V, C)).astype(np.float16),
    }
    if scored:
        entry["keypoint_score"] = rng.uniform(0.1, 1, size=(M, T, V)).astype(np.float16)
    return entry | changes


def write(folder, annotations, split=None, protocol=4):
    content = {"annotations": annotations} | ({} if split is None else {"split": split})
    path = folder / "anno.pkl"
    path.write_bytes(content if isinstance(annotations, bytes) else pickle.dumps(content, protocol))
    return path


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("out", ["set.npz", "set"])
def test_bodies_found_in_pictures_round_trip(tmp_path, protocol, out):
    annotations = [annotation(0, M=2, T=4), annotation(1), annotation(2, M=1, T=9)]
    split = {"xsub_train": ["v0"], "xsub_val": ["v1", "v2"], "xview_train": ["v1"], "xview_val": ["v0"]}
    converted = Converted("pyskl", write(tmp_path, annotations, split, protocol), tmp_path / out)
    assert converted.status == 0
    made = converted.set
    for s, expected in enumerate(annotations):
        clip = made.clip(s)[0]  # (C, T, V, M)
        M, T = expected["keypoint"].shape[:2]
        assert clip.shape == (3, T, 17, 2)
        assert np.array_equal(clip[:2, ..., :M], expected["keypoint"].transpose(3, 1, 2, 0).astype(np.float32))
        assert np.array_equal(clip[2, ..., :M], expected["keypoint_score"].transpose(1, 2, 0).astype(np.float32))
        assert not clip[..., M:].any()
    assert made.name.tolist() == ["v0", "v1", "v2"]
    assert made.label.tolist() == [0, 1, 2]
    assert made.split.tolist() == [[1, 2], [2, 1], [2, 0]]
    assert made.channels.tolist() == ["x", "y", "score"]
    assert "split 0 is xsub" in converted.printed


def test_bodies_in_space_round_trip(tmp_path):
    annotations = [annotation(seed, M=1 + seed % 2, V=25, C=3, scored=False) for seed in range(3)]
    made = Converted("pyskl", write(tmp_path, annotations), tmp_path / "set").set
    assert made.channels.tolist() == ["x", "y", "z"]
    assert made.split is None
    for s, expected in enumerate(annotations):
        M = 1 + s % 2
        assert np.array_equal(made.clip(s)[0, ..., :M], expected["keypoint"].transpose(3, 1, 2, 0).astype(np.float32))


def test_joints_with_score_0_are_zeros(tmp_path):
    one = annotation(0)
    one["keypoint_score"][0, 2, 5] = 0
    clip = Converted("pyskl", write(tmp_path, [one]), tmp_path / "set").set.clip(0)
    assert not clip[0, :, 2, 5].any()
    assert (clip != 0).sum() == clip.size - 3


def test_what_is_not_seen_is_zeros_whatever_its_score(tmp_path):
    one = annotation(0, T=4)
    one["keypoint"] = one["keypoint"].astype(np.float32)
    one["keypoint"][0, 0, 3] = 0  # the corner of the picture, with a positive score
    one["keypoint"][0, 1, 9] = -3.0  # just outside of the picture is a place
    one["keypoint_score"][0, 2, 5] = np.nan
    one["keypoint_score"][0, 3, 6] = -0.002
    one["keypoint"][0, 3, 7], one["keypoint_score"][0, 3, 7] = np.nan, 0
    expected = np.concatenate([one["keypoint"], one["keypoint_score"][..., None]], axis=3).astype(np.float32)
    for t, v in ((0, 3), (2, 5), (3, 6), (3, 7)):
        expected[0, t, v] = 0
    converted = Converted("pyskl", write(tmp_path, [one, annotation(1)]), tmp_path / "set")
    assert converted.status == 0
    assert np.array_equal(converted.set.clip("v0")[0], expected.transpose(3, 1, 2, 0))
    assert "joints at (0, 0) with a score above 0; they count as not seen: 1, in 1 of 2 sequences" in converted.printed
    assert "scores that are NaN or just below 0; the joints count as not seen: 2, in 1 of 2" in converted.printed


def test_a_centre_that_was_not_seen_pulls_nothing_away(tmp_path):
    """The case that was found: the neck at (0, 0) with a score, so that the clip was centred about the corner."""
    one = annotation(0, T=6, V=18)
    clips = {}
    for name, score in (("seen as nothing", 0), ("with a score", 0.3)):
        one["keypoint"][0, 0, 1], one["keypoint_score"][0, 0, 1] = 0, score
        folder = tmp_path / name
        folder.mkdir()
        made = Converted("pyskl", write(folder, [one]), folder / "set").set
        clips[name] = ClipMaker(InputSettings(center="frame"), made.channels, made.skeleton)(made.clip(0)[0])
    assert np.array_equal(clips["with a score"], clips["seen as nothing"])
    assert abs(clips["with a score"][0].mean()) < 300


@pytest.mark.parametrize(
    ("V", "C", "scored", "options", "body", "channels"),
    [
        (25, 2, True, (), "openpose_25", ["x", "y", "score"]),
        (25, 2, False, (), "openpose_25", ["x", "y"]),
        (25, 3, False, (), "ntu_25", ["x", "y", "z"]),
        (17, 3, False, (), "coco_17", ["x", "y", "z"]),
        (18, 3, False, (), "openpose_18", ["x", "y", "z"]),
        (33, 3, True, (), "mediapipe_33", ["x", "y", "z", "score"]),
        (25, 2, True, ("--skeleton", "ntu_25"), "ntu_25", ["x", "y", "score"]),
    ],
)
def test_body_and_channels_are_told_and_printed(tmp_path, V, C, scored, options, body, channels):
    path = write(tmp_path, [annotation(seed, V=V, C=C, scored=scored) for seed in range(2)])
    converted = Converted("pyskl", path, tmp_path / "set", *options)
    assert converted.set.joint_names.tolist() == list(SKELETONS[body].joints)
    assert converted.set.channels.tolist() == channels
    assert f"the bodies are taken for {body} with the channels {', '.join(channels)}" in converted.printed


def test_z_is_centred_and_turned(tmp_path):
    path = write(tmp_path, [annotation(0, T=6, V=17, C=3, scored=False)])
    made = Converted("pyskl", path, tmp_path / "set").set
    make = VaryingClipMaker(InputSettings(center="frame", frames=6, crop=1, zoom=0), made.channels, made.skeleton)
    clip, turned = make(made.clip(0)[0]), make.varied(made.clip(0)[0], np.random.default_rng(0))
    assert not clip[:, :, 0].any()  # the nose is the centre
    across = [np.hypot(each[0], each[2]) for each in (clip, turned)]
    np.testing.assert_allclose(*across, rtol=1e-5)
    assert abs(clip[2] - turned[2]).max() > 1


def test_a_third_channel_that_is_the_score_is_said_to_be_and_looked_at(tmp_path):
    one = annotation(0, C=3, V=25, scored=False)
    converted = Converted("pyskl", write(tmp_path, [one]), tmp_path / "no", "--channels", "x", "y", "score")
    assert (converted.status, converted.set) == (1, None)
    assert "the last channel would be the score, from 0 to 1, but it holds" in converted.errors
    one["keypoint"][..., 2] /= 1000
    one["keypoint"][0, 1, 4, 2] = 0
    made = Converted("pyskl", write(tmp_path, [one]), tmp_path / "set", "--channels", "x", "y", "score").set
    assert made.channels.tolist() == ["x", "y", "score"]
    assert made.joint_names.tolist() == list(SKELETONS["openpose_25"].joints)
    assert not made.clip(0)[0, :, 1, 4].any()


def test_scores_above_1_are_told(tmp_path):
    one = annotation(0)
    one["keypoint_score"][0, 0, :3] = 3.5
    converted = Converted("pyskl", write(tmp_path, [one]), tmp_path / "set")
    assert converted.set.clip(0)[0, 2].max() == 3.5
    assert "scores above 1, kept as they are: 3, in 1 of 1 sequences" in converted.printed


def test_a_list_of_annotations_or_one_is_a_set_without_a_split(tmp_path):
    for name, content in (("list", [annotation(0), annotation(1)]), ("one", annotation(0))):
        path = tmp_path / f"{name}.pkl"
        path.write_bytes(pickle.dumps(content))
        converted = Converted("pyskl", path, tmp_path / name)
        assert converted.status == 0
        assert converted.set.name.tolist() == (["v0", "v1"] if name == "list" else ["v0"])
        assert converted.set.split is None


@pytest.mark.parametrize("label", [2.0, np.float32(2), np.int64(2)])
def test_labels_with_a_decimal_point_are_whole_numbers(tmp_path, label):
    converted = Converted("pyskl", write(tmp_path, [annotation(0, label=label)]), tmp_path / "set")
    assert (converted.status, converted.set.label.tolist()) == (0, [2])
    assert ("labels with a decimal point" in converted.printed) == isinstance(label, (float, np.floating))


def test_of_more_than_two_persons_two_are_kept(tmp_path):
    scored = annotation(0, M=4)
    scored["keypoint_score"] *= np.float16([0.2, 0.9, 0.5, 1])[:, None, None]
    moving = annotation(1, M=3, V=25, C=3, scored=False)
    moving["keypoint"][1] = moving["keypoint"][1, :1]  # stands still
    moving["keypoint"][2] = (moving["keypoint"][2] / 8).round()
    for entry, kept in ((scored, (3, 1)), (moving, (0, 2))):
        folder = tmp_path / f"{len(entry['keypoint'])}"
        folder.mkdir()
        clip = Converted("pyskl", write(folder, [entry]), folder / "set").set.clip(0)[0]
        for m, person in enumerate(kept):
            assert np.array_equal(clip[:2, ..., m], entry["keypoint"][person, ..., :2].transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("split", "columns"),
    [
        ({"train": ["v0"], "test": ["v1"]}, [[1], [2]]),
        ({"train1": ["v0"], "test1": ["v1"], "train2": ["v1"], "test2": ["v0"]}, [[1, 2], [2, 1]]),
        ({"sub1_train": ("v0",), "sub1_test": {"v1"}}, [[1], [2]]),
        ({"trainval": ["v0"], "test": ["v1"]}, [[1], [2]]),
        ({"xsub_train": ["v0"], "xsub_val": ["v1"], "xsub_test": []}, [[1, 1], [0, 2]]),
        ({"train": ["v0"], "val": ["v1"], "trainval": ["v0", "v1"], "test": []}, [[1, 1], [1, 2]]),
        ({"training": ["v0"], "validation": ["v1"]}, [[1], [2]]),
    ],
)
def test_other_names_of_splits(tmp_path, split, columns):
    made = Converted("pyskl", write(tmp_path, [annotation(0), annotation(1)], split), tmp_path / "set").set
    assert made.split.tolist() == columns


def test_three_lists_keep_three_parts(tmp_path):
    split = {"xsub_train": ["v0"], "xsub_val": ["v1"], "xsub_test": ["v2"]}
    path = write(tmp_path, [annotation(seed) for seed in range(4)], split)
    converted = Converted("pyskl", path, tmp_path / "set")
    assert converted.set.split.tolist() == [[1, 1], [0, 2], [2, 0], [0, 0]]
    assert "split 0 is xsub, train against test" in converted.printed
    assert "split 1 is xsub, train against val" in converted.printed


def test_names_that_match_nothing_are_a_note(tmp_path):
    split = {"train": ["v0", "v0.skeleton", "w"], "val": ["v1"]}
    converted = Converted("pyskl", write(tmp_path, [annotation(0), annotation(1)], split), tmp_path / "set")
    assert (converted.status, converted.set.split.tolist()) == (0, [[1], [2]])
    assert "2 names of the split 'train' match no annotation, 'v0.skeleton' for one" in converted.printed
    assert "'val'" not in converted.printed


def test_a_split_of_no_known_name_is_told(tmp_path):
    converted = Converted("pyskl", write(tmp_path, [annotation(0)], {"all": ["v0"]}), tmp_path / "set")
    assert (converted.status, converted.set.split) == (0, None)
    assert "the split 'all' is called neither" in converted.printed


ONE = annotation(1)
ENTRIES = {
    "a number": (7, "annotation 1: it must be a mapping, got int"),
    "nothing": ({}, '"frame_dir", the name, must be text'),
    "no name": (ONE | {"frame_dir": None}, '"frame_dir", the name, must be text'),
    "a name twice": (ONE | {"frame_dir": "v0"}, "another sequence called v0"),
    "no label": ({k: v for k, v in ONE.items() if k != "label"}, '"label" must be a number from 0'),
    "a negative label": (ONE | {"label": -1}, '"label" must be a number from 0'),
    "a label that is text": (ONE | {"label": "walk"}, '"label" must be a number from 0'),
    "a label of a billion": (ONE | {"label": 10**9}, '"label" must be a number from 0'),
    "no keypoint": ({k: v for k, v in ONE.items() if k != "keypoint"}, '"keypoint" must be an array'),
    "a keypoint list": (ONE | {"keypoint": ONE["keypoint"].tolist()}, '"keypoint" must be an array'),
    "a keypoint of three axes": (ONE | {"keypoint": ONE["keypoint"][0]}, '"keypoint" must be an array'),
    "a keypoint of text": (ONE | {"keypoint": ONE["keypoint"].astype(str)}, '"keypoint" must be an array'),
    "another body": (annotation(1, V=18), "(18, 2, True), the others have (17, 2, True)"),
    "no scores": (annotation(1, scored=False), "(17, 2, False), the others have (17, 2, True)"),
    "scores of another shape": (ONE | {"keypoint_score": ONE["keypoint_score"][:, 1:]}, '"keypoint_score" must be'),
    "a score list": (ONE | {"keypoint_score": [1]}, '"keypoint_score" must be'),
    "a negative score": (ONE | {"keypoint_score": -ONE["keypoint_score"]}, '"keypoint_score" must be 0 or more'),
    "scores that are all 0": (ONE | {"keypoint_score": 0 * ONE["keypoint_score"]}, "all scores are 0, though joints"),
    "NaN": (ONE | {"keypoint": ONE["keypoint"] * np.float16("nan")}, "nan in frame 0 is not a finite number"),
    "a NaN score": (ONE | {"keypoint_score": ONE["keypoint_score"] * np.float16("nan")}, "is not a finite number"),
    "zeros": (ONE | {"keypoint": 0 * ONE["keypoint"], "keypoint_score": 0 * ONE["keypoint_score"]}, "all zeros"),
    "no frames": (annotation(1, T=0), '"keypoint" has 0 frames'),
    "nobody": (annotation(1, M=0), "and 0 persons"),
    "another total": (ONE | {"total_frames": 6}, '"total_frames" is 6, "keypoint" has 5 frames'),
    "a total that is text": (ONE | {"total_frames": "5"}, "\"total_frames\" is '5'"),
    "in both lists": (ONE | {"frame_dir": "both"}, "both the training and the test list"),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_a_bad_annotation_is_named_and_counted_and_the_others_are_converted(tmp_path, case):
    entry, reason = ENTRIES[case]
    split = {"x_train": ["v0", "both"], "x_val": ["v2", "both"]}
    path = write(tmp_path, [annotation(0), entry, annotation(2)], split)
    converted = Converted("pyskl", path, tmp_path / "set.npz")
    assert (converted.status, converted.set.name.tolist()) == (1, ["v0", "v2"])
    assert "anno.pkl, annotation 1" in converted.errors
    assert reason in converted.errors


FILES = {
    "a list of nothing": [],
    "a list of numbers": [1, 2],
    "no annotations": {"split": {}},
    "annotations that are none": {"annotations": []},
    "annotations of nothing": {"annotations": [{}]},
    "annotations that are a mapping": {"annotations": {"a": annotation(0)}},
    "a split that is a list": {"split": ["v0"], "annotations": [annotation(0)]},
    "a split of numbers": {"split": {"train": [0]}, "annotations": [annotation(0)]},
    "a split that is text": {"split": {"train": "v0"}, "annotations": [annotation(0)]},
    "a body of 26": {"annotations": [annotation(0, V=26)]},
    "seven channels": {"annotations": [annotation(0, C=7)]},
    "objects": {"annotations": [annotation(0, keypoint=np.array([[[[None, eval]]]]))]},
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_none_is_refused(tmp_path, case):
    path = tmp_path / "anno.pkl"
    path.write_bytes(pickle.dumps(FILES[case]))
    converted = Converted("pyskl", path, tmp_path / "set")
    assert (converted.status, converted.set) == (1, None)
    assert "data convert: " in converted.errors


@pytest.mark.parametrize("source", ["", "nowhere.pkl"])
def test_a_path_that_is_no_file_is_refused(tmp_path, source):
    converted = Converted("pyskl", tmp_path / source, tmp_path / "set")
    assert (converted.status, converted.set) == (1, None)


@given(st.data())
def test_a_damaged_file_is_refused_or_still_whole(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("pyskl")
    path = write(folder, [annotation(0), annotation(1)], {"a_train": ["v0"], "a_val": ["v1"]})
    path.write_bytes(damaged(path.read_bytes(), data.draw, st.floats(0, 1)))
    converted = Converted("pyskl", path, folder / "set")
    assert converted.status in (0, 1)
    assert (converted.set is None) <= (converted.status == 1)
