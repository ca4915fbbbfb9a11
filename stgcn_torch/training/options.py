"""The arguments of train, evaluate and predict. Those of a recipe are made from its fields and their docstrings."""

import argparse
import re
from dataclasses import fields

from .commands import run_evaluate, run_predict, run_train
from .inputs import InputSettings
from .presets import PRESETS, Recipe
from .protocols import PROTOCOLS
from .run import AUTOCAST, DTYPES, Options

_SET = "a sequence set: an .npz, a folder of .npy files, or the name of an embedded one"


def add_training_commands(commands):
    """Add train, evaluate and predict to the subparsers of the command line; each sets `run`, which takes options."""
    _add_train(commands)
    _add_evaluate(commands)
    _add_predict(commands)


def _add_train(commands):
    parser = commands.add_parser(
        "train",
        help="train a network on a sequence set",
        description="Train the twin, and write weights, log, curves and results into a folder. Killed at any moment, it"
        " goes on with --resume. Several processes: torchrun --nproc-per-node 2 -m stgcn_torch train ...",
        epilog="Every other argument replaces a number of the preset's recipe.",
    )
    parser.add_argument("--data", required=True, metavar="SET", help=_SET)
    parser.add_argument("--out", required=True, metavar="RUN", help="the folder to write into")
    parser.add_argument("--preset", choices=PRESETS, default="notes", help="the recipe (default: %(default)s)")
    _add_protocol(parser.add_argument_group("what trains and what tests"))
    running = parser.add_argument_group("how it is run")
    running.add_argument("--device", help="cpu, cuda, cuda:1, ... (default: CUDA where PyTorch sees it)")
    about = _descriptions(Options)
    for field in fields(Options):
        choices = {"dtype": DTYPES, "autocast": AUTOCAST}.get(field.name)
        _add_field(running, field, about[field.name], default=field.default, choices=choices)
    recipe = parser.add_argument_group("the recipe")
    for kind in (Recipe, InputSettings):
        about = _descriptions(kind)
        for field in fields(kind):
            if field.name != "inputs":
                _add_field(recipe, field, about[field.name], default=None)
    parser.set_defaults(run=run_train)


def _add_protocol(group):
    group.add_argument(
        "--protocol", choices=PROTOCOLS, help="default: the set's own split; without one random; with one sequence a"
        " class time")  # fmt: skip
    group.add_argument("--split", type=int, default=0, metavar="COLUMN", help="split: which of the set's (default 0)")
    group.add_argument(
        "--train-subjects", type=int, nargs="+", default=[], metavar="S", help="cross-subject: those who train;"
        " in folds by subject: those who take part (default all)")  # fmt: skip
    group.add_argument("--groups", type=int, default=3, metavar="N", help="subject-folds: how many (default 3)")
    group.add_argument("--test-share", type=float, default=0.3, metavar="SHARE", help="random, time (default 0.3)")
    group.add_argument("--split-seed", type=int, default=0, metavar="SEED", help="random: of the draw (default 0)")


def _add_evaluate(commands):
    parser = commands.add_parser(
        "evaluate",
        help="how good weights are on a sequence set",
        description="Print top-1 and top-5 accuracy and those of every class. On the set that the weights were trained"
        " on, its test part counts; on another one, all of it, with classes matched by name.",
    )
    parser.add_argument("weights", metavar="WEIGHTS", help="weights.safetensors of a training")
    parser.add_argument("--data", required=True, metavar="SET", help=_SET)
    parser.add_argument("--part", choices=("test", "train", "all"), help="which part of the training's set")
    parser.add_argument(
        "--json", metavar="FILE", help="write all counts and the confusion matrix; `python -m figures confusion FILE"
        " OUT.svg` draws it")  # fmt: skip
    parser.add_argument("--batch", type=int, default=64, help="clips at once, in each process (default 64)")
    parser.add_argument("--workers", type=int, default=0, help="processes that make clips")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, ... (default: CUDA where PyTorch sees it)")
    parser.set_defaults(run=run_evaluate)


def _add_predict(commands):
    parser = commands.add_parser(
        "predict",
        help="which classes clips look like, and which joints and frames say so",
        description="Print the five likeliest classes of every clip with their probabilities. A clip that cannot be"
        " read is named, and makes the exit status 1; the others are predicted.",
    )
    parser.add_argument("weights", metavar="WEIGHTS", help="weights.safetensors of a training")
    parser.add_argument(
        "clips", nargs="+", metavar="CLIP", help="a sequence set, all of it; one sequence: SET#NAME, SET#CLASS (the"
        " first of that class) or SET#NUMBER; or a raw recording: a .skeleton file of NTU RGB+D, or a .json file of"
        " Kinetics-skeleton")  # fmt: skip
    parser.add_argument(
        "--explain", metavar="FOLDER", help="write for every clip the class activation of its joints and frames, as"
        " .npz, and draw it as a film strip (needs matplotlib)")  # fmt: skip
    parser.add_argument("--device", help="cpu, cuda, cuda:1, ... (default: CUDA where PyTorch sees it)")
    parser.set_defaults(run=run_predict)


def _add_field(group, field, about, default, choices=None):
    """An argument for a field of a dataclass."""
    flag = "--" + field.name.replace("_", "-")
    if field.type is bool:
        group.add_argument(flag, action=argparse.BooleanOptionalAction, default=default, help=about)
    elif field.type in (tuple[int, ...], tuple[str, ...]):
        group.add_argument(flag, type=field.type.__args__[0], nargs="+", default=default, help=about)
    else:
        group.add_argument(flag, type=field.type, default=default, choices=choices, help=about)


def _descriptions(kind):
    """{field: what the docstring of a dataclass says about it}."""
    lines = re.findall(r"^    (\w+) {2,}(\S.*(?:\n {8,}\S.*)*)", kind.__doc__, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", text).replace("%", "%%") for name, text in lines}
