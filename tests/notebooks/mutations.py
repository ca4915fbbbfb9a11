"""Do the notebooks notice? python tests/notebooks/mutations.py (or: make mutations; some minutes).

Changes one number, colour or formula at a time in a copy of the packages, runs the notebooks against it, and prints the
first cell that fails. Exit status 1 if a change goes unnoticed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("reference", "figures", "stgcn_torch", "notebooks")

# (file, what stands there, what is put in its place)
MUTATIONS = (
    ("reference/partitions.py", "1 if distance[j] < distance[i] else 2", "2 if distance[j] < distance[i] else 1"),
    ("reference/skeleton.py", "A[i, j] = A[j, i] = 1", "A[i, j] = 1"),
    ("reference/normalization.py", "degree(np.swapaxes(A, 1, 2), alpha)", "degree(A, alpha)"),
    ("reference/normalization.py", "def degree(A, alpha=0.001)", "def degree(A, alpha=0.002)"),
    ("reference/spatial_convolution.py", "np.sum(A_hat, axis=2)", "np.sum(A_hat, axis=1)"),
    ("reference/temporal_convolution.py", "// 2, -(-T // stride)", "// 2, T // stride"),
    ("reference/layers.py", "var * (count / (count - 1))", "var"),
    ("reference/layers.py", "(0, 4, 3, 1, 2)), (N * M, V * C, T, 1))", "(0, 4, 1, 3, 2)), (N * M, V * C, T, 1))"),
    ("reference/layer_table.py", "field + (gamma - 1) * step", "field + gamma * step"),
    ("reference/gradients.py", "@ A_hat[k], g_rows.shape)", "@ A_hat[k].T, g_rows.shape)"),
    ("reference/successors.py", "-1, -2) @ of_neighbour", "-1, -2) @ of_root"),
    ("reference/classification.py", "order = np.argsort(-probabilities", "order = np.argsort(probabilities"),
    ("reference/exercises/verdicts.py", "answer is None or answer is ... or", "answer is ... or"),
    ("figures/page/style.py", 'CENTRIPETAL = "#0072B2"', 'CENTRIPETAL = "#0072B3"'),
    ("figures/graph/joint_values.py", "0.55 if counts", "0.50 if counts"),
    ("figures/graph/weights.py", "share > 0.5 and", "share > 0.4 and"),
    ("figures/network/activation_maps.py", "np.mean(np.abs(f), axis=0)", "np.max(np.abs(f), axis=0)"),
)  # fmt: skip


def first_failure(folder):
    """Run the notebooks of a copy, and name the first cell that fails; None if none does."""
    notebooks = sorted(str(path.relative_to(folder)) for path in (folder / "notebooks").rglob("*.ipynb"))
    command = [sys.executable, "-m", "pytest", "--nbval", "-x", "-q", "-p", "no:cacheprovider", *notebooks]
    # The folders of PYTHONPATH come before the installed project.
    environment = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    printed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True).stdout
    failed = re.search(r"^(?:FAILED|ERROR) (\S+::Cell \d+)", printed, re.MULTILINE)
    return failed[1] if failed else None


def main():
    """Try every mutation, print what caught it."""
    unnoticed = 0
    for file, old, new in MUTATIONS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for package in PACKAGES:
                shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
            text = (folder / file).read_text(encoding="utf-8")
            if text.count(old) != 1:
                sys.exit(f"{file} holds {old!r} {text.count(old)} times, but must once: bring MUTATIONS up to date")
            (folder / file).write_text(text.replace(old, new), encoding="utf-8")
            caught = first_failure(folder)
        unnoticed += caught is None
        print(f"{file}: {old}  ->  {new}\n    {caught or 'NOT NOTICED'}", flush=True)
    print(f"{len(MUTATIONS) - unnoticed} of {len(MUTATIONS)} changes noticed")
    return int(unnoticed > 0)


if __name__ == "__main__":
    sys.exit(main())
