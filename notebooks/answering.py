"""Run the cells of one submission and write its answers down; grade.py starts this in a sandbox, and judges elsewhere.

Standard input, as JSON: {"notebook": "01", "seconds": 60, "fonts": files, "steps": [{"source": code,
"is_check": whether it is the course's check cell}, ...]}. Standard output, a line of JSON each: {"begins": step},
{"error": words, "step": step}, {"name": "01.3", "reply": what Exercise.reply gives}, and {"ends": true} at last.
"""

import json
import os
import shutil

from sandbox import limit


def own_streams():
    """Take standard input and output away from the submission; returns both as files."""
    streams = os.fdopen(os.dup(0), "r", encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return streams


def new_shell():
    """The IPython that a notebook runs in, without a history file."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):  # of %matplotlib; there is nothing to show
            pass

    return Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))


def run_steps(steps, known, write):
    """Run the steps one after the other; `known` are the exercises of the notebook, by name."""

    def record(name, answer):
        write({"name": name, "reply": known[name].reply(answer)})

    shell = new_shell()
    for number, step in enumerate(steps):
        write({"begins": number})
        # Whatever the submission has put in the place of check: its own calls do nothing, those of the course record.
        shell.user_ns["check"] = record if step["is_check"] else lambda *_, **__: None
        result = shell.run_cell(step["source"])
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            # A SyntaxError's own text names the kernel's file, which no reader knows; newer Pythons have private kinds.
            kind = "SyntaxError" if type(error).__name__ == "_IncompleteInputError" else type(error).__name__
            words = str(getattr(error, "msg", error)).strip().partition("\n")[0][:200]
            write({"error": kind + (f": {words}" if words else ""), "step": number})
    write({"ends": True})


def main():
    """Read the question, give up what is not needed, run."""
    asked, answers = own_streams()
    question = json.load(asked)
    for fonts in question["fonts"]:  # or matplotlib would search all fonts anew, for seconds
        shutil.copy(fonts, os.environ["MPLCONFIGDIR"])
    from reference.exercises import exercises_of

    known = exercises_of(question["notebook"])
    limit(question["seconds"])
    run_steps(question["steps"], known, lambda line: print(json.dumps(line), file=answers, flush=True))


if __name__ == "__main__":
    main()
