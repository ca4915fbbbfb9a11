"""Classes by folder and by table, and what is said of clips and rows that do not fit."""

import numpy as np
import pytest
from conversions import Converted

FRAMES = np.random.default_rng(0).normal(size=(4, 17, 3))


def put(folder, *names):
    for name in names:
        path = folder / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, FRAMES)
    return folder


def convert(folder, table=None):
    """Its result; of a table, the text of a file with the labels, or None."""
    options = ()
    if table is not None:
        path = folder / "labels.csv"  # even among the clips, some of which may be .csv
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        options = ("--labels", path)
    return Converted("arrays", folder, folder.parent / "set.npz", *options)


def labels(converted):
    made = converted.set
    return {str(name): str(made.class_names[label]) for name, label in zip(made.name, made.label, strict=True)}


def test_the_first_folder_is_the_class(tmp_path):
    folder = put(tmp_path / "in", "squat/one", "squat/anna/two", "wave/one", ".hidden/one", "wave/.one")
    converted = convert(folder)
    assert labels(converted) == {"squat/one": "squat", "squat/anna/two": "squat", "wave/one": "wave"}
    assert converted.printed.startswith("classes (2): squat, wave\n")


def test_a_clip_outside_of_the_classes_is_named(tmp_path):
    converted = convert(put(tmp_path / "in", "squat/one", "two"))
    assert (converted.status, labels(converted)) == (1, {"squat/one": "squat"})
    assert converted.errors.startswith("two: it lies in no folder of a class: IN/CLASS/CLIP is expected, or a table")
    alone = Converted("arrays", put(tmp_path / "other", "one"), tmp_path / "other.npz")
    assert (alone.status, alone.set) == (1, None)
    assert "no clip of 1 has a class: one: it lies in no folder of a class" in alone.errors


TABLES = {
    "a header": "name,label\none,squat\ntwo,wave\n",
    "no header": "one,squat\ntwo,wave\n",
    "semicolons, CRLF and a mark": "\ufeffname;label\r\none;squat\r\ntwo;wave\r\n",
    "suffixes, blanks and a quote": 'one.npy, squat\n"two.npy","wave"\n\n',
    "paths": "sub/one,squat\nsub\\two.npy,wave\n",
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table(tmp_path, case):
    converted = convert(put(tmp_path / "in", "sub/one", "sub/two"), TABLES[case])
    assert (converted.status, converted.errors) == (0, "")
    assert labels(converted) == {"sub/one": "squat", "sub/two": "wave"}


def test_a_clip_may_be_called_as_its_folder(tmp_path):
    """AlphaPose calls every result alphapose-results.json, in a folder for each video."""
    converted = convert(put(tmp_path / "in", "v/one/results", "v/two/results"), "one,squat\nv/two,wave\n")
    assert labels(converted) == {"v/one/results": "squat", "v/two/results": "wave"}


def test_names_that_several_clips_share_must_be_whole(tmp_path):
    converted = convert(put(tmp_path / "in", "a/one", "b/one"), "one,squat\nb/one,wave\n")
    assert (converted.status, labels(converted)) == (1, {"b/one": "wave"})
    assert "a/one: labels.csv has no label for it" in converted.errors
    assert "labels.csv: 1 of its names have no clip: one\n" in converted.printed


@pytest.mark.parametrize(
    ("table", "reason"),
    [("", "it is empty"), ("name,label\n", "it has no names"), ("one\n", "line 1 must be name,label, got 'one'"),
     ("one,squat\ntwo,\n", "line 2 must be name,label"), ("one,squat,3\n", "line 1 must be name,label"),
     ("one,squat\none,wave\n", "line 2: 'one' is both 'squat' and 'wave'"), (b"one,\xff\n", "not a table of UTF-8"),
     (b"one,a\0b\n", "it holds a NUL"), ("three,squat\n", "no clip of 1 has a class: one: labels.csv has no label")],
)  # fmt: skip
def test_a_table_that_is_no_good_ends_the_conversion(tmp_path, table, reason):
    converted = convert(put(tmp_path / "in", "one"), table)
    assert (converted.status, converted.set) == (1, None)
    assert reason in converted.errors
    assert "labels.csv" in converted.errors


def test_what_is_not_there_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    for name, reason in (("none", "there is no "), ("empty", "there is no .npy and no .csv in ")):
        converted = Converted("arrays", tmp_path / name, tmp_path / "set")
        assert (converted.status, converted.set) == (1, None)
        assert f"data convert: {reason}{tmp_path / name}" in converted.errors
    assert "No such file" in Converted(
        "arrays", put(tmp_path / "in", "one"), tmp_path / "set", "--labels", tmp_path / "x.csv"
    ).errors  # fmt: skip
