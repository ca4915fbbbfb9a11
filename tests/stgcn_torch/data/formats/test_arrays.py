"""Arrays of anybody's own: .npy and .csv, with and without names, and what is refused of them."""

import json
import os
import pickle

import numpy as np
import pytest
from conversions import Converted

from reference import SKELETONS

COCO = SKELETONS["coco_17"]


def array(T=6, V=17, C=3, M=None, seed=0):
    shape = (T, V, C) if M is None else (T, M, V, C)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def csv(frames, header, separator=","):
    """The text of frames (T, V, C), one column after another, as the header names them."""
    rows = [header, *frames.reshape(len(frames), -1).tolist()]
    return "\n".join(separator.join(str(cell) for cell in row) for row in rows) + "\n"


def put(folder, **contents):
    """The folder with clips of class "a", each an array or the text of a .csv."""
    (folder / "a").mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        if isinstance(content, np.ndarray):
            np.save(folder / "a" / f"{name}.npy", content)
        else:
            path = folder / "a" / f"{name}.csv"
            path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content, encoding="utf-8")
    return folder


def convert(folder, *options):
    return Converted("arrays", folder, folder.parent / "set.npz", *options)


@pytest.mark.parametrize(
    ("C", "options", "channels"),
    [(2, (), "x, y (assumed)"), (3, (), "x, y, z (assumed)"), (4, (), "x, y, z, score (assumed)"),
     (3, ("--channels", "x", "y", "score"), "x, y, score"), (3, ("--channels", "x,y,score"), "x, y, score")],
)  # fmt: skip
def test_numbers_stay_as_they_are_and_what_is_assumed_is_said(tmp_path, C, options, channels):
    frames = abs(array(C=C)) / 4
    converted = convert(put(tmp_path / "in", one=frames, two=np.stack([frames, frames[::-1]], axis=1)), *options)
    assert (converted.status, converted.errors) == (0, "")
    assert np.array_equal(converted.set.clip("a/one")[0, ..., 0], frames.transpose(2, 0, 1))
    assert np.array_equal(converted.set.clip("a/two")[0, ..., 1], frames[::-1].transpose(2, 0, 1))
    assert f"channels {channels}\n" in converted.printed
    assert "body coco_17: 17 joints (assumed" in converted.printed
    assert ", ".join(converted.set.channels) == channels.removesuffix(" (assumed)")


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, np.uint8])
def test_every_kind_of_number_is_read(tmp_path, dtype):
    frames = (abs(array()) * 100).astype(dtype)
    assert np.array_equal(
        convert(put(tmp_path / "in", one=frames)).set.clip(0)[0, ..., 0], frames.transpose(2, 0, 1).astype(np.float32)
    )


def test_nan_and_zeros_are_not_seen(tmp_path):
    frames = array()
    frames[0, 3, 1], frames[1, 4] = np.nan, 0
    frames[2] = np.nan
    got = convert(put(tmp_path / "in", one=frames)).set.clip(0)[0, ..., 0].transpose(1, 2, 0)
    assert not got[0, 3].any() and not got[1, 4].any() and not got[2].any()
    assert got.any(axis=2).sum() == 6 * 17 - 17 - 2


def test_a_score_of_0_and_a_place_of_0_are_not_seen(tmp_path):
    frames = abs(array()) / 4 + 0.1
    frames[0, 3, 2], frames[1, 4, :2] = 0, 0
    got = convert(put(tmp_path / "in", one=frames), "--channels", "x", "y", "score").set.clip(0)[0, ..., 0]
    assert not got[:, 0, 3].any() and not got[:, 1, 4].any()


def test_of_three_people_the_two_who_move_most_are_kept(tmp_path):
    people = [scale * array(seed=seed) for seed, scale in enumerate((0.1, 3, 1))]
    got = convert(put(tmp_path / "in", one=np.stack(people, axis=1))).set.clip(0)[0]
    for m, kept in enumerate((1, 2)):
        assert np.array_equal(got[..., m], people[kept].transpose(2, 0, 1))


NAMED = [f"{joint}_{channel}" for joint in COCO.joints for channel in "xyz"]
HEADERS = {
    "names": NAMED,
    "names with dots and capitals": [".".join(name.upper().rsplit("_", 1)) for name in NAMED],
    "numbers": [f"{channel}{v}" for v in range(17) for channel in "xyz"],
    "numbers from 1": [f"{channel}{v}" for v in range(1, 18) for channel in "xyz"],
    "numbers before": [f"{v}_{channel}" for v in range(17) for channel in "xyz"],
    "other names": [f"marker{v}_{channel}" for v in range(17) for channel in "xyz"],
}  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("case", HEADERS)
def test_a_table(tmp_path, case, separator):
    frames = array()
    converted = convert(put(tmp_path / "in", one=csv(frames, HEADERS[case], separator)))
    assert (converted.status, converted.errors) == (0, "")
    assert np.array_equal(converted.set.clip(0)[0, ..., 0], frames.transpose(2, 0, 1))
    assert "channels x, y, z\n" in converted.printed


def test_a_name_finds_its_joint_wherever_it_stands(tmp_path):
    """All columns shuffled, all x before all y, and columns that are no joints."""
    frames = array()
    columns = dict(zip(NAMED, frames.reshape(6, -1).T, strict=True))
    names = ["frame", *np.random.default_rng(0).permutation(NAMED), "timestamp"]
    values = np.column_stack([columns.get(name, np.arange(6)) for name in names])
    put(tmp_path / "in", shuffled=csv(values, names))
    grouped = [f"{channel}{v}" for channel in "xyz" for v in range(17)]
    put(tmp_path / "in", grouped=csv(frames.transpose(0, 2, 1), grouped))
    made = convert(tmp_path / "in").set
    for name in ("a/shuffled", "a/grouped"):
        assert np.array_equal(made.clip(name)[0, ..., 0], frames.transpose(2, 0, 1)), name


def test_the_names_tell_the_body_and_its_channels(tmp_path):
    body = SKELETONS["openpose_25"]
    names = [f"{joint}_{channel}" for joint in body.joints for channel in ("x", "y", "confidence")]
    converted = convert(put(tmp_path / "in", one="\ufeff" + csv(abs(array(V=25)) / 4 + 0.1, names)))
    assert converted.set.joint_names.tolist() == list(body.joints)
    assert converted.set.channels.tolist() == ["x", "y", "score"]


def test_channels_choose_columns(tmp_path):
    frames = array(C=4)
    names = [f"{joint}_{channel}" for joint in COCO.joints for channel in ("x", "y", "z", "visibility")]
    converted = convert(put(tmp_path / "in", one=csv(frames, names)), "--channels", "y", "x")
    assert np.array_equal(converted.set.clip(0)[0, ..., 0], frames[..., [1, 0]].transpose(2, 0, 1))
    assert converted.set.channels.tolist() == ["y", "x"]


def test_blank_cells_are_not_seen(tmp_path):
    text = csv(array(), NAMED).split("\n")
    cells = text[2].split(",")
    cells[3], cells[7] = "", "NaN"
    text[2] = ",".join(cells)
    got = convert(put(tmp_path / "in", one="\n".join(text))).set.clip(0)[0, :, 1, :, 0]
    assert np.flatnonzero(~got.any(axis=0)).tolist() == [1, 2]


# A body of one's own.

DOG = {"joints": ["back", "head", "tail", "paw"], "bones": [["head", "back"], [2, 0], [3, "back"]], "center": "back"}


def body_file(folder, content, name="dog.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("centre", [{"center": "back"}, {"center": 0}, {"centre": 0}])
def test_a_body_of_ones_own(tmp_path, centre):
    content = {name: value for name, value in DOG.items() if name != "center"} | centre
    dog = body_file(tmp_path, content)
    converted = convert(put(tmp_path / "in", one=array(V=4)), "--skeleton", dog)
    assert "body dog: 4 joints\n" in converted.printed
    made = converted.set
    assert made.joint_names.tolist() == DOG["joints"]
    assert made.bones.tolist() == [[1, 0], [2, 0], [3, 0]]
    assert int(made.center) == 0


BODIES = {
    "text": ("dog", "Expecting value"),
    "a list": ([], '{"joints": [names], "bones": [[i, j], ...], "center": joint}'),
    "no bones": (DOG | {"bones": None}, '"bones" must be a list of pairs'),
    "no centre": (DOG | {"center": None}, '"center" must be a joint'),
    "an unknown joint": (DOG | {"bones": [["head", "leg"]]}, "there is no joint called 'leg'"),
    "a bone of one": (DOG | {"bones": [[1]]}, "a bone is a pair"),
    "a bone out of range": (DOG | {"bones": [[1, 4]]}, "names joint 4"),
    "a joint that nothing reaches": (DOG | {"bones": [[1, 0]]}, "no path of bones leads from the centre"),
    "a name twice": (DOG | {"joints": ["a", "a"]}, "no joint called 'head'"),
    "another number": (DOG, "skeleton 'dog' has 4 joints, but the data has 17; the body with 17 joints may be coco_17"),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_no_good_is_named(tmp_path, case):
    content, reason = BODIES[case]
    dog = body_file(tmp_path, content)
    converted = convert(put(tmp_path / "in", one=array(V=17 if case == "another number" else 4)), "--skeleton", dog)
    assert (converted.status, converted.set) == (1, None)
    assert reason in converted.errors
    assert "dog" in converted.errors


@pytest.mark.parametrize(
    ("V", "fitting"),
    [(13, "no usual skeleton has 13 joints: describe yours in a file, --skeleton FILE.json"),
     (15, "the body with 15 joints may be mocap_15: name it with --skeleton"),
     (5, "the body with 5 joints may be toy_5: name it with --skeleton")],
)  # fmt: skip
def test_an_error_about_the_body_lists_only_those_that_fit(tmp_path, V, fitting):
    converted = convert(put(tmp_path / "in", one=array(V=V)))
    assert converted.status == 1
    assert f"a/one: {fitting}" in converted.errors
    others = {name for name, body in SKELETONS.items() if len(body.joints) != V}
    assert not any(name in converted.errors for name in others)


# What is refused.

TABLE = csv(array(), NAMED)
WRONG = {
    "one axis": (np.zeros(5, np.float32), "it must be numbers (T, V, C) or (T, M, V, C), got float32 (5,)"),
    "five axes": (np.zeros((1, 1, 1, 1, 1)), "got float64 (1, 1, 1, 1, 1)"),
    "no frames": (np.zeros((0, 17, 3)), "got float64 (0, 17, 3)"),
    "text": (np.full((6, 17, 3), "a"), "got <U1 (6, 17, 3)"),
    "complex": (np.zeros((6, 17, 3), complex), "got complex128 (6, 17, 3)"),
    "truth": (np.zeros((6, 17, 3), bool), "got bool (6, 17, 3)"),
    "other joints": (array(V=18), "18 joints, 3 channels, but the set has coco_17: 17 joints, x y z"),
    "other channels": (array(C=2), "17 joints, 2 channels, but the set has coco_17: 17 joints, x y z"),
    "infinity": (array() * [1, np.inf, 1], "is not a finite number of single precision"),
    "beyond float32": (array().astype(float) * 1e39, "is not a finite number of single precision"),
    "nobody": (array() * 0, "there is nobody in any of its 6 frames"),
    "only NaN": (array() * np.nan, "there is nobody in any of its 6 frames"),
    "too long": (np.zeros((108_001, 17, 3), np.uint8), "it has 108001 frames, more than the 108000 of an hour"),
    "an empty table": ("", "it is empty"),
    "a header alone": (TABLE.split("\n")[0], "it has a header, but no frames"),
    "no header": ("\n".join(TABLE.split("\n")[1:]), "is not a joint and a channel, as nose_x or x0"),
    "a column of something": (TABLE.replace("nose_x", "nose"), "the header's 'nose' is not a joint and a channel"),
    "a column twice": (TABLE.replace("nose_y", "nose_x"), "the header has 'nose_x' and 'nose_x', which are the same"),
    "a column less": (TABLE.replace("nose_z", "frame"), "joint nose has no column of the channel z"),
    "a line cut short": (TABLE[:-30], "line 7 must have 51 cells, as the header has, got"),
    "a word": (TABLE.replace("\n0", "\nhello", 1).replace("\n-", "\nhello", 1), "column nose_x: 'hello"),
    "infinity in a table": (csv(array() * [1, np.inf, 1], NAMED), "column nose_y: "),
    "UTF-16": (TABLE.encode("utf-16"), "it is not a table of UTF-8 text"),
    "a NUL": (TABLE.replace("nose", "no\0se"), "it holds a NUL"),
    "names of another order": (
        TABLE.replace("left_hip", "wing").replace("nose", "_").replace("left_eye", "nose").replace("__", "left_eye_"),
        "the column of left_eye is joint 0, but coco_17 has it as joint 1, and wing is not one of its joints",
    ),
    "numbers with a gap": (
        csv(array(), [f"{c}{v}" for v in (*range(16), 17) for c in "xyz"]), "must be counted from 0 or 1 on"
    ),
}  # fmt: skip


def test_bad_files_are_named_and_counted_and_the_others_are_converted(tmp_path):
    bad = {case: content for case, (content, _) in WRONG.items()}
    converted = convert(put(tmp_path / "in", **bad, **{f"zgood{n}": array(seed=n) for n in range(9)}))
    assert converted.status == 1
    assert converted.set.name.tolist() == [f"a/zgood{n}" for n in range(9)]
    *lines, count = converted.errors.splitlines()
    assert count == f"{len(WRONG)} of {len(WRONG) + 9} were refused: see above"
    for case, (_, reason) in WRONG.items():
        line = next(line for line in lines if line.startswith(f"a/{case}: "))
        assert reason in line, case


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_an_npy_that_is_something_else_is_named(tmp_path, content):
    folder = put(tmp_path / "in", good=array())
    (folder / "a" / "bad.npy").write_bytes(content)
    converted = convert(folder)
    assert (converted.status, converted.set.name.tolist()) == (1, ["a/good"])
    assert "is not a whole .npy of a plain array" in converted.errors


def test_nothing_is_unpickled(tmp_path):
    class Payload:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'mark'}",)

    folder = put(tmp_path / "in", good=array(), objects=np.array([Payload()], dtype=object))
    (folder / "a" / "pickle.npy").write_bytes(pickle.dumps(Payload()))
    converted = convert(folder)
    assert (converted.status, converted.set.name.tolist()) == (1, ["a/good"])
    assert converted.errors.count("is not a whole .npy of a plain array") == 2
    assert not (tmp_path / "mark").exists()


def test_a_score_that_is_another_channel_asks(tmp_path):
    frames = array()
    frames[2, 5, 2] = -1.7
    frames[..., 2][frames[..., 2] > 1.5] = 1
    frames[..., 2] = np.where(frames[..., 2] < -0.04, 0.5, frames[..., 2])
    frames[2, 5, 2] = -1.7
    converted = convert(put(tmp_path / "in", bad=frames, good=abs(array()) / 4), "--channels", "x", "y", "score")
    assert "a/bad: frame 2, person 0, joint 5: the score is -1.7, but scores are from 0 to about 1; is it" in (
        converted.errors
    )  # fmt: skip


@pytest.mark.parametrize(
    ("channels", "reason"),
    [(("x", "y"), "there are 3 channels, but 2 are named"), (("x", "y", "x"), "--channels must be different names")],
)
def test_channels_that_do_not_fit(tmp_path, channels, reason):
    converted = convert(put(tmp_path / "in", one=array()), "--channels", *channels)
    assert (converted.status, converted.set) == (1, None)
    assert reason in converted.errors
