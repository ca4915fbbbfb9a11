"""The commands train, evaluate and predict: their arguments, and what they do."""

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np

from reference import load_clips
from reference.input_settings import InputSettings
from reference.settings import whole

from ..data.formats import FORMATS, option_arguments
from .failures import reporting
from .progress import Drawing, write_json
from .protocols import PROTOCOLS, classes_without, folds, usual_protocol
from .recipes import PRESETS, Recipe, read_recipe

# What of a recipe is an argument, too; everything else of one is given as a file.
IN_ARGUMENTS = (
    "epochs", "batch", "rate", "dropout", "strategy", "normalization", "autocast", "frames", "streams",
)  # fmt: skip
_SET = "a sequence set: an .npz, a folder of .npy files, or the name of an embedded one"
_RAW = [found for found in FORMATS.values() if found.clips]
_RAW_OPTIONS = {name: words for name, words in option_arguments(_RAW).items() if name != "labels"}
_OUT = ".csv or .jsonl, with probabilities between 0 and 1, or .txt, a table of a line for each clip"
_DEVICE = "cpu, cuda, cuda:1, ... (default: CUDA where PyTorch sees it)"


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
    )
    parser.add_argument("--data", required=True, metavar="SET", help=_SET)
    parser.add_argument("--out", required=True, metavar="RUN", help="the folder to write into")
    _add_protocol(parser.add_argument_group("what trains and what tests"))
    running = parser.add_argument_group("how it is run")
    running.add_argument("--seed", type=whole(0), default=0, help="of everything random (default 0)")
    running.add_argument("--device", help=_DEVICE)
    running.add_argument(
        "--workers", type=whole(0, 1000), default=0, help="processes that make clips; 0: it makes them itself"
    )
    running.add_argument(
        "--test-every",
        type=whole(0),
        default=1,
        metavar="N",
        help="evaluate after every so many epochs (default 1), and after the last; 0: only after that",
    )
    running.add_argument("--resume", action="store_true", help="go on from the checkpoint in RUN, if there is one")
    running.add_argument("--no-curves", action="store_true", help="do not draw curves.svg and confusion.svg")
    recipe = parser.add_argument_group(
        "the recipe", "The preset; what a file changes of it; what arguments change of that."
    )
    recipe.add_argument("--preset", choices=PRESETS, default="notes", help="(default: %(default)s)")
    recipe.add_argument(
        "--recipe", metavar="FILE.json", help="some entries of a recipe, or all; RUN/settings.json has all of its own,"
        " and may be the file")  # fmt: skip
    every = {field.name: field for kind in (Recipe, InputSettings) for field in fields(kind)}
    for name in IN_ARGUMENTS:
        kind, several = every[name].type, every[name].type == tuple[str, ...]
        recipe.add_argument(
            f"--{name}", type=str if several else kind, nargs="+" if several else None,
            help=every[name].metadata["about"].replace("%", "%%"))  # fmt: skip
    parser.set_defaults(run=run_train)


def _add_protocol(group):
    group.add_argument(
        "--protocol", choices=PROTOCOLS, help="default: the set's own split; without one random; with one sequence a"
        " class time")  # fmt: skip
    group.add_argument(
        "--split", type=whole(0), default=0, metavar="N", help="split: which of the set's; random: the seed of the draw"
        " (default 0)")  # fmt: skip
    group.add_argument(
        "--train-subjects", type=int, nargs="+", default=[], metavar="S", help="cross-subject: those who train;"
        " in folds by subject: those who take part (default all)")  # fmt: skip
    group.add_argument("--groups", type=whole(2), default=3, metavar="N", help="subject-folds: how many (default 3)")
    group.add_argument("--test-share", type=float, default=0.3, metavar="SHARE", help="random, time (default 0.3)")


@reporting
def run_train(options, processes):
    """Train on every fold of the protocol; with several, print and write their mean and spread."""
    from .loop import train  # here, as all that imports PyTorch: it takes seconds

    recipe = PRESETS[options.preset]
    if options.recipe:
        recipe = read_recipe(options.recipe, recipe)
    given = {name: getattr(options, name) for name in IN_ARGUMENTS}
    recipe = recipe.changed({name: value for name, value in given.items() if value is not None})
    sequences = load_clips(options.data)
    if 0 < recipe.inputs.persons < sequences.frames.shape[1] and processes.first:
        print(f"of M = {sequences.frames.shape[1]} persons, the {recipe.inputs.persons} that move most are kept")
    protocol = {
        "protocol": options.protocol or usual_protocol(sequences), "column": options.split,
        "subjects": options.train_subjects, "groups": options.groups, "share": options.test_share,
        "seed": options.split, "window": recipe.inputs.frames,
    }  # fmt: skip
    every = folds(sequences, **protocol)
    results = {}
    for fold in every:
        out = Path(options.out) / fold.name if len(every) > 1 else Path(options.out)
        if processes.first:
            if untrained := classes_without(sequences, fold.train):
                print(
                    f"warning: no clip of {len(untrained)} classes trains: {', '.join(untrained[:9])}", file=sys.stderr
                )
            words = f"{fold.name}: {len(fold.train)} clips train, {len(fold.test)} test"
            print(f"{words}, on {processes.world} x {processes.device}, into {out}", flush=True)
        results[fold.name] = train(
            recipe, options.data, sequences, fold, protocol, out, processes, seed=options.seed, workers=options.workers,
            test_every=options.test_every, resume=options.resume, curves=not options.no_curves,
        ).result  # fmt: skip
        if processes.first:
            print(results[fold.name], flush=True)
            if not options.no_curves:
                Drawing("confusion", out / "result.json", out / "confusion.svg").finish()
    if len(every) > 1 and processes.first:
        summarise(results, Path(options.out) / "folds.json")


def summarise(results, path):
    """Print and write the mean and the spread, as of a sample, of the top-1 of several folds: {fold: Result}."""
    top1 = {name: result.top1 for name, result in results.items()}
    mean, spread = float(np.mean(list(top1.values()))), float(np.std(list(top1.values()), ddof=1))
    write_json(path, {"top1": top1, "mean": mean, "standard_deviation": spread})
    print(f"mean of {len(top1)} folds: top-1 {mean:.1%}, standard deviation {spread:.1%}")


def _add_evaluate(commands):
    parser = commands.add_parser(
        "evaluate",
        help="how good weights are on a sequence set",
        description="Print top-1 and top-5 accuracy and those of every class. On the set that the weights were trained"
        " on, its test part counts; on another one, all of it, with classes matched by name.",
    )
    parser.add_argument(
        "weights", metavar="WEIGHTS", help="weights.safetensors of a training, or a converted checkpoint"
    )
    parser.add_argument("--data", required=True, metavar="SET", help=_SET)
    parser.add_argument("--part", choices=("test", "train", "all"), help="which part of the training's set")
    parser.add_argument(
        "--json", metavar="FILE", help="write all counts and the confusion matrix; `python -m figures confusion FILE"
        " OUT.svg` draws it")  # fmt: skip
    parser.add_argument("--batch", type=whole(1, 10**6), default=64, help="clips at once, in each process (default 64)")
    parser.add_argument("--workers", type=whole(0, 1000), default=0, help="processes that make clips")
    parser.add_argument("--device", help=_DEVICE)
    parser.set_defaults(run=run_evaluate)


@reporting
def run_evaluate(options, processes):
    """Evaluate weights on a set."""
    from .evaluation import evaluate
    from .trained_network import TrainedNetwork

    network = TrainedNetwork.load(options.weights, processes.device)
    sequences = load_clips(options.data)
    rows, part = network.rows(sequences, options.part)
    clips = network.clips(options.data, sequences, rows)
    result = evaluate(
        network.model, clips, network.class_names, batch=options.batch, processes=processes, workers=options.workers
    )
    if not processes.first:
        return
    print(f"{sequences.title}, {part}:\n{result}")
    if note := network.note(sequences.frames.shape[1]):
        print(note)
    if options.json:
        write_json(options.json, result.as_dict() | {"data": sequences.title, "part": part})


def _add_predict(commands):
    parser = commands.add_parser(
        "predict",
        help="which classes clips look like, and which joints and frames say so",
        description="Print the five likeliest classes of every clip with their probabilities. A clip that cannot be"
        " read is named, and makes the exit status 1; the others are predicted.",
    )
    parser.add_argument(
        "weights", metavar="WEIGHTS", help="weights.safetensors of a training, or a converted checkpoint"
    )
    parser.add_argument(
        "clips", nargs="+", metavar="CLIP", help="a sequence set, all of it; one sequence: SET#NAME, SET#CLASS (the"
        " first of that class) or SET#NUMBER; a raw recording: a .skeleton file of NTU RGB+D, a"
        " .json file of Kinetics-skeleton, or what --format takes; or a folder: every recording below it")  # fmt: skip
    parser.add_argument("--out", metavar="FILE", help=f"write them to a file instead of printing them: {_OUT}")
    raw = parser.add_argument_group("raw recordings", "How they are read; the same as for `data convert`.")
    raw.add_argument("--format", choices=[found.name for found in _RAW], help="what they are (default: by content)")
    for name, words in _RAW_OPTIONS.items():
        raw.add_argument(f"--{name.replace('_', '-')}", **words)
    parser.add_argument(
        "--explain", metavar="FOLDER", help="write for every clip the class activation of its joints and frames, as"
        " .npz, and draw it as a film strip (needs matplotlib)")  # fmt: skip
    parser.add_argument("--device", help=_DEVICE)
    parser.set_defaults(run=_predict, raw_options=tuple(_RAW_OPTIONS))


def _predict(options):
    from .prediction import run_predict  # here, as it imports tqdm: see progress.py

    return run_predict(options)
