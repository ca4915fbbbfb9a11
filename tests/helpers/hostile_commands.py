"""Hostile inputs for the commands: result folders, checkpoints, folders of recordings, submissions, and any options.

Each function leaves files in a folder, and returns a command line that takes them.
"""

import argparse
import contextlib
import copy
import functools
import io
import json
import tempfile
from pathlib import Path
from unittest import mock

import execute
import grade
import movies
import numpy as np
import raw_files
import submissions
import torch
from random_structure import ODD, break_one, mutated
from sets import recipe_file, saved, small_set, weights

import figures.__main__ as drawing
import figures.explorer.__main__ as exploring
import reference.__main__ as showing
import reference.conformance.__main__ as testing
import stgcn_torch.__main__ as twin
from reference.conformance import tensors
from reference.conformance.vectors import load_cases
from stgcn_torch.training.checkpoint import read_checkpoint, write_checkpoint

TENSORS = [
    torch.ones(3, device="meta"), torch.ones(1).expand(10**11), torch.ones(3).to_sparse(), torch.tensor(3),
    torch.ones(2, dtype=torch.complex64), torch.empty(0), torch.ones(3, dtype=torch.bfloat16),
]  # fmt: skip


def read_submission(arguments):
    """What grading does with a submission before any of its code runs; the exit status."""
    try:
        cells = submissions.read(Path(arguments[0]))
    except ValueError as error:
        print(error)
        return 1
    number = submissions.number_of(cells, course())
    if number:
        own = submissions.own_cells(cells, course()[number])
        submissions.exercise_cells(own)
        submissions.looks_them_up(own)
        json.dumps(submissions.steps_of(cells, number, course()[number]))
    return 0


course = functools.cache(submissions.course)
# {the first word of a command line here: what takes the others}
MAINS = {
    "twin": twin.main, "figures": drawing.main, "explorer": exploring.main, "reference": showing.main,
    "conformance": testing.main, "grade": grade.main, "submission": read_submission,
}  # fmt: skip


# What may stand where an array of a result is expected.
WAYS = [
    lambda a: a.astype(np.float32), lambda a: a[None], lambda a: a.ravel(), lambda a: a * np.nan,
    lambda a: a.astype(str),
    lambda a: a.astype(complex), lambda a: a.astype("f2"), lambda a: a.astype("M8[s]"), lambda a: np.array(None),
    lambda a: np.zeros((0, 10**9)), lambda a: np.array([(1, 2.5)], "i4,f8"), lambda a: a.astype(">f8") + 1e308,
    lambda a: np.asfortranarray(a), lambda a: np.zeros(10**5), lambda a: a.astype(bool), lambda a: np.longdouble(a),
]  # fmt: skip
NAMES = ["", "a/b", "../f", "stages/x", "\x1b[2J", "\u202e", "x" * 200, "__metadata__", "state/", "A.npy", "f_out/"]


def results(folder, rng):
    """The conformance kit on a folder of result files, of which some are odd."""
    place, suffix = folder / "in", [".npz", ".safetensors"][rng.integers(2)]
    place.mkdir()
    cases = [load_cases()[i] for i in rng.integers(len(load_cases()), size=2)]
    for case in cases:
        outputs = dict(case.outputs)
        name = list(outputs)[rng.integers(len(outputs))]
        if rng.random() < 0.6:
            array = WAYS[rng.integers(len(WAYS))](outputs.pop(name))
            outputs[name if rng.random() < 0.6 else NAMES[rng.integers(len(NAMES))]] = array
        path = place / f"{case.name}{suffix}"
        if suffix == ".npz":
            with path.open("wb") as file:
                np.savez_compressed(file, **{name: array for name, array in outputs.items() if name != "file"})
        elif any(np.dtype(array.dtype) not in map(np.dtype, tensors.DTYPES.values()) for array in outputs.values()):
            path.write_bytes(b"\x02\0\0\0\0\0\0\0{}")
        else:
            tensors.write(outputs, path)
            if rng.random() < 0.5:
                change_header(path, rng)
    if rng.random() < 0.3:
        break_one(place, rng)
    if rng.random() < 0.1:
        (place / f"{NAMES[rng.integers(len(NAMES))].replace('/', '')}{suffix}").write_bytes(b"")
    if rng.random() < 0.1:  # a folder that is called as a file
        (place / f"{cases[0].name}{suffix}").unlink()
        (place / f"{cases[0].name}{suffix}").mkdir()
    report = ["--json", str(folder / "a.json"), "--junit", str(folder / "a.xml")]
    return ["conformance", "run", str(place), "--partial", *report]


def change_header(path, rng):
    """Replace a place in the header of a .safetensors file."""
    content = path.read_bytes()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps(mutated(json.loads(content[8:begin]), rng, ODD)).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content[begin:])


@functools.cache
def trained():
    """The set, the recipe, the checkpoint and the made_by.json of a training that has one more epoch to go."""
    with tempfile.TemporaryDirectory() as name, mock.patch("sys.stdout", io.StringIO()):
        folder = Path(name)
        set_path = saved(small_set(3, T=4), folder)
        entries = {"width": 64, "epochs": 2, "least_clips": 0, "batch": 4, "frames": 4, "test_views": 1, "averaging": 0}
        how = ["--recipe", recipe_file(folder, **entries), "--protocol", "random", "--no-curves"]
        assert twin.main(["train", "--data", str(set_path), "--out", f"{name}/run", *how]) == 0
        kept = read_checkpoint(folder / "run" / "checkpoint.pt", "cpu")
        kept |= {"rows": kept["rows"][:1], "place": kept["place"] | {"epoch": 1}}
        return set_path.read_bytes(), entries, kept, (folder / "run" / "made_by.json").read_text()


# What may stand where a tensor of a checkpoint is expected: of its own shape, too.
TURNED = [
    lambda t: t.double(), lambda t: t[None], lambda t: t * torch.nan, lambda t: torch.ones(()).expand(t.shape),
    lambda t: t.clone().requires_grad_(), torch.nn.Parameter, lambda t: t.to("meta"), lambda t: t.to_sparse(),
    lambda t: torch.zeros(t.shape, dtype=torch.int64), lambda t: t.new_zeros((*t.shape, 2))[..., 0],
    lambda t: t + torch.inf, lambda t: t * 1e38, lambda t: t.tolist(),
]  # fmt: skip


def checkpoint(folder, rng):
    """A training that goes on from a checkpoint with random structure in it."""
    content, entries, kept, made_by = trained()
    (folder / "small.npz").write_bytes(content)
    (folder / "run").mkdir()
    kept = copy.deepcopy(kept)
    if rng.random() < 0.5:
        part = kept[["model", "averaged", "optimizer"][rng.integers(3)]]
        part = part["state"][int(rng.integers(len(part["state"])))] if "state" in part else part
        floats = [name for name, tensor in part.items() if tensor.is_floating_point()]
        name = floats[rng.integers(len(floats))]
        part[name] = TURNED[rng.integers(len(TURNED))](part[name].detach())
    else:
        name = list(kept)[rng.integers(len(kept))]
        kept[name] = mutated(kept[name], rng, [*ODD[:-1], *TENSORS])
    write_checkpoint(folder / "run" / "checkpoint.pt", kept)
    if rng.random() < 0.2:
        break_one(folder / "run", rng)
    if rng.random() < 0.5:
        (folder / "run" / "made_by.json").write_text(json.dumps(mutated(json.loads(made_by), rng, ODD)))
    how = ["--recipe", recipe_file(folder, **entries), "--protocol", "random", "--no-curves", "--resume"]
    return ["train", "--data", str(folder / "small.npz"), "--out", str(folder / "run"), *how]


def mixed_folder(folder, rng):
    """predict over a folder in which recordings of several kinds lie, some of them broken."""
    place, (body, channels) = folder / "in", BODIES[rng.integers(len(BODIES))]
    (place / "deep").mkdir(parents=True)
    (place / "S001C001P001R001A001.skeleton").write_text(raw_files.text([[(1, raw_files.body(0)[0])]] * 3))
    content = raw_files.clip([[raw_files.person(0)]])
    (place / "deep" / "a.json").write_text(json.dumps(mutated(content, rng, ODD) if rng.random() < 0.6 else content))
    movies.write("openpose", place / "clip", movies.movie(movies.walk(25, 4)))
    saved(small_set(2, T=4), place)
    for _ in range(int(rng.integers(3))):
        break_one(place, rng)
    (place / ["a.npz", "b.skeleton", "c.json"][rng.integers(3)]).mkdir()
    out = ["--out", str(folder / ["a.csv", "a.jsonl", "a.txt"][rng.integers(3)])] if rng.random() < 0.6 else []
    return ["predict", str(weights(folder, body, channels)), str(place), *out]


BODIES = [
    ("ntu_25", ["x", "y", "z"]), ("openpose_18", ["x", "y", "score"]), ("openpose_25", ["x", "y", "score"]),
    ("toy_5", ["x", "y", "z"]),
]  # fmt: skip


def submission(folder, rng):
    """A notebook of the course as a submission, with a place of it replaced: only what is read before it runs."""
    path = execute.NOTEBOOKS / "01_skeletons_are_graphs.ipynb"
    content = json.loads(path.read_text("utf-8"))
    content["cells"] = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for _ in range(int(rng.integers(1, 4))):
        content = mutated(content, rng, ODD)
    if isinstance(content, dict) and isinstance(content.get("cells"), list) and rng.random() < 0.5:
        source = SOURCES[rng.integers(len(SOURCES))]
        content["cells"] = [*content["cells"], {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}]
    (folder / "a.ipynb").write_text(json.dumps(content))
    if rng.random() < 0.2:
        break_one(folder, rng)
    return ["submission", str(folder / "a.ipynb")]


SOURCES = [
    "# Exercise 1\n" + "(" * 5000, "-" * 20000 + "1", "x = '\\N{no}'", "\0", "%%time\n!ls\n%x", "# Exercise 9" * 99,
    "reference" * 20000, "%x\n" * 9000, "%x\n" + "\n" * 10**5, "x=1;" * 10**5, "\ud800 = 1",
    "1" * 10000, "[" * 90 + "]" * 90, "if 1:\n" * 200, ["a", 3], "x." * 5000 + "y",
    "1 + " * 20000 + "1", "if 1:\n pass\n" + "elif 1:\n pass\n" * 3000, "\x0c\\\n" * 3000, "f'{" * 300,
    "lambda: " * 3000,
]  # fmt: skip


def leaves(command, parser, words=()):
    """(command, words, what argparse knows of the arguments) of every command below a parser."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in below:
        for word, inner in action.choices.items():
            yield from leaves(command, inner, (*words, word))
    if not below or not below[0].required:
        yield command, words, [action for action in parser._actions if action not in below]


@functools.cache
def commands():
    """`leaves` of every command line."""
    found = []
    for command in set(MAINS) - {"submission"}:
        with mock.patch.object(argparse.ArgumentParser, "parse_args", autospec=True) as parse:
            parse.side_effect = lambda parser, *_: found.extend(leaves(command, parser)) or parser.exit()  # noqa: B023
            with contextlib.suppress(SystemExit):
                MAINS[command]()
    return sorted(found, key=lambda leaf: leaf[:2])


# What ends commands that, asked soundly, would write into the packages, train, or take minutes. FILE is a file.
ENDS = {
    ("twin", "check"): ["x"], ("twin", "train"): ["--out=FILE/run"], ("twin", "results"): ["--only=x"],
    ("twin", "networks"): ["x", "x"], ("figures",): ["--out=FILE/gallery"], ("explorer",): ["x", "x"],
    ("conformance", "build"): ["--out=FILE/vectors"],
    ("conformance", "run"): ["--case=x"], ("grade",): ["--out=FILE/grades.csv"],
}  # fmt: skip
VALUES = [
    "-3", "0", "1", "2", "0.5", "1e9", "1e400", "x", "", "nan", "inf", "9" * 20, "9" * 5000, "meta", "cuda:7",
    "\x1b[2J", "\udcff", "/dev/null", "%s%n", "a#b", "x" * 300, "-", "--", "\n", "'\"", "*", "~", "é", "x y z",
    "mocap_15", "FILE", "FOLDER", "FILE/x", "nowhere/x", "SET", "SET#0", "SET#nobody", "WEIGHTS", "RECIPE", "NOTHING",
    "SET", "WEIGHTS", "FOLDER/out.npz", "FOLDER/out.svg", "FOLDER/out.csv", "FOLDER/out.safetensors",
]  # fmt: skip


def options(folder, rng):
    """A command of any command line, with arguments drawn from its own choices, numbers, words, paths and nothing."""
    command, words, actions = commands()[rng.integers(len(commands()))]
    places = {
        "SET": saved(small_set(2, T=4), folder), "WEIGHTS": weights(folder, "toy_5", ["x", "y", "z"]),
        "RECIPE": recipe_file(folder, frames=4, width=64), "FOLDER": folder / "empty", "FILE": folder / "file",
    }  # fmt: skip
    places["FOLDER"].mkdir()
    places["FILE"].write_text("x")

    def drawn(action):
        if action.choices and rng.random() < 0.7:
            return str(list(action.choices)[rng.integers(len(action.choices))])
        return VALUES[rng.integers(len(VALUES))]

    given = [drawn(action) for action in actions if not action.option_strings and rng.random() < 0.95]
    optional = [action for action in actions if action.option_strings and action.dest != "help"]
    required = [action for action in optional if action.required and rng.random() < 0.9]
    for action in [*required, *(optional[i] for i in rng.permutation(len(optional))[: rng.integers(4)])]:
        name = action.option_strings[-1]
        given.append(name if action.nargs == 0 or rng.random() < 0.05 else f"{name}={drawn(action)}")
    given = [*given, *ENDS.get((command, *words), [])]
    for word, place in places.items():
        given = [value.replace(word, str(place)) for value in given if value != "NOTHING"]
    return [command, *words, *given]
