"""python -m stgcn_torch results: train everything that the README's tables state, and make the tables.

Each training is a process of its own with one thread, several at a time. One that ended is not run again, and one that
was killed goes on where it was. One that ended with other arguments or another recipe does not count. (That its preset
has changed since does not show: begin in an empty folder then.)
"""

import csv
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from reference.settings import whole
from reference.whole_files import whole_file, write_whole

from .plan import PLANS, Line
from .table import put_between_marks, text

COLUMNS = ("epoch", "rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def add_results_command(commands):
    """Add it to the subparsers of the command line."""
    parser = commands.add_parser(
        "results",
        help="train everything that the README's tables state; hours",
        description="Do the trainings of a plan (results/plan.py), several at a time with one thread each, print their"
        " table, and write what came out as PLAN.json and every epoch as PLAN.csv. What has ended is not done again.",
    )
    parser.add_argument("plan", nargs="?", default="accuracy", choices=PLANS, help="default: %(default)s")
    parser.add_argument("--sets", metavar="FOLDER", help="where msr_action3d.npz and ui_prmd.npz are")
    parser.add_argument("--out", default="build/results", metavar="FOLDER", help="default: %(default)s")
    parser.add_argument("--only", nargs="+", metavar="LINE", help="these lines of the plan (default: all)")
    parser.add_argument(
        "--jobs", type=whole(1, 1000), default=os.cpu_count(), help="trainings at a time (default: as cores)"
    )
    parser.add_argument(
        "--readme", metavar="FILE", help="train nothing: put the table of --out between its marks there"
    )
    parser.set_defaults(run=run_results)


def run_results(options):
    """Do the trainings of a plan, or make its table: the exit status."""
    lines, out = PLANS[options.plan].lines, Path(options.out)
    measured = out / f"{options.plan}.json"
    try:
        if options.readme:
            put_between_marks(Path(options.readme), options.plan, _held(measured, partial(text, options.plan)))
            return 0
        for name in options.only or ():
            if name not in lines:
                raise ValueError(f"{options.plan} has no line {name}; it has {', '.join(lines)}")
        trainings = [each for each in planned(options.plan) if each.name in (options.only or lines)]
        failed = train_all(trainings, options.sets or ".", out / options.plan, options.jobs)
        results = collect(options.plan, out / options.plan)
        write_whole(measured, json.dumps(results, indent=1) + "\n")
        write_logs(options.plan, out / options.plan, out / f"{options.plan}.csv")
    except (OSError, ValueError) as error:
        print(f"python -m stgcn_torch results: {error}", file=sys.stderr)
        return 1
    print(text(options.plan, results))
    return 1 if failed else 0


def _held(path, take):
    """What `take` takes out of a file of JSON. ValueError, naming the file, where that holds something else."""
    content = path.read_bytes()
    try:
        return take(json.loads(content))
    except Exception as error:  # other content fails in any place
        what = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} does not hold what trainings leave there: {what}") from None


class Training(NamedTuple):
    """A line of a plan with one seed; name: of the line."""

    name: str
    line: Line
    seed: int

    @property
    def settings(self):
        """What a training that ended must have had, to be this one."""
        return {"arguments": self.line.arguments, "recipe": self.line.recipe}

    def folder(self, out):
        """Where it writes."""
        return Path(out) / self.name / f"seed_{self.seed}"

    def ended(self, out):
        """What is kept of a training that ended in that folder; None if none did."""
        done = self.folder(out) / "done.json"
        return _held(done, lambda of: of | {"seconds": float(of["seconds"])}) if done.exists() else None

    def ended_as_planned(self, out):
        """Whether one ended there with today's arguments and recipe."""
        ended = self.ended(out)
        return ended is not None and self.settings.items() <= ended.items()

    def command(self, sets, out):
        """The command line, without the interpreter. It takes the recipe from recipe.json in the folder."""
        data, folder = self.line.data, self.folder(out)
        data = str(Path(sets) / data) if data.endswith(".npz") else data
        where = ["--data", data, "--out", str(folder), "--seed", str(self.seed)]
        how = ["--recipe", str(folder / "recipe.json"), *self.line.arguments.split(), "--no-curves", "--resume"]
        return ["-m", "stgcn_torch", "train", *where, *how]


def planned(plan):
    """All trainings of a plan, seed by seed."""
    lines, seeds = PLANS[plan]
    return [Training(name, line, seed) for seed in seeds for name, line in lines.items()]


def train_all(trainings, sets, out, jobs):
    """Do all that have not ended yet, a printed line for each: the number of those that failed."""
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = pool.map(lambda training: _train(training, sets, out), trainings)
        for number, (training, words) in enumerate(zip(trainings, outcomes, strict=True), start=1):
            failed += words.startswith("FAILED")
            print(f"{number}/{len(trainings)}  {training.name}, seed {training.seed}: {words}", flush=True)
    return failed


def _train(training, sets, out):
    """Do a training, unless it has ended: what came of it, in words."""
    folder = training.folder(out)
    if training.ended(out) is None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(training.line.recipe, indent=1) + "\n", "utf-8")
        command, started = [sys.executable, *training.command(sets, out)], time.monotonic()
        process = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, errors="replace")
        if process.returncode:
            return f"FAILED: {(process.stderr.strip().splitlines() or ['no reason given'])[-1]}"
        entries = training.settings | {"seconds": time.monotonic() - started}
        write_whole(folder / "done.json", json.dumps(entries) + "\n")
    if not training.ended_as_planned(out):
        return f"FAILED: {folder} holds a training with other arguments; remove it, or name another --out"
    return f"top-1 {collected(training, out)['top1']:.1%}"


def collect(plan, out):
    """What ended as planned: {"machine", "lines": {line: {"data", "arguments", "recipe", "seeds": {seed: …}}}}."""
    lines = {}
    for name, line in PLANS[plan].lines.items():
        seeds = {t.seed: t for t in planned(plan) if t.name == name and t.ended_as_planned(out)}
        if seeds:
            head = {"data": line.data, "arguments": line.arguments, "recipe": line.recipe}
            lines[name] = head | {"seeds": {str(seed): collected(t, out) for seed, t in seeds.items()}}
    return {"machine": machine(), "lines": lines}


def collected(training, out):
    """What it gave: {"top1": share of all test clips, "clips": how many, "folds": {fold: its share}, "seconds"}."""
    paths = sorted(training.folder(out).rglob("result.json"))
    results = {path.parent.name: _held(path, lambda of: (int(of["clips"]), float(of["top1"]))) for path in paths}
    clips = sum(count for count, _ in results.values())
    if not clips:
        raise ValueError(f"{training.folder(out)} has no result.json with tested clips")
    right = sum(count * top1 for count, top1 in results.values())
    folds = {name: round(top1, 4) for name, (_, top1) in results.items()} if len(results) > 1 else {}
    seconds = round(training.ended(out)["seconds"])
    return {"top1": round(right / clips, 4), "clips": clips, "folds": folds, "seconds": seconds}


def machine():
    """What it was trained on, in words."""
    import torch

    capability = torch.backends.cpu.get_cpu_capability()
    return f"{platform.machine()} ({capability}), one thread each, PyTorch {torch.__version__}"


def write_logs(plan, out, path):
    """Every epoch of every training that ended as planned, as one CSV; the fold is "" if there is but one."""
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line", "seed", "fold", *COLUMNS))
        trainings = sorted(planned(plan), key=lambda training: list(PLANS[plan].lines).index(training.name))
        for training in (each for each in trainings if each.ended_as_planned(out)):
            folder = training.folder(out)
            for log in sorted(folder.rglob("log.csv")):
                fold = "" if log.parent == folder else log.parent.name
                writer.writerows((training.name, training.seed, fold, *row) for row in rounded_log(log))


def rounded_log(path):
    """The rows of a training's log.csv, without what depends on the machine: COLUMNS, numbers with four digits.

    Raises ValueError, naming the file, for other content.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [(row["epoch"], *(row[c] and f"{float(row[c]):.4g}" for c in COLUMNS[1:])) for row in rows]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(f"{path} is no log of a training: {error}") from None
