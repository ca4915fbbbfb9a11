"""UI-PRMD's own folders: what is read, and what is refused."""

import gzip
import io

import numpy as np
import pytest
from conversions import REASON, SHARED, Converted, damaged
from hypothesis import given
from hypothesis import strategies as st

from reference import load_clips
from stgcn_torch.data.formats.ui_prmd import PARENTS, forward_kinematics

NAME = "m03_s02_e01"
RAW, MADE = SHARED / "ui_prmd_raw", SHARED / "ui_prmd.npz"


def table(seed, T=3):
    return np.random.default_rng(seed).uniform(-40, 40, size=(T, 66)).round(4)


def text(numbers, end="\n"):
    return "".join(",".join(f"{x:.4f}" for x in row) + end for row in numbers)


def write(folder, name=NAME, positions=None, angles=None):
    for what, content, seed in (("Positions", positions, 1), ("Angles", angles, 2)):
        (folder / what).mkdir(parents=True, exist_ok=True)
        content = text(table(seed)) if content is None else content
        path = folder / what / f"{name}_{what.lower()}.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.mark.skipif(not (RAW.exists() and MADE.exists()), reason=REASON)
def test_the_real_recordings_to_the_millimetre(tmp_path):
    converted = Converted("ui-prmd", RAW, tmp_path / "set.npz")
    assert converted.status == 0
    made, expected = converted.set, load_clips(MADE)
    assert len(made) == 20
    for s, name in enumerate(made.name):
        # Half a millimetre: the other is rounded to whole ones. A micrometre more, for single precision.
        assert np.abs(made.clip(s) - expected.clip(str(name))).max() < 0.000501
        of_set = expected.find(str(name))
        assert made.label[s] == expected.label[of_set]
        assert made.subject[s] == expected.subject[of_set]
    for member in ("class_names", "joint_names", "channels", "fps", "center"):
        assert np.array_equal(getattr(made, member), getattr(expected, member))
    assert set(made.skeleton.bones) == set(expected.skeleton.bones)


def test_forward_kinematics_is_the_product_written_out():
    offsets, angles = (np.float64(table(seed, 2)).reshape(2, 22, 3) for seed in (1, 2))
    got = forward_kinematics(offsets, angles)

    def rotation(t, v):
        x, y, z = np.radians(angles[t, v])
        R = {}
        for name, angle, (i, j) in (("x", x, (1, 2)), ("y", y, (2, 0)), ("z", z, (0, 1))):
            R[name] = np.eye(3)
            R[name][i, i] = R[name][j, j] = np.cos(angle)
            R[name][j, i], R[name][i, j] = np.sin(angle), -np.sin(angle)
        return R["z"] @ R["y"] @ R["x"]

    for t in range(2):
        for v in range(22):
            place, joint = offsets[t, v], PARENTS[v]
            while joint >= 0:
                place, joint = rotation(t, joint) @ place + offsets[t, joint], PARENTS[joint]
            assert np.allclose(got[t, v], place / 100, rtol=0, atol=1e-12)  # rounding in a chain of six products


def test_line_ends_and_gzip_do_not_matter(tmp_path):
    plain = Converted("ui-prmd", write(tmp_path / "a"), tmp_path / "a.npz").set
    folder = write(tmp_path / "b", positions=text(table(1), "\r\n"), angles=text(table(2), "\r\n"))
    path = folder / "Angles" / f"{NAME}_angles.txt"
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    packed = Converted("ui-prmd", folder, tmp_path / "b.npz").set
    assert np.array_equal(plain.frames, packed.frames)
    assert (packed.label.tolist(), packed.subject.tolist(), packed.name.tolist()) == ([2], [2], [NAME])


ROW = text(table(1, 1)).strip().split(",")


def row(*words):
    return ",".join(words) + "\n"


MALFORMED = {
    "empty": ("", "a line for each frame"),
    "blank": ("\n\n", "a line for each frame"),
    "65 numbers": (row(*ROW[1:]) * 3, "line 1 must have 66 numbers between commas, got 65"),
    "117 numbers, as of the Vicon": (row(*(ROW * 2)[:117]) * 3, "got 117"),
    "spaces for commas": (" ".join(ROW) + "\n", "got 1"),
    "a blank line between": (row(*ROW) + "\n" + row(*ROW), "line 2 must have 66 numbers"),
    "a word": (row("x", *ROW[1:]) * 3, "line 1: 'x' is not a number"),
    "nothing between commas": (row("", *ROW[1:]) * 3, "line 1: '' is not a number"),
    "NaN": (row("NaN", *ROW[1:]) * 3, "line 1: 'NaN' is not a finite number"),
    "infinity": (row("1e999", *ROW[1:]) * 3, "'1e999' is not a finite number"),
    "underscores": (row("1_0", *ROW[1:]) * 3, "'1_0' is not a finite number"),
    "one frame less": (text(table(1, 2)), "frames of"),
    "one frame more": (text(table(1, 4)), "frames of"),
    "other bytes": (b"\x00\xff", "byte 1 is not ASCII text"),
    "the end missing": (text(table(1))[:-200], "line 3 must have 66 numbers"),
}


@pytest.mark.parametrize("what", ["positions", "angles"])
@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_named_and_counted_and_the_others_are_converted(tmp_path, case, what):
    content, reason = MALFORMED[case]
    write(tmp_path / "in", "m01_s01_e01")
    converted = Converted("ui-prmd", write(tmp_path / "in", **{what: content}), tmp_path / "set.npz")
    assert (converted.status, converted.set.name.tolist()) == (1, ["m01_s01_e01"])
    assert f"{NAME}: " in converted.errors
    assert reason in converted.errors


@pytest.mark.parametrize("case", ["cut short", "damaged", "no gzip"])
def test_a_gzip_that_does_not_unpack_is_refused(tmp_path, case):
    write(tmp_path / "in", "m01_s01_e01")
    folder = write(tmp_path / "in")
    path = folder / "Angles" / f"{NAME}_angles.txt"
    packed = gzip.compress(path.read_bytes())
    content = {"cut short": packed[:-20], "damaged": packed[:40] + b"\xff" * 40 + packed[80:], "no gzip": b"abc"}[case]
    path.with_name(f"{path.name}.gz").write_bytes(content)
    path.unlink()
    converted = Converted("ui-prmd", folder, tmp_path / "set")
    assert (converted.status, len(converted.set)) == (1, 1)
    assert f"{NAME}: Angles: " in converted.errors


@pytest.mark.parametrize("name", ["m00_s01_e01", "m11_s01_e01", "m01_s00_e01", "m1_s1_e1", "squat"])
def test_a_name_that_says_nothing_is_refused(tmp_path, name):
    write(tmp_path / "in", "m01_s01_e01")
    converted = Converted("ui-prmd", write(tmp_path / "in", name), tmp_path / "set")
    assert (converted.status, len(converted.set)) == (1, 1)
    assert f"{name}" in converted.errors
    assert "the name must" in converted.errors


def test_a_file_without_its_partner_and_one_given_twice_are_named(tmp_path):
    for name in ("m01_s01_e01", "m01_s01_e02", "m01_s01_e03"):
        write(tmp_path / "in", name)
    (tmp_path / "in" / "Angles" / "m01_s01_e02_angles.txt").unlink()
    twice = tmp_path / "in" / "Positions" / "m01_s01_e03_positions.txt.gz"
    twice.write_bytes(gzip.compress(b"1"))
    converted = Converted("ui-prmd", tmp_path / "in", tmp_path / "set")
    assert (converted.status, len(converted.set)) == (1, 1)
    assert "m01_s01_e02: it has no file in Angles, expected one" in converted.errors
    assert "m01_s01_e03: it has 2 files in Positions, expected one" in converted.errors


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"0," * 2**20, "line 1 has more than 1048576 letters"),
        ((b",".join([b"0"] * 66) + b"\n") * 2**13, "larger than the 1 MiB"),
    ],
)
def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch, content, expected):
    from stgcn_torch.data import reading

    monkeypatch.setattr(reading, "LARGEST_FILE", 2**20)
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as file:
        file.write(content)
    folder = write(tmp_path / "in")
    (folder / "Angles" / f"{NAME}_angles.txt").unlink()
    (folder / "Angles" / f"{NAME}_angles.txt.gz").write_bytes(packed.getvalue())
    converted = Converted("ui-prmd", folder, tmp_path / "set")
    assert converted.status == 1
    assert expected in converted.errors


def test_folders_that_are_missing_or_empty_are_named(tmp_path):
    assert "there is no folder" in Converted("ui-prmd", tmp_path, tmp_path / "set").errors
    (tmp_path / "Positions").mkdir()
    (tmp_path / "Angles").mkdir()
    assert "there is no .txt in" in Converted("ui-prmd", tmp_path, tmp_path / "set").errors


@given(st.data())
def test_a_damaged_file_is_refused_or_still_one_whole_clip(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("prmd")
    write(folder / "in", **{data.draw(st.sampled_from(["positions", "angles"])): damaged(
        text(table(1)).encode(), data.draw, st.floats(0, 1)
    )})  # fmt: skip
    converted = Converted("ui-prmd", folder / "in", folder / "set")
    assert converted.status in (0, 1)
    if converted.set is not None:
        assert converted.set.clip(0).shape == (1, 3, 3, 22, 1)
