"""Published checkpoints are asked about recordings: the clip is theirs bit for bit, and so is the answer."""

import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from conversions import REASON, SHARED, Converted
from published import COPIED, PYSKL, checkpoint, published_forward
from raw_files import body, clip, person, text

import reference
from reference import SKELETONS, load_state
from stgcn_torch.__main__ import main
from stgcn_torch.data.formats import open_recordings
from stgcn_torch.data.formats.ntu import ACTIONS
from stgcn_torch.training.trained_network import TrainedNetwork

BODY = {"ntu": "ntu_25", "kinetics": "openpose_18"}
ROWS = ((4, 1), (6, 2))
real = pytest.mark.skipif(not (SHARED / "official_preparation.npz").exists(), reason=REASON)


def entries_for(kind, classes, names=COPIED):
    A = reference.normalize(reference.partition(SKELETONS[BODY[kind]], "widely_copied"), "joint")
    entries = checkpoint(names, A.transpose(0, 2, 1).copy(), classes=classes, rows=ROWS, dtype=torch.float32)
    classifier = f"{names['classifier']}.weight"
    return entries | {classifier: 20 * entries[classifier]}  # so that clips differ in what is printed of them


def convert(folder, kind, *options, classes=60, names=COPIED, preparation=True):
    """The exit status, and the path of a converted checkpoint."""
    torch.save(entries_for(kind, classes, names), folder / "in.pt")
    out = folder / f"{kind}.safetensors"
    options = [*(("--preparation", kind) if preparation else ()), *map(str, options)]
    return main(["convert", str(folder / "in.pt"), str(out), *options]), out


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """{kind: the path of a converted checkpoint}"""
    folder = tmp_path_factory.mktemp("weights")
    return {kind: convert(folder, kind)[1] for kind in BODY}


def prepared(path, source):
    """The clip (C, T, V, M) that the network sees of the first sequence of a set, or of a raw file."""
    network = TrainedNetwork.load(path)
    ((_, load),) = open_recordings(source, published=network.published)
    sequences = load()
    rows, _ = network.rows(sequences)
    return network.clips(source, sequences, rows[:1], labelled=False)[0, 0][0][0].numpy()


def assert_same_bits(got, expected):
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    assert got.tobytes() == expected.tobytes()


# What yysijie/st-gcn makes of recordings, written from the facts about it: tools/ntu_gendata.py, feeder_kinetics.py.


def ntu_as_published(frames):
    """frames  for each a list of (tracking id, joints (25, 3))"""
    out = np.zeros((3, 300, 25, 2), dtype=np.float32)
    for t, bodies in enumerate(frames):
        for m, (_, joints) in enumerate(bodies):
            if m < 2:
                out[:, t, :, m] = joints.T
    return out


def kinetics_as_published(content):
    """content  of the .json"""
    data = np.zeros((3, 300, 18, 5))
    for frame in content["data"]:
        for m, one in enumerate(frame["skeleton"][:5]):
            data[0, frame["frame_index"], :, m] = one["pose"][0::2]
            data[1, frame["frame_index"], :, m] = one["pose"][1::2]
            data[2, frame["frame_index"], :, m] = one["score"]
    data[:2] -= 0.5
    data[:2, data[2] == 0] = 0
    order = (-data[2].sum(axis=1)).argsort(axis=1, kind="stable")
    return np.stack([data[:, t][:, :, s[:2]] for t, s in enumerate(order)], axis=1).astype(np.float32)


ONE, TWO, THREE = (body(seed, 12, at=2 * seed) for seed in range(3))
NOBODY = np.zeros((25, 3))
NTU = {
    "one body": [[(7, ONE[t])] for t in range(12)],
    "three bodies": [[(i, bodies[t]) for i, bodies in enumerate((ONE, TWO, 3 * THREE))] for t in range(12)],
    "bodies come and go": [
        [(1, ONE[t])] * (t not in (3, 4)) + [(2, TWO[t])] * (t > 2) + [(3, THREE[t])] * (t < 9) for t in range(12)
    ],
    "the order changes": [[(1, ONE[t]), (2, TWO[t])][:: 1 if t % 3 else -1] for t in range(12)],
    "the second moves more": [[(1, ONE[0]), (2, TWO[t] + t)] for t in range(12)],
    "another id": [[(1 if t < 6 else 9, ONE[t]), (2, TWO[t])] for t in range(12)],
    "a body of zeros takes its place": [[(1, NOBODY), (2, TWO[t]), (3, THREE[t])] for t in range(12)],
    "empty frames at both ends": [[]] * 3 + [[(1, ONE[t])] for t in range(5)] + [[]] * 4,
    "300 frames": [[(1, ONE[t % 12])] for t in range(300)],
}


@pytest.mark.parametrize("case", NTU)
def test_ntu_takes_the_first_two_bodies_of_every_frame(tmp_path, weights, case):
    path = tmp_path / "S001C001P001R001A001.skeleton"
    path.write_text(text(NTU[case]))
    assert_same_bits(prepared(weights["ntu"], path), ntu_as_published(NTU[case]))


def renumbered(content, numbers):
    for frame, number in zip(content["data"], numbers, strict=True):
        frame["frame_index"] = number
    return content


def unsure(seed):
    """A person with scores that differ in the last digits, of whom two joints are not seen and one is at (0, 0)."""
    one = person(seed)
    one[:, 2] = np.random.default_rng(seed).permutation(np.linspace(0.1, 0.9, 18).round(3))
    one[2, 2] = one[5, 2] = 0
    one[7, :2] = 0
    return one


KINETICS = {
    "one person": clip([[unsure(t)] for t in range(9)]),
    "six persons": clip([[person(m, 0.1 * (m + 1)) for m in range(6)], [person(m, 0.6) for m in range(6)]]),
    "the best are the last two of five": clip([[person(m, 0.1 * (m + 1)) for m in range(5)]]),
    "equal scores": clip([[person(m, score) for m, score in enumerate(scores)] for scores in
                          ((0.5, 0.5, 0.5), (0.3, 0.7, 0.7, 0.3), (0.2, 0.4, 0.4, 0.4, 0.2))]),
    "scores equal but for rounding": clip([[unsure(5 * t + m) for m in range(5)] for t in range(40)]),
    "frames from 0": renumbered(clip([[unsure(1)], [], [unsure(2)]]), (0, 1, 2)),
    "frames out of order, some not listed": renumbered(clip([[unsure(t)] for t in range(3)]), (40, 7, 299)),
    "an empty first frame": clip([[], [unsure(1), person(2, 0.9)]]),
    "all to the right and below": clip([[np.c_[0.5 + 0.5 * p[:, :2], p[:, 2]].round(3) for p in [person(3)]]]),
}  # fmt: skip


@pytest.mark.parametrize("case", KINETICS)
def test_kinetics_takes_the_best_two_of_the_first_five_persons_of_every_frame(tmp_path, weights, case):
    path = tmp_path / "clip.json"
    path.write_text(json.dumps(KINETICS[case]))
    assert_same_bits(prepared(weights["kinetics"], path), kinetics_as_published(KINETICS[case]))


def test_of_more_than_300_frames_the_middle_300_count(tmp_path, weights):
    """The published code ends with an error there."""
    frames = [[(1, ONE[0] + t)] for t in range(310)]
    path = tmp_path / "S001C001P001R001A001.skeleton"
    path.write_text(text(frames))
    assert_same_bits(prepared(weights["ntu"], path), ntu_as_published(frames[5:305]))


def converted_set(kind, files, out, *options):
    """The set that `data convert` makes of these files."""
    folder = out.parent / f"raw {out.name}"
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    labels = {file.stem: {"has_skeleton": True, "label": "air drumming", "label_index": 7} for file in files}
    (out.parent / f"{folder.name}_label.json").write_text(json.dumps(labels))
    assert Converted(kind, folder, out, *options).status == 0
    return out


def hand_made(folder, kind):
    """Two recordings; the first is the harder one."""
    if kind == "ntu":
        paths = [folder / "S001C001P001R001A001.skeleton", folder / "S001C002P003R001A004.skeleton"]
        for path, case in zip(paths, ("bodies come and go", "the order changes"), strict=True):
            path.write_text(text(NTU[case]))
    else:
        paths = [folder / "a.json", folder / "b.json"]
        for path, case in zip(paths, ("scores equal but for rounding", "six persons"), strict=True):
            path.write_text(json.dumps(KINETICS[case]))
    return paths


def predictions(capsys, *arguments):
    """What predict prints of each clip, without its title."""
    capsys.readouterr()
    assert main(["predict", *map(str, arguments)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    blocks = said.out.split(":\n")[1:]
    return [[line for line in block.splitlines() if line.startswith(" ")] for block in blocks]


@pytest.mark.parametrize(("kind", "out"), [("ntu", "set"), ("kinetics", "set.npz")])
def test_the_same_clip_has_the_same_probabilities_wherever_it_stands(tmp_path, capsys, weights, kind, out):
    first, second = hand_made(tmp_path, kind)
    alone = converted_set(kind, [first], tmp_path / f"alone {out}", "--published")
    company = converted_set(kind, [first, second], tmp_path / out, "--published")
    for source in (alone, company):
        assert_same_bits(prepared(weights[kind], source), prepared(weights[kind], first))
    expected = predictions(capsys, weights[kind], first, second)
    assert expected[0] != expected[1]
    assert predictions(capsys, weights[kind], alone) == expected[:1]
    assert predictions(capsys, weights[kind], company) == expected

    # Through NumPy, and by what the published implementation computes.
    seen = prepared(weights[kind], first)[None]
    published = published_forward(COPIED, entries_for(kind, 60), torch.from_numpy(seen), ROWS).numpy()
    for logits in (reference.forward(load_state(weights[kind]), seen), published):
        probabilities = np.exp(logits[0] - logits.max()) / np.exp(logits[0] - logits.max()).sum()
        best = np.argsort(-probabilities)[:5]
        names = ACTIONS if kind == "ntu" else [f"class {k}" for k in range(60)]
        assert [f"  {probabilities[k]:6.1%}  {names[k]}" for k in best] == expected[0]


@real
def test_real_recordings_are_prepared_bit_for_bit(tmp_path, weights):
    official = np.load(SHARED / "official_preparation.npz")
    files = {path.stem: path for path in [*(SHARED / "ntu").iterdir(), *(SHARED / "kinetics").iterdir()]}
    assert set(files) == set(official)
    for name, path in files.items():
        kind = "ntu" if path.suffix == ".skeleton" else "kinetics"
        assert_same_bits(prepared(weights[kind], path), official[name])
        made = converted_set(kind, [path], tmp_path / f"{name}.npz", "--published")
        assert_same_bits(prepared(weights[kind], made), official[name])


@pytest.mark.parametrize("kind", BODY)
def test_the_arrays_of_the_published_tools_are_taken_as_they_are(tmp_path, weights, kind):
    names = sorted(NTU if kind == "ntu" else KINETICS)
    arrays = [ntu_as_published(NTU[n]) if kind == "ntu" else kinetics_as_published(KINETICS[n]) for n in names]
    np.save(tmp_path / "val_data.npy", np.stack(arrays))
    (tmp_path / "val_label.pkl").write_bytes(pickle.dumps((names, [0] * len(names))))
    made = Converted("stgcn-npy", tmp_path, tmp_path / "set.npz", "--published")
    network = TrainedNetwork.load(weights[kind])
    clips = network.clips(tmp_path / "set.npz", made.set, network.rows(made.set)[0], labelled=False)
    for s, array in enumerate(arrays):
        assert_same_bits(clips[0, s][0][0].numpy(), array)
    if kind == "kinetics":
        assert "add --published" in Converted("stgcn-npy", tmp_path, tmp_path / "other.npz").printed


def test_without_published_the_data_command_chooses_as_before(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "S001C001P001R001A001.skeleton").write_text(text(NTU["the second moves more"]))
    sets = [
        Converted("ntu", tmp_path / "in", tmp_path / f"{n}.npz", *more).set
        for n, more in enumerate(((), ("--published",)))
    ]
    assert np.array_equal(sets[0].frames, sets[1].frames[:, ::-1])


def test_a_file_whose_first_two_bodies_are_zeros_holds_nobody(tmp_path, capsys, weights):
    path = tmp_path / "S001C001P001R001A001.skeleton"
    path.write_text(text([[(1, NOBODY), (2, NOBODY), (3, ONE[0])]]))
    assert main(["predict", str(weights["ntu"]), str(path)]) == 1
    assert "there is nobody among the first two bodies of any of its 1 frames" in capsys.readouterr().err


def test_converted_checkpoints_are_evaluated_and_explained(tmp_path, capsys, monkeypatch, weights):
    monkeypatch.setattr("stgcn_torch.training.prediction.Drawing", lambda *_: type("Undrawn", (), {"finish": print})())
    files = hand_made(tmp_path, "ntu")
    made = converted_set("ntu", files, tmp_path / "set.npz", "--published")
    assert main(["evaluate", str(weights["ntu"]), "--data", str(made)]) == 0
    assert "set, all sequences:\ntop-1" in capsys.readouterr().out
    assert main(["evaluate", str(weights["ntu"]), "--data", str(made), "--part", "test"]) == 1
    assert "set is not the set the weights were trained on: it has no test part" in capsys.readouterr().err
    assert main(["predict", str(weights["ntu"]), str(files[0]), "--explain", str(tmp_path / "why")]) == 0
    with np.load(tmp_path / "why" / f"{files[0].stem}_0.npz") as why:
        assert np.isclose(why["on_features"].mean() + why["bias"], why["logit"], rtol=1e-4)
        assert_same_bits(why["clip"], prepared(weights["ntu"], files[0]))


def test_the_classes_of_ntu_have_names_and_others_may_be_named(tmp_path, capsys):
    def names(kind, *options, classes):
        status, path = convert(tmp_path, kind, *options, classes=classes)
        assert status == 0, capsys.readouterr().err
        return TrainedNetwork.load(path).class_names, capsys.readouterr().out

    assert len(set(ACTIONS)) == 120
    found, said = names("ntu", classes=60)
    assert (found, found[0], found[59]) == (list(ACTIONS[:60]), "drink water", "walking apart")
    assert "classes as in ntu60: drink water to walking apart" in said
    assert names("ntu", classes=120)[0] == list(ACTIONS)
    assert names("kinetics", "--classes", "ntu60", classes=60)[0] == list(ACTIONS[:60])
    found, said = names("ntu", classes=7)
    assert found == [f"class {k}" for k in range(7)]
    assert "classes are numbers, class 0 to class 6: --classes FILE" in said
    file = tmp_path / "names.txt"
    file.write_bytes("\ufeffaбв\r\n jump rope \r\n跳\r\n\r\n".encode())
    assert names("ntu", "--classes", file, classes=3)[0] == ["aбв", "jump rope", "跳"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\nb\n", "names.txt has 2 names, but the checkpoint has 3 classes"),
        ("a\n\nc\n", "names.txt, line 2: expected the name of a class, got an empty line"),
        ("", "names.txt, line 1: expected the name of a class, got an empty line"),
        ("a\nb\na \n", "names.txt, line 3: 'a' is the name in line 1 already"),
        (b"a\nb\n\xe9\n", "names.txt: byte 4 is not UTF-8 text"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_of_classes_that_does_not_fit_is_refused(tmp_path, capsys, content, message):
    file = tmp_path / "names.txt"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    status, path = convert(tmp_path, "ntu", "--classes", file, classes=3)
    assert (status, path.exists()) == (1, False)
    assert message in capsys.readouterr().err


def test_a_preparation_that_does_not_fit_is_refused(tmp_path, capsys):
    assert convert(tmp_path, "ntu", "--preparation", "kinetics", preparation=False)[0] == 1
    expected = (
        "--preparation kinetics gives 18 joints with x, y, score, but the checkpoint takes 25 joints with 3 channels"
    )
    assert expected in capsys.readouterr().err
    assert convert(tmp_path, "ntu", "--classes", "ntu60", preparation=False)[0] == 1
    assert "--classes needs --preparation" in capsys.readouterr().err
    assert convert(tmp_path, "ntu", "--classes", "ntu120")[0] == 1
    assert "--classes ntu120 has 120 names, but the checkpoint has 60 classes" in capsys.readouterr().err


def test_other_implementations_prepare_otherwise_and_that_is_said(tmp_path, capsys):
    assert convert(tmp_path, "ntu", names=PYSKL)[0] == 0
    assert "checkpoints of pyskl may have been trained on clips that were prepared otherwise" in capsys.readouterr().out


def test_a_set_whose_classes_have_names_asks_for_those_of_the_checkpoint(tmp_path, capsys):
    _, path = convert(tmp_path, "ntu", classes=7)
    made = converted_set("ntu", hand_made(tmp_path, "ntu"), tmp_path / "set.npz", "--published")
    assert main(["evaluate", str(path), "--data", str(made)]) == 1
    message = "has the class 'drink water', which the network does not know; name its classes when it is converted"
    assert message in capsys.readouterr().err


def test_classes_of_a_set_that_are_numbers_are_those_of_the_checkpoint(tmp_path, capsys, weights):
    array = np.stack([ntu_as_published(NTU["three bodies"])])
    seen = int(reference.forward(load_state(weights["ntu"]), array).argmax())
    np.save(tmp_path / "val_data.npy", array)
    (tmp_path / "val_label.pkl").write_bytes(pickle.dumps((["a"], [seen])))
    assert Converted("stgcn-npy", tmp_path, tmp_path / "set.npz", "--published").status == 0
    assert main(["evaluate", str(weights["ntu"]), "--data", str(tmp_path / "set.npz")]) == 0
    assert f"{ACTIONS[seen]} 100.0% of 1" in " ".join(capsys.readouterr().out.split())


def test_a_checkpoint_without_preparation_says_how_to_have_one(tmp_path, capsys):
    status, path = convert(tmp_path, "ntu", preparation=False)
    assert status == 0
    assert "For evaluate and predict, convert it with --preparation: ntu or kinetics." in capsys.readouterr().out
    assert main(["predict", str(path), *map(str, hand_made(tmp_path, "ntu"))]) == 1
    assert "convert IN OUT --preparation ntu` or `kinetics`" in capsys.readouterr().err
