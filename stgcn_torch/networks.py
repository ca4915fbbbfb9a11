"""python -m stgcn_torch networks: train the networks of reference/networks/, and measure what they can be trusted with.

Two of them ship. The third is trained on the first 70 % of each recording only, to see what the last 30 % are worth:
it stays in the folder of runs.
"""

import json
import shutil
import sys
from pathlib import Path

import reference
from reference.whole_files import write_whole

from .results.table import put_between_marks
from .results.trainings import COLUMNS, rounded_log
from .training.protocols import folds
from .training.recipes import PRESETS

FOLDER = Path(reference.__file__).parent / "networks"
# What the variations are for: a body may face anywhere and be of any size, and pictures count y downwards. Poses need
# few frames. An openpose_25 recording lasts 18 s: in windows, its last second counts as much as any other.
RECIPES = {
    "mocap_15": {
        "epochs": 40, "least_clips": 1000, "label_smoothing": 0.05, "averaging": 0.995,
        "frames": 32, "scale": "body", "crop": 0.3, "turn": 180, "mirror": 0.5, "tempo": 1.5, "noise": 0.06,
        "lost_joints": 6, "frame_dropout": 0.6,
    },
    "openpose_25": {
        "epochs": 100, "least_clips": 1200, "streams": ["bone"], "label_smoothing": 0.05, "averaging": 0.995,
        "frames": 8, "center": "frame", "scale": "body", "crop": 0.02, "tilt": 25, "mirror": 0.5, "tempo": 1.5,
        "noise": 0.03, "lost_joints": 6, "frame_dropout": 0.5, "downward": 0.5, "score_dropout": 0.5,
    },
}  # fmt: skip
# {folder of the run: set, protocol, frames of a window}; those that are called as their set ship.
TRAININGS = {
    "mocap_15": ("mocap_15", "all", 1000),
    "openpose_25": ("openpose_25", "all", 64),
    "openpose_25_first_70": ("openpose_25", "time", 64),
}


def add_networks_command(commands):
    """Add it to the subparsers of the command line."""
    parser = commands.add_parser(
        "networks",
        help="train the networks that ship, and measure them; an hour",
        description="Train the networks of reference/networks/ on one thread, and measure them on variations of their"
        " recordings; the table goes into the README there. Killed, it goes on where it was.",
    )
    parser.add_argument("what", nargs="?", choices=("train", "measure"), help="only this (default: both)")
    parser.add_argument("--runs", default="build/networks", metavar="FOLDER", help="of the trainings (%(default)s)")
    parser.set_defaults(run=run_networks)


def run_networks(options):
    """Train, measure, or both; the exit status."""
    from .trust import measured, table  # here, as all that imports PyTorch: it takes seconds

    runs, folder = Path(options.runs), FOLDER
    try:
        if options.what != "measure":
            for run in TRAININGS:
                train_network(run, runs)
                if run in RECIPES:
                    ship(runs / run, folder)
        if options.what != "train":
            results = measured(folder, runs / "openpose_25_first_70" / "weights.safetensors")
            write_whole(folder / "measured.json", json.dumps(results, indent=1) + "\n")
            put_between_marks(folder / "README.md", "measured", table(results))
    except (OSError, ValueError) as error:
        print(f"python -m stgcn_torch networks: {error}", file=sys.stderr)
        return 1
    return 0


def train_network(run, runs):
    """One of TRAININGS, into its folder under `runs`: the Outcome."""
    import torch

    from .training.distributed import start
    from .training.loop import train

    torch.set_num_threads(1)
    name, protocol, window = TRAININGS[run]
    recipe, sequences = PRESETS["narrow"].changed(RECIPES[name]), reference.load_clips(name)
    settings = {"protocol": protocol, "window": window}
    (fold,) = folds(sequences, **settings)
    out = Path(runs) / run
    return train(recipe, name, sequences, fold, settings, out, start("cpu"), test_every=5, resume=True, curves=False)


def ship(run, folder):
    """Put the weights of a run into the folder of networks, and its log, without what depends on the machine."""
    shutil.copyfile(run / "weights.safetensors", folder / f"{run.name}.safetensors")
    rows = (COLUMNS, *rounded_log(run / "log.csv"))
    write_whole(folder / f"{run.name}.csv", "".join(",".join(row) + "\n" for row in rows))
