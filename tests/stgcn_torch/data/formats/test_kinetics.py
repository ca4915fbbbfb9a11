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
    "a pose in pixels": (with_person(pose=[340 * x for x in POSE]), "x and y must be from 0 to 1"),
    "a negative place": (with_person(pose=[-0.1, *POSE[1:]]), "x and y must be from 0 to 1, got -0.1"),
    "NaN": (with_person(pose=[float("nan"), *POSE[1:]]), "NaN is no finite number"),
    "infinity": (with_person(score=[float("inf"), *SCORE[1:]]), "Infinity is no finite number"),
    "1e999": (json.dumps(with_person(pose=[0.125, *POSE[1:]])).replace("0.125", "1e999").encode(), "from 0 to 1"),
    "an integer without end": (with_person(pose=[10**400, *POSE[1:]]), "a number without end"),
    "scores missing": (with_person(score=None), '"score" must be 18 numbers'),
    "17 scores": (with_person(score=SCORE[1:]), '"score" must be 18 numbers'),
    "a negative score": (with_person(score=[-0.5, *SCORE[1:]]), "scores must be from 0"),
    "scores in percent": (with_person(score=[50.0] * 18), "scores must be from 0 to about 1, got 50"),
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
        assert frames[..., :2].min() >= 0 and frames[..., :2].max() <= 1
        assert frames.any()
