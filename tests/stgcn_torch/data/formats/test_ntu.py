"""Raw NTU RGB+D skeleton files: what is read, and what is refused."""

import errno
import os

import numpy as np
import pytest
from conversions import REASON, SHARED, Converted, damaged
from hypothesis import given
from hypothesis import strategies as st
from raw_files import body, text

from reference import SKELETONS
from stgcn_torch.data.formats.ntu import TRAINING_SUBJECTS, read_skeleton

NAME = "S001C002P003R001A004"
real = pytest.mark.skipif(not (SHARED / "ntu").exists(), reason=REASON)


def write(folder, content, name=NAME):
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.skeleton"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@real
@pytest.mark.parametrize("out", ["set.npz", "set"])
def test_real_files_hold_the_numbers_of_their_text(tmp_path, out):
    converted = Converted("ntu", SHARED / "ntu", tmp_path / out)
    assert converted.status == 0
    for s, path in enumerate(sorted((SHARED / "ntu").glob("*.skeleton"))):
        joints = [line.split()[:3] for line in path.read_text().splitlines() if len(line.split()) == 12]
        expected = np.array(joints, dtype=np.float32).reshape(-1, 25, 3)
        clip = converted.set.clip(s)[0]  # (C, T, V, M)
        assert np.array_equal(clip[..., 0], expected.transpose(2, 0, 1))
        assert not clip[..., 1].any()
    assert converted.set.name.tolist() == ["S001C001P001R001A001", "S002C001P003R001A003"]
    assert converted.set.class_names[converted.set.label].tolist() == ["drink water", "brush teeth"]
    assert converted.set.subject.tolist() == [1, 3]
    assert converted.set.camera.tolist() == [1, 1]
    assert converted.set.split.tolist() == [[1, 2], [2, 2]]  # X-Sub, X-View


@real
def test_line_ends_do_not_matter(tmp_path):
    path = next((SHARED / "ntu").glob("*.skeleton"))
    content = path.read_bytes()
    assert b"\r\n" in content
    assert np.array_equal(read_skeleton(path), read_skeleton(write(tmp_path, content.replace(b"\r\n", b"\n"))))


def test_the_name_says_label_subject_camera_and_split(tmp_path):
    names = ["S001C001P001R001A001", "S001C002P003R002A060", "S017C003P008R001A009"]
    for seed, name in enumerate(names):
        write(tmp_path / "in", text([[(7, body(seed)[0])]]), name)
    made = Converted("ntu", tmp_path / "in", tmp_path / "set.npz").set
    assert made.name.tolist() == names
    assert made.label.tolist() == [0, 59, 8]  # actions count from 1, labels from 0
    assert len(made.class_names) == 60
    assert made.subject.tolist() == [1, 3, 8]
    assert made.camera.tolist() == [1, 2, 3]
    assert made.split.tolist() == [[1, 2], [2, 1], [1, 1]]
    assert made.skeleton.bones == SKELETONS["ntu_25"].bones
    assert (made.channels.tolist(), float(made.fps)) == (["x", "y", "z"], 30)


def test_an_action_beyond_60_brings_the_120_classes(tmp_path):
    write(tmp_path / "in", text([[(7, body(0)[0])]]), "S018C001P045R001A061")
    write(tmp_path / "in", text([[(7, body(0)[0])]]), "S019C001P041R001A120")
    made = Converted("ntu", tmp_path / "in", tmp_path / "set.npz").set
    assert len(made.class_names) == 120
    assert made.label.tolist() == [60, 119]
    assert made.split.tolist() == [[1, 2, 1], [2, 2, 2]]  # X-Set: the setups 18, 20 ... 32 train, the odd ones test


def test_the_published_cross_setup_split(tmp_path):
    for setup in range(17, 33):
        write(tmp_path / "in", text([[(7, body(setup)[0])]]), f"S{setup:03}C001P001R001A061")
    converted = Converted("ntu", tmp_path / "in", tmp_path / "set.npz")
    trains = converted.set.split[:, 2] == 1
    assert [int(name[1:4]) for name in converted.set.name[trains]] == [18, 20, 22, 24, 26, 28, 30, 32]
    assert "split 2 is X-Set" in converted.printed


def test_a_joint_that_was_lost_does_not_make_a_body_move(tmp_path):
    walks, stands, still = body(1, 8), body(2, 8, at=3), body(3, 8, at=6)
    stands[:] = stands[:1]
    stands[::2, 4] = 0  # lost in every other frame: it would seem to jump by metres
    still[:] = still[:1] + 0.001 * np.arange(8)[:, None, None]
    got = read_skeleton(write(tmp_path, text([[(1, still[t]), (2, stands[t]), (3, walks[t])] for t in range(8)])))
    assert np.allclose(got[:, 0], walks, atol=6e-5)
    assert np.allclose(got[:, 1], still, atol=6e-5)


def test_the_published_training_subjects():
    first = [1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38]
    assert sorted(TRAINING_SUBJECTS)[:20] == first
    assert len(TRAINING_SUBJECTS) == 53


def test_bodies_appear_vanish_and_leave_empty_frames(tmp_path):
    one, two = body(1, 6), body(2, 6, at=3)
    two[3:] += 1.0  # moves more
    frames = [[], [(5, one[1])], [(5, one[2]), (9, two[2])], [(9, two[3])], [], [(5, one[5]), (9, two[5])]]
    got = read_skeleton(write(tmp_path, text(frames)))
    expected = np.zeros((6, 2, 25, 3))
    expected[[2, 3, 5], 0] = two[[2, 3, 5]]
    expected[[1, 2, 5], 1] = one[[1, 2, 5]]
    assert np.array_equal(got, expected.astype(np.float32))


def test_of_more_than_two_bodies_those_that_move_most_are_kept(tmp_path):
    bodies = [body(seed, 8, at=3 * seed) for seed in range(4)]
    for moved, size in ((0, 0.1), (1, 3.0), (2, 0.0), (3, 1.0)):
        bodies[moved] = bodies[moved][:1] + size * np.linspace(0, 1, 8).round(2)[:, None, None]
    got = read_skeleton(write(tmp_path, text([[(i, bodies[i][t]) for i in range(4)] for t in range(8)])))
    assert np.allclose(got[:, 0], bodies[1], atol=6e-5)  # the text has four digits
    assert np.allclose(got[:, 1], bodies[3], atol=6e-5)
    again = read_skeleton(write(tmp_path, text([[(i, bodies[i][t]) for i in (3, 2, 1, 0)] for t in range(8)])))
    assert np.array_equal(got, again)  # whatever the order in the file


@pytest.mark.parametrize("gap", [0, 5])
def test_a_body_whose_id_changes_stays_one_person(tmp_path, gap):
    one, other = body(1, 12), body(2, 12, at=4)
    seen = [t < 6 or t >= 6 + gap for t in range(12)]
    frames = [[(77 if t < 6 else 78, one[t])] * seen[t] + [(5, other[t])] for t in range(12)]
    got = read_skeleton(write(tmp_path, text(frames)))
    person = int(np.allclose(got[0, 1], one[0]))
    assert np.array_equal(got[seen, person], one[seen].astype(np.float32))
    assert not got[~np.array(seen), person].any()
    assert np.array_equal(got[:, 1 - person], other.astype(np.float32))


def test_somebody_elsewhere_is_another_person(tmp_path):
    one, other = body(1, 6), body(1, 6, at=2)
    frames = [[(77, one[t])] if t < 3 else [(78, other[t])] for t in range(6)]
    got = read_skeleton(write(tmp_path, text(frames)))
    assert got[:3].any(axis=(0, 2, 3)).sum() == 1
    assert got[3:].any(axis=(0, 2, 3)).sum() == 1
    assert got.any(axis=(0, 2, 3)).all()


def test_somebody_beside_is_another_person(tmp_path):
    one = body(1, 8)
    beside = one + np.float64([0.1, 0, 0])
    frames = [[(77, one[t])] + [(78, beside[t])] * (t >= 3) for t in range(6)] + [[(78, beside[t])] for t in (6, 7)]
    got = read_skeleton(write(tmp_path, text(frames)))
    person = int(got[0, 1].any())
    assert np.allclose(got[:6, person], one[:6], atol=6e-5)
    assert np.allclose(got[3:, 1 - person], beside[3:], atol=6e-5)
    assert not got[6:, person].any()


def test_a_body_of_zeros_is_nobody(tmp_path):
    one, nobody = body(1, 3), np.zeros((25, 3))
    got = read_skeleton(write(tmp_path, text([[(1, nobody), (2, one[t])] for t in range(3)])))
    assert np.array_equal(got[:, 0], one.astype(np.float32))
    assert not got[:, 1].any()


def test_the_list_of_bad_samples_is_left_out_and_no_failure(tmp_path):
    for name in ("S001C001P001R001A001", "S001C002P005R002A008"):
        write(tmp_path / "in", text([[(7, body(0)[0])]]), name)
    listed = tmp_path / "missing.txt"
    listed.write_text("302 samples with missing or incomplete skeleton data:\n\nS001C002P005R002A008\n")
    converted = Converted("ntu", tmp_path / "in", tmp_path / "set.npz", "--bad-samples", listed)
    assert converted.status == 0
    assert converted.set.name.tolist() == ["S001C001P001R001A001"]
    assert "1 of 2 files are on the list" in converted.printed
    listed.write_text("nothing\n")
    converted = Converted("ntu", tmp_path / "in", tmp_path / "none.npz", "--bad-samples", listed)
    assert (converted.status, converted.set) == (1, None)
    assert "names no recording" in converted.errors


GOOD = text([[(5, body(1)[0])], [(5, body(1)[0])]])
LINES = GOOD.splitlines()


def changed(line, content):
    return "\n".join([*LINES[:line], *([] if content is None else [content]), *LINES[line + 1 :]])


JOINT = "0.1 0.2 0.3 277.4 191.8 1036.2 519.1 -0.2 0.05 0.97 -0.12 2"
MALFORMED = {
    "empty": ("", "the file ends after line 0, where the number of frames should follow"),
    "blank": ("\n\n", "the file ends after line 0"),
    "no frames": ("0\n", "it has 0 frames"),
    "a count that is not a number": (changed(0, "two"), "line 1: expected the number of frames"),
    "a negative count": (changed(0, "-2"), "line 1: expected the number of frames"),
    "a count with a fraction": (changed(0, "2.0"), "line 1: expected the number of frames"),
    "a count without end": (changed(0, "9" * 5000), "line 1: expected the number of frames"),
    "a count of a billion": (changed(0, "999999999"), "line 1: expected the number of frames, at most 108000"),
    "more frames than there are": (changed(0, "3"), "where the number of bodies in frame 2 should follow"),
    "fewer frames than there are": (changed(0, "1"), "line 30: the file goes on after its 1 frames"),
    "a billion bodies": (changed(1, "99999999"), "line 2: expected the number of bodies in frame 0"),
    "one body too many": (changed(1, "2"), "line 30: expected a tracking id and 9 numbers, got '1'"),
    "24 joints": (changed(3, "24"), "line 4: a body must have 25 joints, got 24"),
    "a joint missing": (changed(10, None), "line 29: a joint has 12 numbers, got 1"),
    "a joint twice": (changed(10, f"{JOINT}\n{JOINT}"), "line 30: expected the number of bodies in frame 1"),
    "a joint with 11 numbers": (changed(10, JOINT[4:]), "line 11: a joint has 12 numbers, got 11"),
    "a word among the numbers": (changed(10, JOINT.replace("0.2 ", "left ")), "line 11: 'left' is not a number"),
    "NaN": (changed(10, JOINT.replace("0.2 ", "nan ")), "line 11: 'nan' is not a finite number"),
    "infinity": (changed(10, JOINT.replace("0.3", "-inf")), "line 11: '-inf' is not a finite number"),
    "too large for float32": (changed(10, JOINT.replace("0.1", "1e39")), "is not a finite number of single precision"),
    "underscores": (changed(10, JOINT.replace("0.1", "1_0")), "line 11: '1_0' is not a finite number"),
    "a comma for a point": (changed(10, JOINT.replace("0.1", "0,1")), "line 11: '0,1' is not a number"),
    "the same body twice": (text([[(5, body(1)[0]), (5, body(2)[0])]]), "frame 0 has the body 5 twice"),
    "nobody": (text([[], []]), "there is no body in any of its 2 frames"),
    "only zeros": (text([[(5, np.zeros((25, 3)))]]), "there is no body in any of its 1 frames"),
    "other bytes": (b"\x93NUMPY\x01\x00", "byte 0 is not ASCII text"),
    "a NUL": (changed(10, JOINT.replace("0.3", "0\0")), "is not a number"),
    "UTF-16": (GOOD.encode("utf-16"), "is not ASCII text"),
    "Arabic digits": (GOOD.replace("25", "\u0662\u0665"), "is not ASCII text"),
    "a body's line cut short": (changed(2, "5 0 1"), "line 3: expected a tracking id and 9 numbers"),
    "a body without id": (changed(2, "x 0 1 1 1 1 0 0 0 2"), "line 3: expected a tracking id"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_named_and_counted_and_the_others_are_converted(tmp_path, case):
    content, reason = MALFORMED[case]
    write(tmp_path / "in", GOOD, "S001C001P001R001A001")
    write(tmp_path / "in", content)
    converted = Converted("ntu", tmp_path / "in", tmp_path / "set.npz")
    assert converted.status == 1
    assert converted.set.name.tolist() == ["S001C001P001R001A001"]
    assert f"{NAME}.skeleton: " in converted.errors
    assert reason in converted.errors
    assert "1 of 2 were refused" in converted.errors


@pytest.mark.parametrize("name", ["walk", "S001C002P003R001A000", "S001C002P003R001A121", "S001C004P003R001A001", "S1"])
def test_a_name_that_says_nothing_is_refused(tmp_path, name):
    write(tmp_path / "in", GOOD, name)
    converted = Converted("ntu", tmp_path / "in", tmp_path / "set")
    assert (converted.status, converted.set) == (1, None)
    assert f"{name}.skeleton: the name must" in converted.errors
    assert "none of the 1 entries can be converted" in converted.errors


def test_strict_stops_at_the_first_and_writes_nothing(tmp_path):
    write(tmp_path / "in", GOOD, "S001C001P001R001A001")
    write(tmp_path / "in", "", "S001C001P001R001A002")
    converted = Converted("ntu", tmp_path / "in", tmp_path / "set", "--strict")
    assert (converted.status, converted.set) == (1, None)
    assert "S001C001P001R001A002.skeleton: the file ends" in converted.errors


@pytest.mark.parametrize("source", ["nowhere", "empty", "file"])
def test_a_folder_that_is_none_is_refused(tmp_path, source):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    converted = Converted("ntu", tmp_path / source, tmp_path / "set.npz")
    assert (converted.status, converted.set) == (1, None)
    assert source in converted.errors


def test_a_folder_called_like_a_file_is_counted(tmp_path):
    write(tmp_path / "in", GOOD, "S001C001P001R001A001")
    (tmp_path / "in" / f"{NAME}.skeleton").mkdir()
    converted = Converted("ntu", tmp_path / "in", tmp_path / "set.npz")
    assert (converted.status, len(converted.set)) == (1, 1)
    assert f"{NAME}.skeleton: {os.strerror(errno.EISDIR if os.name == 'posix' else errno.EACCES)}" in converted.errors


@given(st.data())
def test_a_damaged_file_is_refused_or_still_one_whole_clip(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("ntu")
    path = write(folder, damaged(text([[(5, f)] for f in body(3, 3)]).encode(), data.draw, st.floats(0, 1)))
    try:
        frames = read_skeleton(path)
    except ValueError as error:
        assert str(error)
    else:
        assert frames.shape[1:] == (2, 25, 3)
        assert frames.dtype == np.float32
        assert np.isfinite(frames).all()
        assert frames.any()
