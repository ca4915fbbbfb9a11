"""Trainings of a plan, each a process of its own with one thread, several at a time; what they wrote is collected.

A training that ended is not run again, and one that was killed goes on where it was. One that ended with other
arguments does not count. (That its preset has changed since does not show: begin in an empty folder then.)
"""

import csv
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Run(NamedTuple):
    """A line of a plan with one seed.

    name       of the line
    data       an embedded set, or the file of a set in the folder of sets
    arguments  of `python -m stgcn_torch train`, but for --data, --out and --seed
    seed       of everything random
    """

    name: str
    data: str
    arguments: str
    seed: int

    def folder(self, out):
        """Where the training writes."""
        return Path(out) / self.name / f"seed_{self.seed}"

    def ended_with(self, out):
        """The arguments that a training which ended in that folder had; None if none did."""
        done = self.folder(out) / "done.json"
        return json.loads(done.read_text("utf-8"))["arguments"] if done.exists() else None

    def command(self, sets, out):
        """The command line, without the interpreter."""
        data = str(Path(sets) / self.data) if self.data.endswith(".npz") else self.data
        where = ["--data", data, "--out", str(self.folder(out)), "--seed", str(self.seed)]
        return ["-m", "stgcn_torch", "train", *where, *self.arguments.split(), "--no-curves", "--resume"]


def run_all(runs, sets, out, jobs):
    """Run all that have not ended yet, a printed line for each: the number of those that failed."""

    def one(run):
        folder, command = run.folder(out), run.command(sets, out)
        if run.ended_with(out) is None:
            folder.mkdir(parents=True, exist_ok=True)
            started = time.monotonic()
            process = subprocess.run(
                [sys.executable, *command], env=os.environ | ONE_THREAD, capture_output=True, text=True
            )
            if process.returncode:
                return f"FAILED: {(process.stderr.strip().splitlines() or ['no reason given'])[-1]}"
            seconds = time.monotonic() - started
            entries = {"arguments": run.arguments, "seconds": seconds}
            (folder / "done.json").write_text(json.dumps(entries) + "\n", "utf-8")
        if run.ended_with(out) != run.arguments:
            return f"FAILED: {folder} holds a training with other arguments; remove it, or name another --out"
        return f"top-1 {collected(folder)['top1']:.1%}"

    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for number, (run, words) in enumerate(zip(runs, pool.map(one, runs), strict=True), start=1):
            failed += words.startswith("FAILED")
            print(f"{number}/{len(runs)}  {run.name}, seed {run.seed}: {words}", flush=True)
    return failed


def collected(folder):
    """What a run gave: {"top1": share of all test clips, "clips": how many, "folds": {fold: its share}, "seconds"}."""
    results = {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("result.json"))}
    clips = sum(result["clips"] for result in results.values())
    right = sum(result["top1"] * result["clips"] for result in results.values())
    folds = {name: round(result["top1"], 4) for name, result in results.items()} if len(results) > 1 else {}
    seconds = json.loads((folder / "done.json").read_text("utf-8"))["seconds"]
    return {"top1": round(right / clips, 4), "clips": clips, "folds": folds, "seconds": round(seconds)}


def logs(folder):
    """(fold, row of its log.csv) of every epoch of a run; the fold is "" if there is but one."""
    for path in sorted(folder.rglob("log.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield ("" if path.parent == folder else path.parent.name), row
