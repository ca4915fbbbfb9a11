"""Measure everything that the project says about speed: make bench, or python tests/benchmarks/bench.py.

    --quick           two or three rounds of three cases, and shorter sequences in windows: to see that all runs
    --out FILE        where the figures go as JSON (build/bench.json)
    --readme FILE     measure nothing: write the table of the figures in --out between the marks in this Markdown file

Shut other programs down first; the spread in brackets, quartiles of the ratios round by round, tells how calm it was.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from machine import describe
from table import into_readme, text

FOLDER = Path(__file__).parent
FULL = {
    "cases": [["forward", 1, 300, 21], ["forward", 8, 300, 7], ["forward", 1, 64, 41], ["training", 4, 150, 7]],
    "compiled": True,
    "frames": 20_000,
}
QUICK = {
    "cases": [["forward", 1, 300, 2], ["forward", 1, 64, 3], ["training", 2, 64, 2]],
    "compiled": False,
    "frames": 1_000,
}


def run(task, **options):
    """One process of measure.py with its number of threads: what it prints, read."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, str(options["threads"]))
    command = [sys.executable, "-W", "ignore", str(FOLDER / "measure.py"), task, json.dumps(options)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(plan):
    """All figures: a dict that JSON can hold."""
    machine = describe()
    common = {"cases": plan["cases"], "compiled": plan["compiled"]}
    results = {"machine": machine, "times": {}, "gpu": None}
    for threads in (1, 2) if os.cpu_count() > 1 else (1,):
        results["times"][str(threads)] = run("times", threads=threads, device="cpu", **common)
    if machine["GPU"] != "no GPU here":
        results["gpu"] = run("times", threads=1, device="cuda", **common)
    print("measuring: memory and a long sequence in windows ...", file=sys.stderr, flush=True)
    results["memory"] = run("memory", threads=1)
    results["stream"] = run("stream", threads=1)
    results["windows"] = [
        {"kind": kind, "frames": frames, **run("windows", threads=1, kind=kind, frames=frames)}
        for kind in ("fused", "NumPy")
        for frames in (plan["frames"] // 4, plan["frames"])
    ]
    return results


def main():
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description="Measure everything that the project says about speed.")
    parser.add_argument("--quick", action="store_true", help="few rounds and cases: to see that all runs")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"), help="default: build/bench.json")
    parser.add_argument("--readme", type=Path, help="measure nothing; put the table of --out into this file")
    options = parser.parse_args()
    if options.readme:
        into_readme(options.readme, json.loads(options.out.read_text("utf-8")))
        return
    results = measure(QUICK if options.quick else FULL)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(text(results))
    print(f"\nwrote {options.out}")


if __name__ == "__main__":
    main()
