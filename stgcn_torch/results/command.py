"""python -m stgcn_torch results: train everything that the README's tables state, and make the tables."""

import csv
import json
import os
import platform
import sys
from pathlib import Path

import torch

from .plan import PLANS
from .runs import Run, collected, logs, run_all
from .table import put_between_marks, text

COLUMNS = ("epoch", "rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy")


def add_results_command(commands):
    """Add it to the subparsers of the command line."""
    parser = commands.add_parser(
        "results",
        help="train everything that the README's tables state; hours",
        description="Run the trainings of a plan (results/plan.py), several at a time with one thread each, print their"
        " table, and write what came out as PLAN.json and every epoch as PLAN.csv. What has ended is not run again.",
    )
    parser.add_argument("plan", nargs="?", default="accuracy", choices=PLANS, help="default: %(default)s")
    parser.add_argument("--sets", metavar="FOLDER", help="where msr_action3d.npz and ui_prmd.npz are")
    parser.add_argument("--out", default="build/results", metavar="FOLDER", help="default: %(default)s")
    parser.add_argument("--only", nargs="+", metavar="LINE", help="these lines of the plan (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time (default: as cores)")
    parser.add_argument(
        "--readme", metavar="FILE", help="train nothing: put the table of --out between its marks there"
    )
    parser.set_defaults(run=run_results)


def run_results(options):
    """Run a plan, or make its table: the exit status."""
    lines, out = PLANS[options.plan].lines, Path(options.out)
    measured = out / f"{options.plan}.json"
    try:
        if options.readme:
            table = text(options.plan, json.loads(measured.read_text("utf-8")))
            put_between_marks(Path(options.readme), options.plan, table)
            return 0
        names = options.only or list(lines)
        for name in names:
            if name not in lines:
                raise ValueError(f"{options.plan} has no line {name}; it has {', '.join(lines)}")
        runs = [
            Run(name, lines[name].data, lines[name].arguments, seed)
            for seed in PLANS[options.plan].seeds
            for name in names
        ]
        failed = run_all(runs, options.sets or ".", out / options.plan, options.jobs)
    except (OSError, ValueError) as error:
        print(f"python -m stgcn_torch results: {error}", file=sys.stderr)
        return 1
    results = collect(options.plan, out / options.plan)
    measured.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_logs(options.plan, out / options.plan, out / f"{options.plan}.csv")
    print(text(options.plan, results))
    return 1 if failed else 0


def ended(plan, folder):
    """The Runs of a plan that have ended with today's arguments, by line and seed."""
    for name, line in PLANS[plan].lines.items():
        for seed in PLANS[plan].seeds:
            run = Run(name, line.data, line.arguments, seed)
            if run.ended_with(folder) == line.arguments:
                yield run


def collect(plan, folder):
    """All that has ended of a plan: {"machine", "lines": {line: {"data", "arguments", "seeds": {seed: collected}}}}."""
    lines = {}
    for run in ended(plan, folder):
        line = lines.setdefault(run.name, {"data": run.data, "arguments": run.arguments, "seeds": {}})
        line["seeds"][str(run.seed)] = collected(run.folder(folder))
    return {"machine": machine(), "lines": lines}


def machine():
    """What it was trained on, in words."""
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{platform.machine()} ({capability}), one thread each, PyTorch {torch.__version__}"


def write_logs(plan, folder, path):
    """Every epoch of every ended training as one CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line", "seed", "fold", *COLUMNS))
        for run in ended(plan, folder):
            for fold, row in logs(run.folder(folder)):
                values = (row["epoch"], *(row[c] and f"{float(row[c]):.4g}" for c in COLUMNS[1:]))
                writer.writerow((run.name, run.seed, fold, *values))
