"""One line that says how far a long command is, and how long it still takes."""

import sys
import time

_EVERY = {True: 0.1, False: 10.0}  # seconds between updates: on a terminal, and in a log


class Progress:
    """Counts steps on stderr: `with Progress("reading", 100) as progress: ... progress.step()`.

    On a terminal the line is overwritten in place; elsewhere a new line is written every ten seconds.
    """

    def __init__(self, title, total):
        self.title, self.total, self.count = title, total, 0
        self._terminal = sys.stderr.isatty()
        self._begun = self._last = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._clear()

    def step(self):
        """One more is done."""
        self.count += 1
        now = time.monotonic()
        if now - self._last >= _EVERY[self._terminal]:
            self._last = now
            line = self.line(now - self._begun)
            sys.stderr.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
            sys.stderr.flush()

    def line(self, elapsed):
        """The line after so many seconds."""
        left = round(elapsed / self.count * (self.total - self.count)) if self.count else 0
        hours, minutes, seconds = left // 3600, left // 60 % 60, left % 60
        remaining = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        filled = 20 * self.count // max(self.total, 1)
        return f"{self.title} [{'#' * filled:20}] {self.count} of {self.total}, {remaining} left"

    def say(self, text):
        """A line of its own, above the progress."""
        self._clear()
        print(text, file=sys.stderr, flush=True)

    def _clear(self):
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
