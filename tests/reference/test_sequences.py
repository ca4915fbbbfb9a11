"""Sequence sets: the format in memory, its files, and what is refused."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from strategies import normal

from reference import SKELETONS, Sequences, load_clips, save_clips

MEMBERS = {
    "frames": normal(0, 6, 2, 3, 2).astype(np.float32),  # (ΣT, M, V, C)
    "offset": np.array([0, 2, 3, 6]),
    "label": np.array([1, 0, 1]),
    "class_names": np.array(["run", "walk"]),
    "joint_names": np.array(["a", "b", "c"]),
    "bones": np.array([[1, 0], [2, 1]]),
    "center": np.array(0),
    "channels": np.array(["x", "y"]),
    "fps": np.array(30, dtype=np.float32),
    "subject": np.array([7, 7, 8]),
    "camera": np.array([1, 2, 3]),
    "name": np.array(["first", "second", "third"]),
    "split": np.array([[1], [2], [1]], dtype=np.int8),
}
REQUIRED = [name for name in MEMBERS if name not in ("subject", "camera", "name", "split")]


def small(**changes):
    """A set of three sequences, two persons and three joints, with members changed or, where None, left out."""
    members = {name: array for name, array in (MEMBERS | changes).items() if array is not None}
    return Sequences("small", **members)


def with_value(value, frame, person, joint, channel):
    """The frames with one number replaced."""
    frames = MEMBERS["frames"].copy()
    frames[frame, person, joint, channel] = value
    return frames


def write(path, members):
    """An .npz, or a folder of .npy files."""
    if path.suffix == ".npz":
        np.savez(path, **members)
    else:
        path.mkdir()
        for name, array in members.items():
            np.save(path / f"{name}.npy", array)
    return path


# --- in memory -------------------------------------------------------------------------------------------------------


def test_a_clip_has_the_networks_axes():
    clip = small().clip(2)
    assert clip.shape == (1, 2, 3, 3, 2)  # N, C, T, V, M
    assert clip.dtype == np.float32
    assert clip.flags.c_contiguous
    for _, c, t, v, m in np.ndindex(clip.shape):
        assert clip[0, c, t, v, m] == MEMBERS["frames"][3 + t, m, v, c]


def test_a_clip_is_found_by_index_name_or_class():
    sequences = small()
    for which, s in [(1, 1), (-1, 2), (np.int64(0), 0), ("third", 2), ("run", 1), ("walk", 0), (np.str_("second"), 1)]:
        assert np.array_equal(sequences.clip(which), sequences.clip(s))
    assert [sequences.find(name) for name in ("first", "third", "run", "walk")] == [0, 2, 1, 0]
    assert small(name=None).find("walk") == 0
    assert len(sequences) == 3


@pytest.mark.parametrize(
    ("which", "error", "message"),
    [
        (3, IndexError, "small: there is no sequence 3; there are 3"),
        (-4, IndexError, "small: there is no sequence -4"),
        ("jump", ValueError, "small: no sequence and no class is called 'jump'; the classes are run, walk"),
    ],
)
def test_a_sequence_that_is_not_there_is_named(which, error, message):
    with pytest.raises(error, match=message):
        small().clip(which)


def test_the_skeleton_is_that_of_the_members():
    skeleton = small().skeleton
    assert (skeleton.name, skeleton.joints, skeleton.center) == ("small", ("a", "b", "c"), 0)
    assert skeleton.bones == ((1, 0), (2, 1))


def test_optional_members_may_be_absent():
    sequences = small(subject=None, camera=None, name=None, split=None)
    assert (sequences.subject, sequences.camera, sequences.name, sequences.split) == (None,) * 4
    assert sequences.clip(0).shape == (1, 2, 2, 3, 2)


BAD_VALUES = [
    ({"frames": with_value(np.nan, 3, 1, 2, 0)}, r"sequence 2 \(third\) has nan in frame 0, person 1, joint 2 \(c\), "),
    (
        {"frames": with_value(np.inf, 1, 0, 1, 1)},
        r"sequence 0 \(first\) has inf in frame 1, .*joint 1 \(b\), channel y",
    ),
    ({"frames": with_value(np.nan, 2, 0, 0, 0), "name": None}, "sequence 1 has nan in frame 0, person 0, joint 0"),
]
BAD_MEMBERS = [
    ({"frames": np.ones((6, 3, 2), np.float32)}, r"frames must be floating-point with 4 axes, got float32 \(6, 3, 2\)"),
    ({"frames": np.ones((6, 2, 3, 2), int)}, "frames must be floating-point with 4 axes, got int64"),
    ({"offset": np.array([0.0, 2, 3, 6])}, "offset must be signed integer with 1 axes, got float64"),
    ({"offset": np.array([0, 2, 6])}, "offset has 3 entries, but there must be 4"),
    ({"offset": np.array([1, 2, 3, 6])}, "offset must run from 0 to the 6 frames, got 1 to 6"),
    ({"offset": np.array([0, 2, 3, 5])}, "offset must run from 0 to the 6 frames, got 0 to 5"),
    ({"offset": np.array([0, 3, 2, 6])}, r"sequence 1 .*has -1 frames by its offset"),
    ({"offset": np.array([0, 2, 2, 6])}, r"sequence 1 .*has 0 frames by its offset"),
    ({"fps": np.float32(0)}, "fps must be above 0, got 0.0"),
    ({"fps": np.float32("nan")}, "fps must be above 0, got nan"),
    ({"label": np.array([1, 0, 2])}, r"sequence 2 \(third\) has the label 2, but there are 2 classes"),
    ({"label": np.array([1, -1, 0])}, r"sequence 1 \(second\) has the label -1"),
    ({"label": np.array([[1, 0, 1]])}, "label must be signed integer with 1 axes"),
    ({"class_names": np.array([1, 2])}, "class_names must be text with 1 axes, got int64"),
    ({"class_names": np.array(["run", None])}, "class_names must be text with 1 axes, got object"),
    ({"joint_names": np.array(["a", "b"])}, "joint_names has 2 entries, but there must be 3"),
    ({"joint_names": np.array(["a", "b", "a"])}, "joints 0 and 2 are both named 'a'"),
    ({"channels": np.array(["x", "y", "z"])}, "channels has 3 entries, but there must be 2"),
    ({"bones": np.array([[1, 0, 2]])}, r"bones must be \(E, 2\), got \(1, 3\)"),
    ({"bones": np.array([[1, 0], [2, 3]])}, r"bone \(2, 3\) names joint 3"),
    ({"bones": np.array([[1, 0]])}, r"no path of bones leads from the centre to joint 2 \(c\)"),
    ({"center": np.array(3)}, "center 3 is no joint"),
    ({"center": np.array([0])}, r"center must be signed integer with 0 axes, got int64 \(1,\)"),
    ({"fps": np.array(30)}, "fps must be floating-point with 0 axes, got int64"),
    ({"subject": np.array([1, 2])}, "subject has 2 entries, but there must be 3"),
    ({"camera": np.array([1.0, 2, 3])}, "camera must be signed integer with 1 axes"),
    ({"name": np.array(["first"])}, "name has 1 entries, but there must be 3"),
    ({"offset": np.array([0, 2, 3, 6], np.uint64)}, "offset must be signed integer with 1 axes, got uint64"),
    ({"class_names": np.array(["run", "walk", "run"])}, "the name of class 2, 'run', is the name of class 0 as well"),
    ({"class_names": np.array(["run", " "])}, "the name of class 1, ' ', is empty"),
    ({"frames": np.ones((6, 0, 3, 2), np.float32)}, "it has no persons"),
    ({"frames": np.ones((6, 2, 3, 0), np.float32), "channels": np.array([], "U1")}, "it has no channels"),
    (
        {
            "frames": np.ones((0, 2, 3, 2), np.float32),
            "label": np.array([], int),
            "offset": np.array([0]),
            "name": None,
            "subject": None,
            "camera": None,
            "split": None,
        },
        "it has no sequences",
    ),
    ({"split": np.array([1, 2, 1])}, "split must be signed integer with 2 axes"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_VALUES + BAD_MEMBERS)
def test_members_that_do_not_fit_together_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=f"small.*: .*{message}"):
        small(**changes)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["small.npz", "small"])
@pytest.mark.parametrize("optional", [True, False])
def test_what_is_written_is_read(tmp_path, file, optional):
    members = MEMBERS if optional else {name: MEMBERS[name] for name in REQUIRED}
    sequences = load_clips(write(tmp_path / file, members))
    assert sequences.title == "small"
    for name in MEMBERS:
        array = getattr(sequences, name)
        if name in members:
            assert array.dtype == members[name].dtype
            assert np.array_equal(array, members[name])
        else:
            assert array is None


def test_a_folder_is_memory_mapped_and_gives_the_same_as_the_npz(tmp_path):
    mapped = load_clips(write(tmp_path / "small", MEMBERS))
    read = load_clips(write(tmp_path / "small.npz", MEMBERS))
    assert isinstance(mapped.frames, np.memmap)
    assert not isinstance(read.frames, np.memmap)
    assert mapped.skeleton == read.skeleton
    assert all(np.array_equal(mapped.clip(which), read.clip(which)) for which in (0, 1, 2, "run", "third"))
    assert all(np.array_equal(getattr(mapped, name), getattr(read, name)) for name in MEMBERS)


def test_a_nan_in_a_memory_mapped_sequence_is_found_when_it_is_taken_out(tmp_path):
    sequences = load_clips(write(tmp_path / "small", MEMBERS | {"frames": with_value(np.nan, 4, 1, 2, 0)}))
    assert np.all(np.isfinite(sequences.clip(0)))
    with pytest.raises(
        ValueError, match=r"sequence 2 \(third\) has nan in frame 1, person 1, joint 2 \(c\), channel x"
    ):
        sequences.clip(2)


def test_saved_clips_are_loaded_and_have_the_same_bytes_every_time(tmp_path):
    for name in ("one.npz", "two.npz"):
        save_clips(small(camera=None), tmp_path / name)
    loaded = load_clips(tmp_path / "one.npz")
    assert loaded.camera is None
    assert all(np.array_equal(getattr(loaded, name), MEMBERS[name]) for name in MEMBERS if name != "camera")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"one.npz", "two.npz"}


def test_a_failing_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "small.npz"
    save_clips(small(), path)
    before = path.read_bytes()

    def half_written(file, **_):
        file.write(b"half a file")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez_compressed", half_written)
    with pytest.raises(OSError, match="no space left"):
        save_clips(replace(small(), name=None), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["mocap_15", "openpose_25"])
def test_the_embedded_sets_are_loaded_by_name(name):
    sequences = load_clips(name)
    assert sequences.title == name
    assert sequences.skeleton == SKELETONS[name]
    clip = sequences.clip(str(sequences.class_names[0]))
    assert clip.shape[3] == SKELETONS[name].num_joints


# --- files that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_npz_cut_anywhere_is_refused(tmp_path, save):
    path = tmp_path / "small.npz"
    save(path, **MEMBERS)
    whole = path.read_bytes()
    for length in [*range(0, 400), *range(400, len(whole), 7), *range(len(whole) - 100, len(whole))]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"load_clips: .*small.npz is not a whole .npz of plain arrays"):
            load_clips(path)


@pytest.mark.parametrize("member", ["frames", "offset", "class_names", "center"])
def test_a_folder_with_a_file_cut_anywhere_is_refused(tmp_path, member):
    folder = write(tmp_path / "small", MEMBERS)
    path = folder / f"{member}.npy"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"load_clips: .*{member}.npy is not a whole .npy of a plain array"):
            load_clips(folder)


@pytest.mark.parametrize("byte", [b"(", b"\x00", b"9", b"'", b"\n"])
def test_a_folder_with_a_damaged_header_is_refused_or_read(tmp_path, byte):
    folder = write(tmp_path / "small", MEMBERS)
    path = folder / "offset.npy"
    whole = path.read_bytes()
    refused = 0
    for position in range(128):  # NumPy parses the header as Python, which fails in more ways than as an .npy
        path.write_bytes(whole[:position] + byte + whole[position + 1 :])
        try:
            load_clips(folder)
        except ValueError as error:
            refused += "load_clips: " in str(error)
    assert refused > 20


def test_a_changed_byte_is_noticed(tmp_path):
    path = write(tmp_path / "small.npz", MEMBERS)
    whole = path.read_bytes()
    start = whole.index(MEMBERS["frames"].tobytes())
    for position in range(start, start + MEMBERS["frames"].nbytes, 17):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(ValueError, match="small.npz is not a whole"):
            load_clips(path)


@pytest.mark.parametrize("file", ["small.npz", "small"])
def test_pickled_objects_are_refused(tmp_path, file):
    path = write(tmp_path / file, MEMBERS | {"class_names": np.array(["run", None])})
    with pytest.raises(ValueError, match=r"load_clips: .*(Object arrays|Python objects)"):
        load_clips(path)


@pytest.mark.parametrize("file", ["small.npz", "small"])
@pytest.mark.parametrize("member", REQUIRED)
def test_a_missing_member_is_named(tmp_path, file, member):
    path = write(tmp_path / file, {name: array for name, array in MEMBERS.items() if name != member})
    with pytest.raises(ValueError, match=rf"load_clips: .*{file} is not a sequence set: it has no {member}$"):
        load_clips(path)


PLAIN = [case for case in BAD_MEMBERS if "object" not in case[1]]  # the others would have to be pickled


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [("small.npz", *case) for case in BAD_VALUES + PLAIN] + [("small", *case) for case in PLAIN],
)
def test_a_file_whose_members_do_not_fit_together_is_refused_by_name(tmp_path, file, changes, message):
    members = {name: array for name, array in (MEMBERS | changes).items() if array is not None}
    path = write(tmp_path / file, members)
    with pytest.raises(ValueError, match=f"load_clips: .*{file}: .*{message}"):
        load_clips(path)


def zip_of(**members):
    """The bytes of a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy_of(array):
    """The bytes of a .npy."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def encrypted(archive):
    """A zip that says of its first member that a password is needed: bit 0 of the flags in the directory."""
    flags = archive.index(b"PK\1\2") + 8
    return archive[:flags] + b"\1" + archive[flags + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text " * 100,
        b"\x80\4K\1.",  # a pickle
        npy_of(np.ones(3)),
        zip_of(),
        zip_of(readme=b"text"),
        zip_of(**dict.fromkeys(REQUIRED, b"text")),
        zip_of(**{name: npy_of(MEMBERS[name]) for name in REQUIRED} | {"frames": b"text"}),
        zip_of(**{name: npy_of(MEMBERS[name]) for name in REQUIRED} | {"frames": npy_of(MEMBERS["frames"])[:-4]}),
        encrypted(zip_of(**{name: npy_of(MEMBERS[name]) for name in REQUIRED})),
    ],
    ids=["empty", "text", "pickle", "npy", "empty zip", "other zip", "zip of text", "one text", "one cut", "encrypted"],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "small.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"load_clips: .*small.npz"):
        load_clips(path)


def test_a_folder_with_an_archive_for_an_array_is_refused(tmp_path):
    folder = write(tmp_path / "small", MEMBERS)
    (folder / "frames.npy").write_bytes(zip_of(frames=npy_of(MEMBERS["frames"])))
    with pytest.raises(ValueError, match=r"load_clips: .*frames"):
        load_clips(folder)


@pytest.mark.parametrize("name", ["mocap_16", "no/such.npz"])
def test_a_set_that_is_not_there_is_named(name):
    with pytest.raises(FileNotFoundError, match=f"there is no {name}; embedded in this package are mocap_15, openpose"):
        load_clips(name)
