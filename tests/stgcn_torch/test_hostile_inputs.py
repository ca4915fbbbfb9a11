"""Whatever a file or an option holds, a command says in words what is wrong: no traceback, no hang, no flood of memory.

Inputs are drawn with a seed: sound files of every kind, with bytes or entries replaced. `STGCN_HOSTILE=1000` draws so
many, `STGCN_HOSTILE_SEED` with another seed; `-s` shows how many of each kind were tried, and how many of them refused.
"""

import contextlib
import gzip
import io
import json
import os
import pickle
import time
import warnings
from collections import Counter

import movies
import numpy as np
import raw_files
import torch
from hostile_commands import MAINS, TENSORS, checkpoint, mixed_folder, options, results, submission
from random_structure import ODD, PICKLED, break_one, broken, mutated
from safetensors.numpy import save
from sets import saved, small_set, weights

import reference
from stgcn_torch.__main__ import main
from stgcn_torch.training.trained_network import describe

COUNT = int(os.environ.get("STGCN_HOSTILE", 60))
SEED = int(os.environ.get("STGCN_HOSTILE_SEED", 17))
SECONDS = 2.0  # of processor time


def convert(name, source, folder):
    return ["data", "convert", "--format", name, str(source), str(folder / "set")]


def reader(name, write):
    """A kind: files of a format, as `write` leaves them in a folder, with one of them broken."""

    def made(folder, rng):
        write(folder / "in")
        break_one(folder / "in", rng)
        return convert(name, folder / "in", folder)

    return made


def tool(name):
    def made(folder, rng):
        frames = movies.movie(movies.walk(movies.TOOLS[name], 4))
        path = movies.write(name, folder / "in" / "walk" / "clip", frames)
        file = sorted(path.glob("*"))[0] if path.is_dir() else path
        if rng.random() < 0.3:
            break_one(folder / "in", rng)
        else:
            file.write_text(json.dumps(mutated(json.loads(file.read_text()), rng, ODD)))
        return convert(name, folder / "in", folder)

    return made


def write_ntu(folder):
    folder.mkdir()
    (folder / "S001C001P001R001A001.skeleton").write_text(raw_files.text([[(1, raw_files.body(0)[0])]] * 3))


def write_ui_prmd(folder):
    for what in ("Positions", "Angles"):
        (folder / what).mkdir(parents=True)
        lines = ("\n".join([",".join(["1.5"] * 66)] * 3)).encode()
        (folder / what / f"m01_s01_e01_{what.lower()}.txt.gz").write_bytes(gzip.compress(lines))


def write_arrays(folder):
    (folder / "walk").mkdir(parents=True)
    np.save(folder / "walk" / "a.npy", np.ones((5, 17, 2)))
    (folder / "walk" / "b.csv").write_text("x0,y0,x1,y1\n" + "1,2,3,4\n" * 4)


def kinetics(folder, rng):
    (folder / "in").mkdir()
    content, labels = raw_files.clip([[raw_files.person(0)]]), {"a": {"label": "air drumming", "label_index": 1}}
    content, labels = [mutated(x, rng, ODD) if rng.random() < 0.6 else x for x in (content, labels)]
    (folder / "in" / "a.json").write_text(json.dumps(content))
    (folder / "in_label.json").write_text(json.dumps(labels))
    return convert("kinetics", folder / "in", folder)


def pyskl(folder, rng):
    one = {"frame_dir": "a", "label": 1, "total_frames": 4, "keypoint": np.ones((1, 4, 17, 2), np.float32)}
    one["keypoint_score"] = np.ones((1, 4, 17), np.float32)
    content = mutated({"split": {"xsub_train": ["a"], "xsub_val": []}, "annotations": [one, dict(one)]}, rng, PICKLED)
    (folder / "in.pkl").write_bytes(pickle.dumps(content, int(rng.integers(6))))
    if rng.random() < 0.3:
        (folder / "in.pkl").write_bytes(broken((folder / "in.pkl").read_bytes(), rng))
    return convert("pyskl", folder / "in.pkl", folder)


def stgcn_npy(folder, rng):
    (folder / "in").mkdir()
    np.save(folder / "in" / "train_data.npy", np.ones((2, 3, 4, 18, 1), np.float32))
    pair = mutated([["a", "b"], [0, 1]], rng, PICKLED)
    (folder / "in" / "train_label.pkl").write_bytes(pickle.dumps(tuple(pair) if isinstance(pair, list) else pair))
    return convert("stgcn-npy", folder / "in", folder)


def set_of_odd_arrays(folder, rng):
    """Members of other kinds and sizes, as .npz and as folder: data info."""
    sequences = small_set(2, T=4)
    members = {m: a for m in reference.sequences.MEMBERS if (a := getattr(sequences, m)) is not None}
    name = list(members)[rng.integers(len(members))]
    array = members[name]
    ways = [
        array[:0] if array.ndim else array, array[None], array.astype(str), array.astype("S3"),
        np.array(0), np.zeros((10**6, 0)), np.array(["\x1b[2J", "\ud800"] * 9), np.full(array.shape, -1),
        np.zeros(200 * 10**3, "U0"), np.full(array.shape, 10**12), np.full(array.shape, np.nan),
    ]  # fmt: skip
    members[name] = ways[rng.integers(len(ways))]
    if rng.random() < 0.5:
        np.savez_compressed(folder / "a.npz", **members)
        if rng.random() < 0.4:
            break_one(folder, rng)
        return ["data", "info", str(folder / "a.npz")]
    (folder / "a").mkdir()
    for name, array in members.items():
        np.save(folder / "a" / f"{name}.npy", array)
    return ["data", "info", str(folder / "a")]


def settings_of_weights(folder, rng):
    path = weights(folder, "toy_5", ["x", "y", "z"])
    sequences = small_set(2, T=4)
    settings = reference.load_settings(path) | {"protocol": {"protocol": "random", "share": 0.3}, "fold": "random"}
    settings["data"] = {} if rng.random() < 0.3 else json.loads(json.dumps(describe(sequences)))
    state = reference.load_state(path)
    # Without a digest, as files from elsewhere are.
    path.write_bytes(save(state, {"stgcn": f" {json.dumps(mutated(settings, rng, ODD))}"}))
    if rng.random() < 0.2:
        path.write_bytes(broken(path.read_bytes(), rng))
    return ["evaluate", str(path), "--data", str(saved(sequences, folder))]


def recipe(folder, rng):
    entries = json.loads(json.dumps(reference.input_settings.InputSettings().__dict__)) | {"steps": [1], "rate": 0.1}
    (folder / "r.json").write_text(json.dumps(mutated(entries | {"width": 64}, rng, ODD)))
    # It ends where the run is to be a folder in a file; without a set it would end before it reads the recipe.
    where = ["--data", str(saved(small_set(2, T=4), folder)), "--out", str(folder / "r.json" / "run")]
    return ["train", *where, "--recipe", str(folder / "r.json")]


def official(folder, rng):
    state = {f"st_gcn_networks.0.{k}": torch.ones(2) for k in range(3)} | {"A": torch.ones(3, 5, 5)}
    content = mutated({"state_dict": state, "epoch": 3}, rng, [*ODD[:-1], *TENSORS])
    if isinstance(content, dict) and rng.random() < 0.2:
        content = dict(content)  # it may be one of ODD, which other inputs are made of
        content["state_dict"] = content
    torch.save(content, folder / "a.pt", _use_new_zipfile_serialization=bool(rng.random() < 0.5))
    if rng.random() < 0.3:
        break_one(folder, rng)
    return ["convert", str(folder / "a.pt"), str(folder / "a.safetensors")]


def figure(folder, rng):
    result = {"top1": 0.5, "clips": 2, "confusion": [[1, 1], [0, 0]], "class_names": ["a", "b"]}
    what = ["confusion", "curves", "activation"][rng.integers(3)]
    log = b"epoch,rate,train_loss,train_accuracy,test_loss,test_accuracy\n1,0.1,1,0.5,,\n2,0.1,1,0.5,1,1\n"
    sound = json.dumps(mutated(result, rng, ODD)).encode() if what == "confusion" else broken(log, rng)
    (folder / "a").write_bytes(sound)
    return ["figures", what, str(folder / "a"), str(folder / "a.svg")]


KINDS = {
    "ntu": reader("ntu", write_ntu), "ui-prmd": reader("ui-prmd", write_ui_prmd),
    "arrays": reader("arrays", write_arrays), "kinetics": kinetics, "pyskl": pyskl, "stgcn-npy": stgcn_npy,
    **{name: tool(name) for name in movies.TOOLS},
    "sequence set": set_of_odd_arrays, "settings of weights": settings_of_weights, "recipe": recipe,
    "published checkpoint": official, "figures": figure, "result folder": results, "training": checkpoint,
    "mixed folder": mixed_folder, "submission": submission, "options": options,
}  # fmt: skip


def run(arguments):
    """The exit status of a command, and what it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if arguments[0] in MAINS:
                return MAINS[arguments[0]](arguments[1:]), said.getvalue()
            return main(arguments), said.getvalue()
        except SystemExit as end:  # argparse's
            return end.code, said.getvalue()
        except OSError as error:  # as reference.terminal.run, which every command is run by
            return 1, f"{said.getvalue()}{error}"


def peak():
    """The most memory that this process ever had, in bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_hostile_inputs_end_in_words(tmp_path, one_thread, monkeypatch):
    tried, refused, slowest, most = Counter(), Counter(), 0.0, 0
    monkeypatch.chdir(tmp_path)  # what is written under a drawn name stays here
    for warm in KINDS:  # what is imported late, and caches, is no fault of an input
        folder = tmp_path / f"warm_{warm.replace(' ', '_')}"
        folder.mkdir()
        run(KINDS[warm](folder, np.random.default_rng(0)))
    run(["reference"])  # sound, and larger than what refused ones take
    for number in range(COUNT):
        rng, kind = np.random.default_rng([SEED, number]), list(KINDS)[number % len(KINDS)]
        folder = tmp_path / str(number)
        folder.mkdir()
        arguments = KINDS[kind](folder, rng)
        size, before, begun = size_of(folder), peak(), time.process_time()
        try:
            status, said = run(arguments)
        except Exception as error:
            raise AssertionError(f"input {number}, {kind}: {' '.join(arguments)}") from error
        seconds, grown = time.process_time() - begun, peak() - before
        slowest, most = max(slowest, seconds), max(most, grown)
        assert not [path for path in tmp_path.rglob("*.unfinished") if path.is_file()], (number, kind, arguments)
        assert seconds < SECONDS, (number, kind, seconds)
        # The files have kilobytes, and allocators take memory by the MiB: 14 MiB was the most of 3,150 inputs.
        assert grown < 10 * size + 2**24, (number, kind, grown, size)
        assert status in (0, 1, 2) and "Traceback" not in said, (number, kind, said)
        assert status == 0 or said.strip(), (number, kind, "refused without a word")
        tried[kind] += 1
        refused[kind] += status != 0
    print(f"\n{COUNT} inputs, the slowest {slowest:.1f} s, the most memory {most / 2**20:.0f} MiB; refused of tried:")
    print(", ".join(f"{kind} {refused[kind]}/{tried[kind]}" for kind in KINDS))
