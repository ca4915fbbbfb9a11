"""What a command line says, on any terminal, pipe or none."""

import os
import sys


def run(main):
    """Run a command line, main() -> its exit status, and exit with that.

    Letters that stdout does not have become question marks. Where there is no stdout, printing does nothing; where
    nobody reads it any more, as behind `| head`, the command ends with a line that says so, and status 1.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    sys.stdout.reconfigure(errors="replace")
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain once more at its end
        print("stopped: nobody reads what is printed", file=sys.stderr)
        status = 1
    sys.exit(status)
