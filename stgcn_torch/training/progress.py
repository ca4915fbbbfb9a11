"""What a training shows and writes while it runs: a progress bar, a line and a CSV row for each epoch, the curves."""

import csv
import io
import subprocess
import sys
import time

from tqdm import tqdm

from reference.whole_files import write_whole

COLUMNS = ("epoch", "rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "clips_per_second", "seconds")


class Progress:
    """Of one training. Only the first process shows and writes anything.

    folder  where log.csv and curves.svg go
    epochs  how many; clips of each
    active  whether this process shows and writes
    curves  whether to draw
    """

    def __init__(self, folder, epochs, clips, active, curves=True):
        self.folder, self.epochs, self.active = folder, epochs, active
        terminal = sys.stderr.isatty()
        self.bar = tqdm(total=epochs * clips, unit=" clips", disable=not (active and terminal), dynamic_ncols=True)
        self._curves = Drawing("curves", folder / "log.csv", folder / "curves.svg") if active and curves else None

    def at(self, clips):
        """Say where a resumed training goes on."""
        self.bar.n = self.bar.initial = clips
        self.bar.refresh()

    def step(self, epoch, clips, loss, accuracy):
        """After every step: clips of it in all processes, loss and accuracy of the epoch so far."""
        self.bar.set_description(f"epoch {epoch}/{self.epochs}", refresh=False)
        self.bar.set_postfix_str(f"loss {loss:.3f}, accuracy {accuracy:.1%}", refresh=False)
        self.bar.update(clips)

    def epoch(self, rows):
        """After every epoch: the rows of the log so far, each with all COLUMNS; those of a test may be None."""
        if not self.active:
            return
        row = rows[-1]
        line = (
            f"epoch {row['epoch']}/{self.epochs}  rate {row['rate']:.4f}  loss {row['train_loss']:.3f}"
            f"  accuracy {row['train_accuracy']:.1%}  {row['clips_per_second']:.0f} clips/s"
        )
        if row["test_loss"] is not None:
            line += f"  test loss {row['test_loss']:.3f}  test accuracy {row['test_accuracy']:.1%}"
        tqdm.write(line, file=sys.stdout)
        sys.stdout.flush()
        write_log(self.folder / "log.csv", rows)
        if self._curves:
            self._curves.start()

    def close(self, rows):
        """Take the bar away, and write and draw the rows of all epochs a last time."""
        self.bar.close()
        if self.active and rows:
            write_log(self.folder / "log.csv", rows)
            if self._curves:
                self._curves.finish()


def write_log(path, rows):
    """Write the rows as CSV: whole, so that a log never ends in half a line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue())


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
                self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
            )

    def finish(self):
        """Draw what is there now, and wait for it. Says in a line why, if there is no picture."""
        if self._process is not None:
            self._process.communicate()
        done = subprocess.run(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"no picture: `python -m figures {' '.join(self.command[3:])}` failed: {why}", file=sys.stderr)
