"""Predictions for raw recordings: the numbers that converting them gives, and what is said of files that are none."""

import codecs
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from conversions import REASON, SHARED, Converted
from raw_files import body, clip, person, text
from sets import saved, saved_as_folder, small_set, weights

from reference import forward, load_state, save_state
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker
from stgcn_torch import STGCN
from stgcn_torch.__main__ import main
from stgcn_torch.data.formats import open_recordings
from stgcn_torch.training.explanation import predict
from stgcn_torch.training.progress import Drawing
from stgcn_torch.training.trained_network import TrainedNetwork

NTU, KINETICS = ("ntu_25", ["x", "y", "z"]), ("openpose_18", ["x", "y", "score"])


def ntu_file(folder, name="S001C002P003R001A004"):
    """Two persons in 20 frames, of which two hold nobody."""
    one, two = body(1, 20), body(2, 20, at=2)
    frames = [[(5, one[t])] * (t not in (3, 4)) + [(9, two[t])] * (t > 7) for t in range(20)]
    path = folder / f"{name}.skeleton"
    path.write_text(text(frames))
    return path


def kinetics_file(folder, name="v_1"):
    """One or two persons in 20 frames, of which the first holds nobody."""
    frames = [[person(t), person(50 + t, 0.3)][: t % 2 + 1] if t else [] for t in range(20)]
    path = folder / f"{name}.json"
    path.write_text(json.dumps(clip(frames)))
    return path


def run(capsys, *arguments):
    """The exit status of predict, what it printed, and the lines of its complaints."""
    status = main(["predict", *map(str, arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.out, said.err.splitlines()


def converted(kind, raw, out):
    """The set that a conversion of nothing but this file writes."""
    folder = out.parent / "in"
    folder.mkdir()
    shutil.copy(raw, folder)
    labels = {raw.stem: {"has_skeleton": True, "label": "air drumming", "label_index": 0}}
    (out.parent / "in_label.json").write_text(json.dumps(labels))
    assert Converted(kind, folder, out).status == 0
    return out


@pytest.fixture(params=["hand-made", "real"])
def raw_files(request, tmp_path):
    """{kind: a file}"""
    if request.param == "hand-made":
        return {"ntu": ntu_file(tmp_path), "kinetics": kinetics_file(tmp_path)}
    if not (SHARED / "ntu").exists():
        pytest.skip(REASON)
    return {
        "ntu": SHARED / "ntu" / "S001C001P001R001A001.skeleton",
        "kinetics": SHARED / "kinetics" / "open_pose_skeleton.json",
    }


class Undrawn:
    """Stands in for the program that draws: it takes a second."""

    def __init__(self, *_):
        pass

    def finish(self):
        pass


@pytest.fixture
def explained(tmp_path, capsys, monkeypatch):
    """A function: the network's path and a clip -> what predict prints of it, and the arrays that explain it."""
    monkeypatch.setattr("stgcn_torch.training.prediction.Drawing", Undrawn)

    def predict_and_explain(network, argument):
        folder = tmp_path / f"why {argument.stem}"
        status, printed, complaints = run(capsys, network, argument, "--explain", folder)
        assert (status, complaints) == (0, [])
        with np.load(folder / f"{argument.stem}_0.npz") as file:
            return printed, dict(file)

    return predict_and_explain


def assert_same(arrays, others):
    """To the last bit."""
    assert arrays["clip"].any()
    assert set(arrays) == set(others)
    for member, array in arrays.items():
        np.testing.assert_array_equal(array, others[member], err_msg=member)


@pytest.mark.parametrize("out", ["set.npz", "set"])
@pytest.mark.parametrize(("kind", "trained_on"), [("ntu", NTU), ("kinetics", KINETICS)])
def test_a_raw_file_gives_what_its_conversion_gives(tmp_path, explained, raw_files, kind, trained_on, out):
    network = weights(tmp_path, *trained_on)
    printed, arrays = explained(network, raw_files[kind])
    again, others = explained(network, converted(kind, raw_files[kind], tmp_path / out))
    assert printed.splitlines()[0] == f"{raw_files[kind].stem}, sequence 0:"
    assert printed.splitlines()[1:] == again.splitlines()[1:]
    assert printed.count("%") == 5
    assert arrays["clip"].shape[3] == 2
    assert_same(arrays, others)


@pytest.mark.parametrize(("kind", "trained_on"), [("ntu", NTU), ("kinetics", KINETICS)])
@pytest.mark.parametrize("persons", [1, 2, 3])
def test_a_raw_file_gives_what_it_gives_in_a_set_of_many_and_through_numpy(tmp_path, kind, trained_on, persons):
    make = {"ntu": ntu_file, "kinetics": kinetics_file}[kind]
    network = TrainedNetwork.load(weights(tmp_path, *trained_on, persons=persons))
    folder = tmp_path / "in"
    folder.mkdir()
    names = ["S001C001P001R001A007", "S001C002P003R001A004", "S018C002P004R001A099"]
    files = [make(folder, name) for name in names]
    entries = {name: {"has_skeleton": True, "label": f"{n}", "label_index": n} for n, name in enumerate(names)}
    for file in files if kind == "kinetics" else ():
        file.write_text(json.dumps(json.loads(file.read_text()) | {"label": entries[file.stem]["label"]}))
    (tmp_path / "in_label.json").write_text(json.dumps(entries))
    many = Converted(kind, folder, tmp_path / "many.npz").set
    ((_, load),) = open_recordings(files[1])
    alone = load()
    answers = []
    for sequences, s in ((alone, 0), (many, 1)):
        row = np.array([[s, 0, sequences.offset[s + 1] - sequences.offset[s]]])
        answers.append(predict(network, network.clips("", sequences, row, labelled=False)).probabilities)
    np.testing.assert_array_equal(*answers)
    settings = InputSettings(**(network.settings["recipe"]["inputs"] | {"channels": trained_on[1]}))
    views = ClipMaker(settings, alone.channels, network.skeleton).views(alone.clip(0)[0])
    assert views.shape[-1] == persons
    logits = forward(load_state(tmp_path / f"{trained_on[0]}.safetensors"), views).mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), answers[0], rtol=1e-3)


def test_a_raw_file_is_drawn(tmp_path, capsys):
    path = weights(tmp_path, *NTU)
    assert run(capsys, path, ntu_file(tmp_path), "--explain", tmp_path / "why")[0] == 0
    assert (tmp_path / "why" / "S001C002P003R001A004_0.svg").read_text().startswith("<?xml")


def test_what_a_drawing_says_is_said_once(capsys, monkeypatch):
    done = SimpleNamespace(returncode=0, stderr="no installed font has letters such as 走\n")
    monkeypatch.setattr("stgcn_torch.training.progress.subprocess.run", lambda *_, **__: done)
    for number in range(3):
        Drawing("activation", f"{number}.npz", f"{number}.svg").finish()
    assert capsys.readouterr().err == done.stderr


def test_a_network_that_takes_fewer_channels_takes_them_from_the_file(tmp_path, capsys):
    status, printed, _ = run(capsys, weights(tmp_path, "ntu_25", ["y", "x"]), ntu_file(tmp_path))
    assert (status, printed.count("%")) == (0, 5)


def test_a_file_of_another_body_says_which_two_they_are(tmp_path, capsys):
    one, other = ntu_file(tmp_path), kinetics_file(tmp_path)
    status, printed, complaints = run(capsys, weights(tmp_path, *KINETICS), one, other)
    assert (status, printed.count("%")) == (1, 5)
    assert complaints == [
        f"python -m stgcn_torch predict: {one}: {one.stem} has the joints of ntu_25, but the network was trained on"
        " those of openpose_18"
    ]
    status, _, complaints = run(capsys, weights(tmp_path, "openpose_18", ["x", "y", "z"]), other)
    assert status == 1
    assert complaints == [f"python -m stgcn_torch predict: {other}: there is no channel 'z': the set has x, y, score"]


def test_recordings_of_one_name_are_not_explained_over_each_other(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("stgcn_torch.training.prediction.Drawing", Undrawn)
    path = weights(tmp_path, *NTU)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    files = [ntu_file(tmp_path / "a"), ntu_file(tmp_path / "b"), ntu_file(tmp_path / "a")]
    status, printed, complaints = run(capsys, path, *files, "--explain", tmp_path / "why")
    assert (status, printed.count("%"), len(complaints)) == (1, 15, 1)
    assert f"{files[1]}: " in complaints[0]
    assert f"explains a clip of {files[0]}: have this one explained in another folder" in complaints[0]


def test_a_hash_in_a_name_is_part_of_it_if_there_is_such_a_file(tmp_path, capsys):
    path = weights(tmp_path, *NTU)
    raw = ntu_file(tmp_path, "take#2")
    assert run(capsys, path, raw)[0] == 0
    status, _, complaints = run(capsys, path, f"{ntu_file(tmp_path)}#1")
    assert status == 1
    assert "has 1 sequences, so there is no sequence 1" in complaints[0]


GOOD = text([[(5, body(1)[0])], [(5, body(1)[0])]])
LINES = GOOD.splitlines(keepends=True)
SKELETON = ".skeleton"


def coordinate(number):
    """The good file with a number in place of the first x."""
    first = LINES[4].split(" ", 1)
    return "".join([*LINES[:4], f"{number} {first[1]}", *LINES[5:]])


def pose(**changes):
    """A clip of one person, with the entry of the person changed."""
    content = clip([[person(1)]])
    content["data"][0]["skeleton"][0] |= changes
    return json.dumps(content)


HOSTILE = {
    "empty": (SKELETON, "", "the file ends after line 0, where the number of frames should follow"),
    "cut within a line": (SKELETON, GOOD[: GOOD.index(LINES[10]) + 30], "line 11: a joint has 12 numbers, got"),
    "cut between lines": (SKELETON, "".join(LINES[:20]), "the file ends after line 20, where joint 17 of 25 should"),
    "zero frames": (SKELETON, "0\n", "it has 0 frames"),
    "nobody": (SKELETON, "2\n0\n0\n", "there is no body in any of its 2 frames"),
    "NaN": (SKELETON, coordinate("nan"), "line 5: 'nan' is not a finite number"),
    "beyond float32": (SKELETON, coordinate("1e39"), "1e+39 in frame 0 is not a finite number of single precision"),
    "a number that no place is": (SKELETON, coordinate("1e30"), "sequence 0 holds a number of the size"),
    "Latin-1": (SKELETON, GOOD.encode() + b"\xe9", "is not ASCII text"),
    "a count of a billion": (SKELETON, "999999999\n", "line 1: expected the number of frames, at most 108000"),
    "JSON": (SKELETON, json.dumps(clip([[person(1)]])), "line 1: expected the number of frames"),
    "an empty .json": (".json", "", "Expecting value"),
    "text": (".json", GOOD, "Extra data"),
    "a list": (".json", "[1, 2]", "it must be an object {...}, got list"),
    "another object": (".json", '{"top1": 0.5}', '"data" must be a list of frames'),
    "no frames": (".json", '{"data": []}', '"data" must be a list of frames'),
    "JSON cut short": (".json", json.dumps(clip([[person(1)]]))[:300], "Expecting"),
    "nested without end": (".json", '{"data": ' + "[" * 100_000, "nested too deeply"),
    "not UTF-8": (".json", '{"label": "é"}'.encode("latin-1"), "codec can't decode byte"),
    "NaN in JSON": (".json", pose(score=[float("nan")] * 18), "NaN is not a finite number"),
    "only scores of 0": (".json", pose(score=[0] * 18), "all scores are 0, though joints are placed"),
    "nobody in JSON": (".json", json.dumps(clip([[], []])), "there is nobody in any of its 2 frames"),
    "25 joints": (".json", pose(pose=[0.5] * 50), 'person 0: "pose" must be 36 numbers'),
    "pixels": (".json", pose(pose=[320.0] * 36), "x and y must be from 0 to 1"),
    "a frame of a far future": (
        ".json",
        json.dumps({"data": [{"frame_index": 10**9, "skeleton": []}]}),
        "frame_index must be a whole number from 0 to 108000",
    ),
    "a name that says nothing": (
        ".txt",
        GOOD,
        "it is neither a sequence set nor a raw recording, whose name ends in .json or .skeleton",
    ),
    "a set cut short": (".npz", "PK\x03\x04", "is not a whole .npz of plain arrays"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_no_good_is_named_and_the_others_are_predicted(tmp_path, capsys, case):
    suffix, content, reason = HOSTILE[case]
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    of_json = suffix == ".json"
    good = kinetics_file(tmp_path) if of_json else ntu_file(tmp_path)
    status, printed, complaints = run(capsys, weights(tmp_path, *(KINETICS if of_json else NTU)), path, good)
    assert status == 1
    assert len(complaints) == 1
    assert complaints[0].startswith(f"python -m stgcn_torch predict: {path}: ")
    assert reason in complaints[0]
    assert printed.startswith(f"{good.stem}, sequence 0:\n")
    assert printed.count("%") == 5


THREE = [body(seed, 6, at=3 * seed) for seed in range(3)]
UNUSUAL = {
    "CRLF": (SKELETON, GOOD.replace("\n", "\r\n"), GOOD),
    "empty lines at the end": (SKELETON, f"{GOOD}\n \n", GOOD),
    "three bodies": (
        SKELETON,
        text([[(i, joints[t]) for i, joints in enumerate(THREE)] for t in range(6)]),
        text([[(i, THREE[i][t]) for i in sorted(range(3), key=lambda i: -np.var(THREE[i], axis=0).sum())[:2]]
              for t in range(6)]),
    ),
    "a byte order mark": (".json", codecs.BOM_UTF8 + pose().encode(), pose()),
    "UTF-16": (".json", pose().encode("utf-16"), pose()),
    "three persons": (
        ".json",
        json.dumps(clip([[person(1, 0.2), person(2, 0.9), person(3, 0.5)]])),
        json.dumps(clip([[person(2, 0.9), person(3, 0.5)]])),
    ),
    "a frame that is not listed": (
        ".json",
        json.dumps({"data": [clip([[person(1)], [], [person(2)]])["data"][t] for t in (0, 2)]}),
        json.dumps(clip([[person(1)], [], [person(2)]])),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSUAL)
def test_an_unusual_file_is_read_as_the_usual_one(tmp_path, explained, case):
    suffix, *contents = UNUSUAL[case]
    network = weights(tmp_path, *(KINETICS if suffix == ".json" else NTU), drop_empty=False)
    found = []
    for name, content in zip(("unusual", "usual"), contents, strict=True):
        path = tmp_path / f"{name}{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found.append(explained(network, path)[1])
    assert_same(*found)


def test_folders_and_missing_files_are_named(tmp_path, capsys):
    path, good = weights(tmp_path, *NTU), ntu_file(tmp_path)
    (tmp_path / "in.skeleton").mkdir()
    (tmp_path / "empty").mkdir()
    bad = [
        tmp_path / "in.skeleton",
        tmp_path / "empty",
        tmp_path / "none.skeleton",
        tmp_path / "none.json",
        tmp_path / "none",
    ]
    status, printed, complaints = run(capsys, path, *bad, good)
    assert (status, printed.count("%")) == (1, 5)
    reasons = ["is not a sequence set: it has no frames"] * 2 + ["No such file or directory"] * 2 + ["there is no "]
    for argument, reason, complaint in zip(bad, reasons, complaints, strict=True):
        assert complaint.startswith(f"python -m stgcn_torch predict: {argument}: ")
        assert reason in complaint


def test_a_sequence_of_a_set_that_is_no_good_leaves_the_others(tmp_path, capsys):
    sequences = small_set(per_class=1)
    sequences.frames[sequences.offset[1], 0, 2, 0] = np.nan
    path = weights(tmp_path, "toy_5", ["x", "y", "z"])
    status, printed, complaints = run(capsys, path, saved_as_folder(sequences, tmp_path))
    assert (status, len(complaints)) == (1, 1)
    assert "small: sequence 1 (clip_1) has nan in frame 0" in complaints[0]
    assert [line for line in printed.splitlines() if line.endswith(":")] == [
        "small, sequence 0 (clip_0):", "small, sequence 2 (clip_2):"
    ]  # fmt: skip


def test_a_set_of_another_body_is_refused_once(tmp_path, capsys):
    path = weights(tmp_path, *NTU)
    status, printed, complaints = run(capsys, path, saved(small_set(), tmp_path))
    assert (status, printed, len(complaints)) == (1, "", 1)
    assert "has the joints of toy_5, but the network was trained on those of ntu_25" in complaints[0]


def test_weights_without_a_recipe_say_what_to_do(tmp_path, capsys):
    path = tmp_path / "converted.safetensors"
    state = STGCN(7, 3, "ntu_25", layers=((3, 8, 1),)).state_dict()
    save_state({name: tensor.numpy() for name, tensor in state.items()}, path, {"converted_from": "the copied code"})
    status, _, complaints = run(capsys, path, ntu_file(tmp_path))
    assert (status, len(complaints)) == (1, 1)
    assert (
        f"{path} is not the weights of a training: it lacks bones, center, channels, class_names, joint_names, recipe"
        in complaints[0]
    )
    assert "Take weights that `python -m stgcn_torch train` wrote" in complaints[0]
