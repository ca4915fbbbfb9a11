"""NAME_data.npy with NAME_label.pkl: what is read, and what is refused."""

import os
import pickle

import numpy as np
import pytest
from conversions import REASON, SHARED, Converted, damaged
from hypothesis import given
from hypothesis import strategies as st

from reference import SKELETONS, load_clips

N, LENGTHS = 4, (5, 3, 7, 7)


def data(seed=0, V=25, C=3, dtype=np.float32):
    """(N, C, T, V, M), zeros from each sample's end on; the second person of sample 1 is absent."""
    array = np.random.default_rng(seed).normal(size=(N, C, 7, V, 2)).astype(dtype)
    for n, T in enumerate(LENGTHS):
        array[n, :, T:] = 0
    array[1, ..., 1] = 0
    return array


NAMES = ["a.skeleton", "b.skeleton", "c", "d.json"]
LABELS = [0, 2, 1, 2]


def write(folder, array=None, pair=(NAMES, LABELS), name="train", protocol=4):
    folder.mkdir(exist_ok=True)
    np.save(folder / f"{name}_data.npy", data() if array is None else array, allow_pickle=True)
    content = pair if isinstance(pair, bytes) else pickle.dumps(pair, protocol)
    (folder / f"{name}_label.pkl").write_bytes(content)
    return folder


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_a_pair_round_trips(tmp_path, protocol, dtype):
    array = data(dtype=dtype)
    folder = write(tmp_path / "in", array, (NAMES, np.array(LABELS) if protocol % 2 else LABELS), "all", protocol)
    converted = Converted("stgcn-npy", folder, tmp_path / "set.npz")
    assert converted.status == 0
    made = converted.set
    for n, T in enumerate(LENGTHS):
        assert np.array_equal(made.clip(n)[0], array[n, :, :T].astype(np.float32))
    assert made.name.tolist() == ["a", "b", "c", "d"]
    assert made.label.tolist() == LABELS
    assert made.class_names.tolist() == ["class 0", "class 1", "class 2"]
    assert made.split is None
    assert made.channels.tolist() == ["x", "y", "z"]


def test_train_and_val_become_a_split(tmp_path):
    write(tmp_path / "in", data(1), (["e", "f", "g", "h"], [3, 3, 3, 3]), "val")
    folder = write(tmp_path / "in", name="train")
    made = Converted("stgcn-npy", folder, tmp_path / "set").set
    assert made.split[:, 0].tolist() == [1] * N + [2] * N
    assert len(made.class_names) == 4
    alone = Converted("stgcn-npy", folder / "val_data.npy", tmp_path / "alone").set
    assert alone.name.tolist() == ["e", "f", "g", "h"]
    assert alone.split is None  # it would leave nothing to train


def scored(V, lowest=0.1):
    """Bodies in a picture: x and y from 0 to 1, scores up to 1."""
    array = np.random.default_rng(3).uniform(lowest, 1, size=(N, 3, 7, V, 2)).astype(np.float32)
    for n, T in enumerate(LENGTHS):
        array[n, :, T:] = 0
    return array


XYZ, XYSCORE = ["x", "y", "z"], ["x", "y", "score"]


@pytest.mark.parametrize(
    ("array", "options", "body", "channels"),
    [
        (scored(18), (), "openpose_18", XYSCORE),
        (scored(25), (), "openpose_25", XYSCORE),
        (data(V=25), (), "ntu_25", XYZ),
        (data(V=25, C=2), (), "openpose_25", ["x", "y"]),
        (data(V=20), (), "kinect_20", XYZ),
        (scored(25), ("--skeleton", "openpose_25"), "openpose_25", XYSCORE),
        (scored(25), ("--skeleton", "ntu_25"), "ntu_25", XYZ),
        (scored(25), ("--channels", *XYZ), "ntu_25", XYZ),
        (data(V=17, C=2), (), "coco_17", ["x", "y"]),
        (data(V=17), ("--channels", *XYZ), "coco_17", XYZ),
        (data(V=33), ("--channels", *XYZ), "mediapipe_33", XYZ),
        (data(V=15), ("--skeleton", "mocap_15"), "mocap_15", XYZ),
        (np.concatenate([data(V=17), scored(17)[:, 2:]], axis=1), ("--channels", *XYZ, "score"), "coco_17",
         [*XYZ, "score"]),
    ],
)  # fmt: skip
def test_body_and_channels_are_told_by_what_is_there_or_by_name_and_printed(tmp_path, array, options, body, channels):
    converted = Converted("stgcn-npy", write(tmp_path / "in", array), tmp_path / "set", *options)
    assert converted.status == 0
    assert converted.set.joint_names.tolist() == list(SKELETONS[body].joints)
    assert converted.set.channels.tolist() == channels
    assert f"the bodies are taken for {body} with the channels {', '.join(channels)}" in converted.printed
    for n, T in enumerate(LENGTHS):
        assert np.array_equal(converted.set.clip(n)[0], array[n, :, :T])


@pytest.mark.parametrize("V", [17, 18, 21, 33])
@pytest.mark.parametrize("change", [lambda z: z, lambda z: abs(z) * 100, lambda z: 0.5 + abs(z) % 1.4])
def test_numbers_that_are_no_scores_are_asked_about(tmp_path, V, change):
    array = data(V=V)
    array[:, 2] = change(array[:, 2])
    converted = Converted("stgcn-npy", write(tmp_path / "in", array), tmp_path / "set")
    assert (converted.status, converted.set) == (1, None)
    assert "the last channel would be the score, from 0 to 1, but it holds" in converted.errors
    assert "--channels x y z" in converted.errors


def test_a_sample_whose_scores_are_none_is_named(tmp_path):
    array = scored(18)
    few = np.concatenate([array] * 40)  # so many that not every one is looked at before
    few[81, 2] *= -1
    pair = ([f"v{n}" for n in range(160)], [0] * 160)
    converted = Converted("stgcn-npy", write(tmp_path / "in", few, pair), tmp_path / "set")
    assert (converted.status, len(converted.set)) == (1, 159)
    assert "train_data.npy, sample 81: the last channel would be the score" in converted.errors


def test_channels_that_do_not_fit_are_refused(tmp_path):
    for names in (["x", "y"], ["x", "y", "y"], ["score", "x", "y"]):
        converted = Converted("stgcn-npy", write(tmp_path / "in"), tmp_path / "set", "--channels", *names)
        assert (converted.status, converted.set) == (1, None)
        assert f"--channels {' '.join(names)} does not fit: there are 3 channels" in converted.errors


def test_what_is_not_seen_is_zeros(tmp_path):
    array = scored(18)
    array[0, :2, 1, 4, 0] = 0  # the corner, with a positive score
    array[0, 2, 2, 5, 0] = 0
    array[1, 2, 0, 6, 0] = np.nan
    array[1, 2, 1, 7, 1] = -0.002
    expected = array.copy()
    for n, t, v, m in ((0, 1, 4, 0), (0, 2, 5, 0), (1, 0, 6, 0), (1, 1, 7, 1)):
        expected[n, :, t, v, m] = 0
    converted = Converted("stgcn-npy", write(tmp_path / "in", array), tmp_path / "set")
    assert converted.status == 0
    for n, T in enumerate(LENGTHS):
        assert np.array_equal(converted.set.clip(n)[0], expected[n, :, :T])
    assert "joints at (0, 0) with a score above 0; they count as not seen: 1, in 1 of 4 sequences" in converted.printed
    assert "scores that are NaN or just below 0; the joints count as not seen: 2, in 1 of 4" in converted.printed


def test_in_centred_data_the_middle_is_a_place(tmp_path):
    array = scored(18)
    array[:, :2] = np.where(
        array[:, 2:] > 0, array[:, :2] - array[:, :2, :, 1:2], 0
    )  # about the neck, which has (0, 0)
    converted = Converted("stgcn-npy", write(tmp_path / "in", array), tmp_path / "set")
    for n, T in enumerate(LENGTHS):
        assert np.array_equal(converted.set.clip(n)[0], array[n, :, :T])


def test_labels_with_a_decimal_point(tmp_path):
    converted = Converted("stgcn-npy", write(tmp_path / "in", pair=(NAMES, np.float64(LABELS))), tmp_path / "set")
    assert (converted.status, converted.set.label.tolist()) == (0, LABELS)
    assert "labels with a decimal point, such as 1.0, read as 1: 4, in 4 of 4 sequences" in converted.printed


def test_three_parts_are_two_columns_and_trainval_trains(tmp_path):
    for name in ("train", "val", "test"):
        folder = write(tmp_path / "in", pair=([f"{name} {n}" for n in NAMES], LABELS), name=name)
    converted = Converted("stgcn-npy", folder, tmp_path / "set")
    told = dict(zip(converted.set.name.tolist(), converted.set.split.tolist(), strict=True))
    assert [told[f"{name} c"] for name in ("train", "val", "test")] == [[1, 1], [0, 2], [2, 0]]
    assert "split 0 is train against test, as the files are called" in converted.printed
    assert "split 1 is train against val, as the files are called" in converted.printed
    two = write(tmp_path / "two", name="trainval")
    write(two, pair=([f"{n}2" for n in NAMES], LABELS), name="test")
    made = Converted("stgcn-npy", two, tmp_path / "two.npz").set
    assert made.split[:, 0].tolist() == [2] * N + [1] * N


@pytest.mark.skipif(not (SHARED / "msr_action3d.npz").exists(), reason=REASON)
def test_a_real_set_written_as_the_copied_code_does_comes_back(tmp_path):
    real = load_clips(SHARED / "msr_action3d.npz")
    chosen = range(0, len(real), 25)
    array = np.zeros((len(chosen), 3, 300, 20, 1), np.float32)
    for n, s in enumerate(chosen):
        clip = real.clip(s)[0]
        array[n, :, : clip.shape[1]] = clip
    pair = ([str(real.name[s]) for s in chosen], [int(real.label[s]) for s in chosen])
    made = Converted("stgcn-npy", write(tmp_path / "in", array, pair), tmp_path / "set.npz").set
    for n, s in enumerate(chosen):
        clip = real.clip(s)
        last = np.flatnonzero(clip.any(axis=(0, 1, 3, 4)))[-1] + 1
        assert np.array_equal(made.clip(n), clip[:, :, :last])
    assert made.label.tolist() == pair[1]


class Payload:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


def test_a_payload_among_the_names_does_not_run(tmp_path):
    mark = tmp_path / "mark"
    folder = write(tmp_path / "in", pair=([*NAMES[:3], Payload(mark)], LABELS))
    converted = Converted("stgcn-npy", folder, tmp_path / "set")
    assert (converted.status, converted.set) == (1, None)
    assert f"it asks for {os.name}.system, which is refused" in converted.errors
    assert not mark.exists()


def one_bad(n, change):
    array = data()
    change(array[n])
    return array


SAMPLES = {
    "NaN": ({"array": one_bad(1, lambda s: s.__setitem__((0, 2, 3, 0), np.nan))}, "nan in frame 2 is not a"),
    "infinity": ({"array": one_bad(1, lambda s: s.fill(np.inf))}, "inf in frame 0"),
    "zeros": ({"array": one_bad(1, lambda s: s.fill(0))}, "it is all zeros"),
    "a negative label": ({"pair": (NAMES, [0, -1, 1, 2])}, "its label is -1, not a number from 0"),
    "a label that is text": ({"pair": (NAMES, [0, "1", 1, 2])}, "its label is '1'"),
    "a label that is true": ({"pair": (NAMES, [0, True, 1, 2])}, "its label is True"),
    "a label of a billion": ({"pair": (NAMES, [0, 10**9, 1, 2])}, "its label is 1000000000"),
    "half a label": ({"pair": (NAMES, [0, 1.5, 1, 2])}, "its label is 1.5"),
    "a label that is none": ({"pair": (NAMES, [0, None, 1, 2])}, "its label is None"),
    "a name that is none": ({"pair": (["a", None, "c", "d"], LABELS)}, "its name is not text"),
    "an empty name": ({"pair": (["a", "", "c", "d"], LABELS)}, "its name is not text"),
    "a name twice": ({"pair": (["a", "a", "c", "d"], LABELS)}, "there is another sequence called a"),
}


@pytest.mark.parametrize("case", SAMPLES)
def test_a_bad_sample_is_named_and_counted_and_the_others_are_converted(tmp_path, case):
    content, reason = SAMPLES[case]
    converted = Converted("stgcn-npy", write(tmp_path / "in", **content), tmp_path / "set.npz")
    assert (converted.status, len(converted.set)) == (1, N - 1)
    assert "train_data.npy, sample 1: " in converted.errors
    assert reason in converted.errors


def test_a_sample_beyond_single_precision_is_refused(tmp_path):
    array = data(dtype=np.float64)
    array[1, 0, 0, 0, 0] = 1e300
    converted = Converted("stgcn-npy", write(tmp_path / "in", array), tmp_path / "set.npz")
    assert (converted.status, len(converted.set)) == (1, N - 1)
    assert "not a finite number of single precision" in converted.errors


PAIRS = {
    "four axes": ({"array": data()[0]}, "must be floating-point (N, C, T, V, M), got float32 (3, 7, 25, 2)"),
    "integers": ({"array": data().astype(int)}, "must be floating-point"),
    "objects": ({"array": np.array([None, 1])}, "is not a whole .npy of a plain array"),
    "nobody": ({"array": data()[..., :0]}, "must be floating-point (N, C, T, V, M)"),
    "five channels": ({"array": data(C=5)}, "there are 5 channels, not 2 or 3: name them, for example --channels"),
    "26 joints": ({"array": data(V=26)}, "no usual skeleton has 26 joints"),
    "labels missing": ({"pair": (NAMES,)}, "must be (names, labels), got tuple"),
    "labels only": ({"pair": LABELS}, "must be (names, labels), got list"),
    "a mapping": ({"pair": {"names": NAMES, "labels": LABELS}}, "must be (names, labels), got dict"),
    "one label short": ({"pair": (NAMES, LABELS[:3])}, "a name and a label for each of the 4 samples"),
    "one sample short": ({"array": data()[:3]}, "a name and a label for each of the 3 samples"),
    "names that are one text": ({"pair": ("abcd", LABELS)}, "a name and a label for each of the 4 samples"),
    "an empty pickle": ({"pair": b""}, "is not a whole pickle"),
    "a pickle cut short": ({"pair": pickle.dumps((NAMES, LABELS))[:40]}, "is not a whole pickle"),
}


@pytest.mark.parametrize("case", PAIRS)
def test_a_pair_that_is_none_is_refused(tmp_path, case):
    content, reason = PAIRS[case]
    converted = Converted("stgcn-npy", write(tmp_path / "in", **content), tmp_path / "set.npz")
    assert (converted.status, converted.set) == (1, None)
    assert reason in converted.errors


@pytest.mark.parametrize("case", [case for case in PAIRS if case not in ("five channels", "26 joints")])
def test_a_bad_pair_is_named_and_the_other_is_converted(tmp_path, case):
    content, reason = PAIRS[case]
    write(tmp_path / "in", data(1), name="train")
    converted = Converted("stgcn-npy", write(tmp_path / "in", name="val", **content), tmp_path / "set.npz")
    assert (converted.status, len(converted.set)) == (1, N)
    assert "val_data.npy: " in converted.errors
    assert reason in converted.errors


def test_a_missing_file_is_named(tmp_path):
    folder = write(tmp_path / "in")
    (folder / "train_label.pkl").unlink()
    converted = Converted("stgcn-npy", folder, tmp_path / "set")
    assert converted.status == 1
    assert "train_label.pkl" in converted.errors
    for source in ("in/other.npy", "nowhere"):
        assert Converted("stgcn-npy", tmp_path / source, tmp_path / "set").status == 1


@given(st.data())
def test_a_damaged_array_is_refused_or_still_whole(tmp_path_factory, data):
    folder = write(tmp_path_factory.mktemp("npy") / "in")
    path = folder / "train_data.npy"
    header = path.read_bytes()
    damage = damaged(header[:128], data.draw, st.floats(0, 1)) + header[128:]
    path.write_bytes(damage if data.draw(st.booleans()) else damaged(header, data.draw, st.floats(0, 1)))
    converted = Converted("stgcn-npy", folder, folder.parent / "set")
    assert converted.status in (0, 1)
    if converted.set is not None:
        assert 1 <= len(converted.set) <= N
