"""The command line: python -m reference.conformance run MODULE, or FOLDER, export DIR, or build."""

import argparse
from pathlib import Path

from ..terminal import parsed, run
from .build_vectors import build, export
from .own_process import run_in_own_process
from .precision import PRECISIONS
from .report_files import write_json, write_junit
from .runner import run_folder
from .vectors import VECTORS


def main(arguments=None):
    """Run or build; the exit status: 1 if a step failed or lacks results, or nothing could be tested."""
    options = parsed(_parser(), arguments)
    try:
        if options.command != "run":
            size = build(options.out) if options.command == "build" else export(options.folder)
            print(f"{size:,} bytes")
            return 0
        if _holds_results(options.what):
            report = run_folder(options.what, options.step, options.case, options.profile)
        else:
            report = run_in_own_process(options.what, options.step, options.case, options.profile, options.seconds)
        for path, write in ((options.json, write_json), (options.junit, write_junit)):
            if path:
                write(report, path)
    except (ImportError, ValueError, OSError) as error:
        print(error)
        return 1
    print(report)
    return 0 if report.is_pass(options.partial) else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m reference.conformance", description="Test an implementation of ST-GCN, step by step."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run", help="test a module, or a folder of result files",
        description="A module is imported and its functions are called, in a process of their own but with your rights:"
        " test nobody's that you would not run. Of a folder nothing is run.")  # fmt: skip
    run.add_argument("what", metavar="MODULE", help="a dotted name, a .py file, or a folder of result files")
    run.add_argument("--seconds", type=float, default=600, help="how long a module may take (default 600)")
    run.add_argument("--step", metavar="STEP", action="append", default=[], help="only this step; may be repeated")
    run.add_argument("--case", metavar="CASE", action="append", default=[], help="only this case; may be repeated")
    run.add_argument(
        "--profile",
        choices=PRECISIONS,
        default="float64",
        help="what the implementation computes in (default float64); a module gets its inputs in float32",
    )
    run.add_argument("--float32", dest="profile", action="store_const", const="float32", help="as --profile float32")
    run.add_argument("--partial", action="store_true", help="a folder may leave out cases")
    run.add_argument("--json", metavar="FILE", type=Path, help="write the report as JSON, too")
    run.add_argument("--junit", metavar="FILE", type=Path, help="write the report as CI systems read it, too")
    exporting = commands.add_parser("export", help="write what is needed without Python: vectors, manifest, schema")
    exporting.add_argument("folder", metavar="DIR", type=Path, help="a new folder")
    building = commands.add_parser("build", help="write the vectors again")
    building.add_argument("--out", metavar="FOLDER", type=Path, default=VECTORS, help="instead of the package")
    return parser


def _holds_results(what):
    """Whether it is a folder of result files, whatever else lies in it, and not a package: "reference" is both."""
    folder = Path(what)
    is_package = folder.name == what and (folder / "__init__.py").exists()
    return folder.is_dir() and not (is_package and not any(folder.glob("*.npz")) and not any(folder.glob("*.safet*")))


if __name__ == "__main__":
    run(main)
