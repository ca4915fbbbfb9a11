"""Kinetics-skeleton clips: what is read, and what is refused."""

import json

import numpy as np
import pytest
from conversions import REASON, SHARED, Converted, damaged
from hypothesis import given
from hypothesis import strategies as st
from raw_files import clip, person

from stgcn_torch.data.formats.kinetics import read_pose

REAL = SHARED / "kinetics" / "open_pose_skeleton.json"
real = pytest.mark.skipif(not REAL.exists(), reason=REASON)
CLASSES = ("abseiling", "air drumming", "answering questions")


def write(folder, clips, labels=None):
    """A folder of clips, and beside it the label file: all of class 1 unless `labels` says otherwise."""
    folder.mkdir(exist_ok=True)
    for name, content in clips.items():
        path = folder / f"{name}.json"
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(json.dumps(content))
    every = {name: {"has_skeleton": True, "label": CLASSES[1], "label_index": 1} for name in clips}
    unused = {"unused": {"has_skeleton": True, "label": CLASSES[2], "label_index": 2}}
    path = folder.with_name(f"{folder.name}_label.json")
    path.write_text(json.dumps(every | unused if labels is None else labels))
    return folder


@real
@pytest.mark.parametrize("out", ["set.npz", "set"])
def test_the_real_clip_with_a_blank_label_and_empty_frames(tmp_path, out):
    folder = write(tmp_path / "in", {"demo": REAL.read_bytes()})
    converted = Converted("kinetics", folder, tmp_path / out)
    assert converted.status == 0
    frames = converted.set.clip("demo")[0]  # (3, 150, 18, 2)
    assert frames.shape == (3, 150, 18, 2)
    assert (~frames.any(axis=(0, 2, 3))).sum() == 28
    for frame in json.loads(REAL.read_text())["data"]:
        t = frame["frame_index"] - 1
        for m, listed in enumerate(frame["skeleton"]):
            assert np.array_equal(frames[:2, t, :, m].T.ravel(), np.float32(listed["pose"]))
            assert np.array_equal(frames[2, t, :, m], np.float32(listed["score"]))
    assert converted.set.class_names.tolist() == ["class 0", "air drumming", "answering questions"]
    assert converted.set.channels.tolist() == ["x", "y", "score"]
    assert converted.set.label.tolist() == [1]


def test_the_two_with_the_highest_mean_score_are_kept_frame_by_frame(tmp_path):
    low, high, middle = person(1, 0.1), person(2, 0.9), person(3, 0.5)
    write(tmp_path / "in", {"a": clip([[low, high, middle], [low], [], [high, low, middle, low]])})
    got = read_pose(tmp_path / "in" / "a.json")
    expected = np.zeros((4, 2, 18, 3))
    expected[0], expected[1, 0], expected[3] = [high, middle], low, [high, middle]
    assert np.array_equal(got, expected.astype(np.float32))


def test_joints_that_were_not_detected_are_zeros(tmp_path):
    one = person(1)
    one[4, 2] = 0
    write(tmp_path / "in", {"a": clip([[one]])})
    got = read_pose(tmp_path / "in" / "a.json")[0, 0]
    assert not got[4].any()
    assert np.array_equal(np.delete(got, 4, 0), np.delete(one, 4, 0).astype(np.float32))


@pytest.mark.parametrize(("numbers", "places", "T"), [((1, 4, 2), (0, 3, 1), 4), ((0, 2, 1), (0, 2, 1), 3)])
def test_frame_index_says_where_a_frame_belongs(tmp_path, numbers, places, T):
    content = clip([[person(seed)] for seed in range(3)])
    for frame, number in zip(content["data"], numbers, strict=True):
        frame["frame_index"] = number
    write(tmp_path / "in", {"a": content})
    got = read_pose(tmp_path / "in" / "a.json")
    assert len(got) == T
    for seed, place in enumerate(places):
        assert np.array_equal(got[place, 0], person(seed).astype(np.float32))


def test_clips_without_skeleton_by_the_label_file_are_left_out(tmp_path):
    labels = {
        "a": {"has_skeleton": True, "label": CLASSES[0], "label_index": 0},
        "b": {"has_skeleton": False, "label": CLASSES[1], "label_index": 1},
    }
    content = clip([[person(1)]], label=CLASSES[0])
    folder = write(tmp_path / "in", {"a": content, "b": clip([[]])}, labels)
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert converted.status == 0
    assert converted.set.name.tolist() == ["a"]
    assert "1 of 2 clips have no skeleton by the label file: left out" in converted.printed


def test_a_label_file_elsewhere(tmp_path):
    folder = write(tmp_path / "in", {"a": clip([[person(1)]])})
    (tmp_path / "in_label.json").rename(folder / "names.json")  # even among the clips
    assert Converted("kinetics", folder, tmp_path / "none.npz").status == 1
    converted = Converted("kinetics", folder, tmp_path / "set.npz", "--labels", folder / "names.json")
    assert (converted.status, len(converted.set)) == (0, 1)


def test_what_is_not_seen_is_zeros_whatever_its_score(tmp_path):
    one = person(1)
    one[3, :2] = 0  # the corner, with a positive score
    one[4, 2], one[5, 2], one[6] = -0.002, np.nan, np.nan
    one[7] = [-1, -1, 0]  # a placeholder
    folder = write(tmp_path / "in", {"a": clip([[one, person(2)]])})
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert converted.status == 0
    got = converted.set.clip(0)[0, :, 0, :, 1].T  # (18, 3): the mean of its scores is the lower one
    assert not got[3:8].any()
    assert np.array_equal(np.delete(got, range(3, 8), 0), np.delete(one, range(3, 8), 0).astype(np.float32))
    assert "joints at (0, 0) with a score above 0; they count as not seen: 1, in 1 of 1 sequences" in converted.printed
    assert "scores that are NaN or just below 0; the joints count as not seen: 3" in converted.printed


def test_just_outside_of_the_picture_is_kept_and_told(tmp_path):
    one = person(1)
    one[3, 0], one[4, 1] = -0.0001, 1.0001
    converted = Converted("kinetics", write(tmp_path / "in", {"a": clip([[one]])}), tmp_path / "set.npz")
    assert np.array_equal(converted.set.clip(0)[0, :, 0, :, 0].T, one.astype(np.float32))
    assert "joints just outside the picture, kept where they are: 2, in 1 of 1 sequences" in converted.printed


def test_a_clip_that_calls_its_class_unknown_has_the_label_files(tmp_path):
    folder = write(tmp_path / "in", {"a": clip([[person(1)]], label="unknown", label_index=-1)})
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert (converted.status, converted.set.label.tolist()) == (0, [1])
    assert "clips that call their own class 'unknown'; the label file's is taken: 1, in 1 of 1" in converted.printed


def test_clips_of_no_known_class_are_of_a_class_of_their_own(tmp_path):
    labels = {
        "a": {"has_skeleton": True, "label": "unknown", "label_index": -1},
        "b": {"has_skeleton": True, "label": CLASSES[1], "label_index": 1.0},
    }
    content = clip([[person(1)]], label="unknown", label_index=-1)
    folder = write(tmp_path / "in", {"a": content, "b": content}, labels)
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert converted.status == 0
    assert converted.set.class_names.tolist() == ["class 0", CLASSES[1], "unknown"]
    assert converted.set.label.tolist() == [2, 1]
    assert "1 clips are of no known class" in converted.printed


def test_the_two_folders_of_kinetics_are_one_set_with_its_split(tmp_path):
    for name, clips in (("kinetics_train", "ab"), ("kinetics_val", "cd")):
        write(tmp_path / name, {clip_name: clip([[person(ord(clip_name))]]) for clip_name in clips})
    (tmp_path / "notes").mkdir()
    out = tmp_path.parent / f"{tmp_path.name}.npz"
    converted = Converted("kinetics", tmp_path, out)
    assert converted.status == 0
    assert converted.set.name.tolist() == ["a", "b", "c", "d"]
    assert converted.set.split.tolist() == [[1], [1], [2], [2]]
    assert converted.set.class_names.tolist() == ["class 0", *CLASSES[1:]]
    assert "split 0 is train against val, as the folders are called" in converted.printed
    assert np.array_equal(converted.set.clip("c")[0, :, 0, :, 0].T, person(ord("c")).astype(np.float32))


def test_label_files_of_two_folders_must_agree(tmp_path):
    write(tmp_path / "train", {"a": clip([[person(1)]])})
    other = {"b": {"has_skeleton": True, "label": "sleeping", "label_index": 1}}
    write(tmp_path / "val", {"b": clip([[person(1)]], label="sleeping")}, other)
    out = tmp_path.parent / f"{tmp_path.name}.npz"
    converted = Converted("kinetics", tmp_path, out)
    assert (converted.status, converted.set) == (1, None)
    assert "index 1 is both 'air drumming' and 'sleeping'" in converted.errors


def with_frame(**changes):
    content = clip([[person(1)]])
    content["data"][0] |= changes
    return content


def with_person(**changes):
    content = clip([[person(1)]])
    content["data"][0]["skeleton"][0] |= changes
    return content


POSE, SCORE = person(1)[:, :2].ravel().tolist(), [0.5] * 18
MALFORMED = {
    "empty": (b"", "Expecting value"),
    "a list": ([], "it must be an object {...}, got list"),
    "cut short": (json.dumps(clip([[person(1)]])).encode()[:300], ""),
    "other bytes": (b"\x80\x04\x95\xff", "decode"),
    "nested without end": (b'{"data": ' + b"[" * 100_000, "nested too deeply"),
    "no data": ({"label": ""}, '"data" must be a list of frames'),
    "data is an object": ({"data": {}}, '"data" must be a list of frames'),
    "no frames": ({"data": []}, '"data" must be a list of frames'),
    "a frame that is a number": ({"data": [7]}, 'frame 0 of "data": frame_index must be'),
    "frame_index is missing": ({"data": [{"skeleton": []}]}, "frame_index must be a whole number"),
    "frame_index is negative": (with_frame(frame_index=-1), "frame_index must be a whole number"),
    "frame_index is text": (with_frame(frame_index="1"), "frame_index must be a whole number"),
    "frame_index is true": (with_frame(frame_index=True), "frame_index must be a whole number"),
    "frame_index of a billion": (with_frame(frame_index=10**9), "from 0 to 108000"),
    "frame_index twice": (clip([]) | {"data": clip([[person(1)]])["data"] * 2}, "frame_index 1 is there twice"),
    "skeleton is missing": ({"data": [{"frame_index": 1}]}, '"skeleton" must be a list of persons'),
    "a person that is null": (with_frame(skeleton=[None]), 'frame_index 1, person 0: "pose" must be 36 numbers'),
    "a pose of 34": (with_person(pose=POSE[2:]), '"pose" must be 36 numbers'),
    "a pose in pairs": (with_person(pose=np.reshape(POSE, (18, 2)).tolist()), '"pose" must be 36 numbers'),
    "a pose of text": (with_person(pose=[str(x) for x in POSE]), '"pose" must be 36 numbers'),
    "a pose with null": (with_person(pose=[None, *POSE[1:]]), '"pose" must be 36 numbers'),
    "a pose with true": (with_person(pose=[True, *POSE[1:]]), '"pose" must be 36 numbers'),
    "a pose in pixels": (with_person(pose=[340 * x for x in POSE]), "divide pixels by the picture's width and height"),
    "too far outside": (with_person(pose=[1.02, *POSE[1:]]), "x and y must be from 0 to 1"),
    "a negative place": (with_person(pose=[-0.1, *POSE[1:]]), "x and y must be from 0 to 1, got -0.1"),
    "NaN": (with_person(pose=[float("nan"), *POSE[1:]]), "NaN is not a finite number"),
    "infinity": (with_person(score=[float("inf"), *SCORE[1:]]), "Infinity is not a finite number"),
    "1e999": (json.dumps(with_person(pose=[0.125, *POSE[1:]])).replace("0.125", "1e999").encode(), "from 0 to 1"),
    "an integer without end": (with_person(pose=[10**400, *POSE[1:]]), "a number without end"),
    "scores missing": (with_person(score=None), '"score" must be 18 numbers'),
    "17 scores": (with_person(score=SCORE[1:]), '"score" must be 18 numbers'),
    "a negative score": (with_person(score=[-0.5, *SCORE[1:]]), "scores must be from 0"),
    "scores in percent": (with_person(score=[50.0] * 18), "scores must be from 0 to about 1, got 50: divide per cent"),
    "scores that are all 0": (clip([[person(1, score=0)], [person(2, score=0)]]), "all scores are 0, though"),
    "nobody": (clip([[], []]), "there is nobody in any of its 2 frames"),
    "persons of zeros": (clip([[np.zeros((18, 3))]]), "there is nobody in any of its 1 frames"),
    "another label": (clip([[person(1)]], label="abseiling"), "its label is 'abseiling', but in_label.json says"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_clip_is_named_and_counted_and_the_others_are_converted(tmp_path, case):
    content, reason = MALFORMED[case]
    folder = write(tmp_path / "in", {"good": clip([[person(1)]]), "bad": content})
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert converted.status == 1
    assert converted.set.name.tolist() == ["good"]
    assert "bad.json: " in converted.errors
    assert reason in converted.errors


def test_a_clip_without_an_entry_is_named(tmp_path):
    entry = {"label": "air drumming", "label_index": 1}
    folder = write(tmp_path / "in", {name: clip([[person(1)]]) for name in "ab"}, {"a": entry})
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert (converted.status, len(converted.set)) == (1, 1)
    assert "b.json: in_label.json has no entry 'b'" in converted.errors


ENTRY = {"has_skeleton": True, "label": "abseiling", "label_index": 0}


@pytest.mark.parametrize(
    "labels",
    [
        [], {}, {"a": None}, {"a": "abseiling"}, {"a": ENTRY | {"label": 3}}, {"a": ENTRY | {"label_index": "0"}},
        {"a": ENTRY | {"label_index": -1}}, {"a": ENTRY | {"label_index": 10**9}}, {"a": ENTRY | {"has_skeleton": 1}},
        {"a": ENTRY, "b": ENTRY | {"label": "other"}}, {"a": ENTRY | {"has_skeleton": False}}, {"a": {}},
    ],
)  # fmt: skip
def test_a_label_file_that_is_none_ends_the_conversion(tmp_path, labels):
    folder = write(tmp_path / "in", {"a": clip([[person(1)]])}, labels)
    converted = Converted("kinetics", folder, tmp_path / "set.npz")
    assert (converted.status, converted.set) == (1, None)
    assert "data convert: " in converted.errors
    assert "in" in converted.errors


@given(st.data())
def test_a_damaged_clip_is_refused_or_still_one_whole_clip(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("kinetics")
    content = json.dumps(clip([[person(1), person(2)], [], [person(3)]]), indent=0).encode()
    path = folder / "a.json"
    path.write_bytes(damaged(content, data.draw, st.floats(0, 1)))
    try:
        frames = read_pose(path)
    except ValueError as error:
        assert str(error)
    else:
        assert frames.shape[1:] == (2, 18, 3)
        assert frames[..., :2].min() >= -0.01 and frames[..., :2].max() <= 1.01
        assert frames.any()
