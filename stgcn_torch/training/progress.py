"""What a training shows and writes while it runs: a progress bar, a line and a CSV row for each epoch, the curves."""

import csv
import io
import json
import subprocess
import sys
import time

from reference.whole_files import write_whole


class Progress:
    """Of one training, as a context. Only the first process shows and writes anything.

    folder  where log.csv and curves.svg go
    epochs  how many; steps in each; clips in a step (batch)
    now     checkpoint.Checkpoint: where the training stands
    active  whether this process shows and writes
    curves  whether to draw
    """

    def __init__(self, folder, epochs, steps, batch, now, active=True, curves=True):
        self.folder, self.epochs, self.batch, self.now, self.active = folder, epochs, batch, now, active
        from tqdm import tqdm  # here, and wherever help does not need it: it takes a tenth of the start

        self.bar = tqdm(
            total=epochs * steps * batch, initial=(now.epoch * steps + now.batch) * batch, unit=" clips",
            disable=not (active and sys.stderr.isatty()), dynamic_ncols=True,
        )  # fmt: skip
        self._curves = Drawing("curves", folder / "log.csv", folder / "curves.svg") if active and curves else None

    def __enter__(self):
        return self

    def step(self):
        """After every step."""
        now, seen = self.now, self.now.batch * self.batch
        self.bar.set_description(f"epoch {now.epoch + 1}/{self.epochs}", refresh=False)
        self.bar.set_postfix_str(f"loss {now.loss / seen:.3f}, accuracy {now.right / seen:.1%}", refresh=False)
        self.bar.update(self.batch)

    def epoch(self):
        """After every epoch: a line, the log so far, and the curves."""
        if not self.active:
            return
        row = self.now.rows[-1]
        line = (
            f"epoch {row['epoch']}/{self.epochs}  rate {row['rate']:.4f}  loss {row['train_loss']:.3f}"
            f"  accuracy {row['train_accuracy']:.1%}  {row['clips_per_second']:.0f} clips/s"
        )
        if row["test_loss"] is not None:
            line += f"  test loss {row['test_loss']:.3f}  test accuracy {row['test_accuracy']:.1%}"
        self.bar.write(line, file=sys.stdout)
        sys.stdout.flush()
        write_log(self.folder / "log.csv", self.now.rows)
        if self._curves:
            self._curves.start()

    def __exit__(self, *_):
        """Take the bar away, and write and draw the rows of all epochs a last time."""
        self.bar.close()
        if self.active and self.now.rows:
            write_log(self.folder / "log.csv", self.now.rows)
            if self._curves:
                self._curves.finish()


def write_json(path, entries):
    """Write what JSON can hold, whole."""
    write_whole(path, json.dumps(entries, indent=1) + "\n")


def write_log(path, rows):
    """Write the rows as CSV: whole, so that a log never ends in half a line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue())


_SAID = {""}  # by drawings


class Drawing:
    """A picture that a program of its own draws: `python -m figures WHAT SOURCE DESTINATION.svg`.

    The packages stay apart (nothing here imports matplotlib), and a training does not wait for its curves: they are
    drawn again when the last drawing has ended and `pause` seconds have passed.
    """

    def __init__(self, what, source, destination, pause=10.0):
        self.command = [sys.executable, "-m", "figures", what, str(source), str(destination)]
        self.pause = pause
        self._process, self._last = None, -pause

    def start(self):
        """Draw in the background, unless it was done a moment ago."""
        running = self._process is not None and self._process.poll() is None
        if not running and time.monotonic() - self._last >= self.pause:
            self._last = time.monotonic()
            self._process = subprocess.Popen(
                self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
            )

    def finish(self):
        """Draw what is there now, and wait for it. Says in a line why, if there is no picture; and, once for all
        drawings, what the program says beside one."""
        if self._process is not None:
            self._process.communicate()
        done = subprocess.run(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, errors="replace")
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"no picture: `python -m figures {' '.join(self.command[3:])}` failed: {why}", file=sys.stderr)
        elif done.stderr not in _SAID:
            _SAID.add(done.stderr)
            print(done.stderr, end="", file=sys.stderr)
