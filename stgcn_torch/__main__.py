"""The command line of the twin.

python -m stgcn_torch check
python -m stgcn_torch convert IN OUT.safetensors [--preparation ntu|kinetics [--classes FILE]]
python -m stgcn_torch export WEIGHTS.safetensors OUT.onnx
python -m stgcn_torch data convert, data info: see data/
python -m stgcn_torch train, evaluate, predict: see training/commands.py
python -m stgcn_torch results: see results/
python -m stgcn_torch networks: see networks.py
"""

import argparse
import sys

from reference.terminal import parsed, run

from .data import add_data_commands
from .networks import add_networks_command
from .preparations import PREPARATIONS
from .results.trainings import add_results_command
from .training.commands import add_training_commands


def main(arguments=None):
    """Parse the arguments, run the command, return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m stgcn_torch", description="The PyTorch twin of the reference.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "check",
        help="compare the twin with the NumPy reference, stage by stage",
        description="Run both on the same weights and a real clip for every strategy, normalisation and a few"
        " skeletons, and print max |difference| / max |reference|. Exit status 1 beyond the tolerances.",
    )
    _add_convert(commands)
    exporting = commands.add_parser(
        "export",
        help="write a network as an ONNX file",
        description="Write the fused network as ONNX, with free axes for clips, frames and persons, after ONNX Runtime"
        " has given PyTorch's logits for clips of several shapes. Needs the packages of the extra 'onnx'.",
    )
    exporting.add_argument("source", metavar="WEIGHTS.safetensors")
    exporting.add_argument("destination", metavar="OUT.onnx")
    add_data_commands(commands)
    add_training_commands(commands)
    add_results_command(commands)
    add_networks_command(commands)
    options = parsed(parser, arguments)
    if hasattr(options, "run"):
        return options.run(options)
    if options.command == "check":
        return run_check()
    try:
        if options.command == "convert":
            from .convert_checkpoint import convert  # here, as all that imports PyTorch: it takes seconds

            convert(options.source, options.destination, options.preparation, options.classes)
        else:
            from .export import export

            export(options.source, options.destination)
    except (ImportError, OSError, ValueError) as error:
        print(f"{parser.prog} {options.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _add_convert(commands):
    converting = commands.add_parser(
        "convert",
        help="write a published checkpoint as this project's own file",
        description="Read a checkpoint of the widely copied implementation, of mmaction2 or of pyskl, and write it as"
        " .safetensors, for the twin and for the NumPy reference.",
    )
    converting.add_argument("source", metavar="IN", help="a .pt, .pth or .safetensors file")
    converting.add_argument("destination", metavar="OUT.safetensors")
    converting.add_argument(
        "--preparation",
        choices=PREPARATIONS,
        help="prepare clips for it as yysijie/st-gcn does for this data set; evaluate and predict need it",
    )
    converting.add_argument(
        "--classes",
        metavar="FILE",
        help="what its classes are called: a text file with one name a line, ntu60 or ntu120 (default: for ntu, by the"
        " number of classes; else numbers)",
    )


def run_check():
    """Print the cross-check table, row by row as it is computed; 0 if everything is within the tolerances, else 1."""
    import torch

    from .check import TOLERANCES, backends, cases, compare

    torch.set_num_threads(1)  # clips this small are computed faster than threads agree on who does what
    available, absent = backends()
    columns = [(backend, device, dtype) for backend, device in available for dtype in TOLERANCES]
    print("The NumPy reference against the same network elsewhere, on the same weights and a real clip:")
    print("max |difference| / max |reference| at the worst of all stages.")
    if absent:
        print(f"No GPU columns: {'; '.join(absent)}.")
    print()
    titles = [f"{backend} {device} {dtype}" for backend, device, dtype in columns]
    print(f"{'skeleton':12} {'strategy':13} {'normalisation':13} {'clip':25}", *(f"{title:>20}" for title in titles))
    results = []
    for case in cases():
        row = [compare(case, dtype, backend, device) for backend, device, dtype in columns]
        cells = [f"{r.worst:.1e}{'' if r.passed else ' FAIL'}" for r in row]
        head = f"{case.skeleton:12} {case.strategy:13} {case.normalization:13} {case.variant:25}"
        print(head, *(f"{cell:>20}" for cell in cells), flush=True)
        results.append(row)

    print("\nThe same by stage, at the worst of all combinations:\n")
    print(f"{'stage':24}", *(f"{title:>20}" for title in titles))
    for stage in results[0][0].error:
        worst = [max(row[column].error[stage] for row in results) for column in range(len(columns))]
        print(f"{stage:24}", *(f"{error:20.1e}" for error in worst))
    return summarise(columns, results, TOLERANCES)


def summarise(columns, results, tolerances):
    """Print the worst figure of every column with its place, and the verdict; the exit status.

    tolerances  {dtype: what is allowed}
    """
    print()
    for column, (backend, device, dtype) in enumerate(columns):
        worst = max((row[column] for row in results), key=lambda result: result.worst)
        case = worst.case
        print(
            f"Worst {dtype} figure, {backend} on {device}: {worst.worst:.1e} at {worst.worst_stage}"
            f" ({case.skeleton}, {case.strategy}, {case.normalization}, {case.variant});"
            f" allowed {tolerances[dtype]:.0e}."
        )
    failed = sum(not result.passed for row in results for result in row)
    total = sum(len(row) for row in results)
    print(f"{total - failed} of {total} comparisons are within the tolerances.")
    return 1 if failed else 0


if __name__ == "__main__":
    run(main)
