"""A data set of another format as a sequence set: python -m stgcn_torch data convert --format FORMAT IN OUT."""

import signal
import sys
import threading
from contextlib import contextmanager

from .progress import Progress
from .writing import SetWriter

# What a reader raises for a file that is no good.
REFUSED = (ValueError, OSError, EOFError, MemoryError)


def convert(source, path, strict=False):
    """Write a Source as the set at `path`: an .npz if its name ends so, else a folder of .npy. The number refused.

    An entry that cannot be read is named on stderr with the reason and counted. Raises ValueError for the first of
    them if `strict`, and if none at all can be read; then, and when interrupted, nothing is written.
    """
    refused = 0
    with _ending_on_termination(), SetWriter(path, source) as writer:
        with Progress("converting", len(source.entries)) as progress:
            for entry, title in enumerate(source.entries):
                try:
                    recording = source.read(entry)
                    writer.check(recording)
                except REFUSED as error:
                    why = reason(error)
                    if strict:
                        raise ValueError(f"{title}: {why}") from error
                    refused += 1
                    progress.say(f"{title}: {why}")
                else:
                    writer.append(recording)  # outside of the try: a full disk is no fault of the file
                progress.step()
        if not writer.recordings:
            raise ValueError(f"none of the {len(source.entries)} entries can be converted; nothing is written")
        writer.finish()
        print(f"wrote {path}: {len(writer.lengths)} sequences, {sum(writer.lengths)} frames")
    return refused


def reason(error):
    """What one of the REFUSED errors says is wrong with a file, without the file's name."""
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


@contextmanager
def _ending_on_termination():
    """A polite kill ends the conversion as Ctrl-C does, so that what is unfinished is removed."""
    if threading.current_thread() is not threading.main_thread():  # only there may signals be handled
        yield
        return

    def end(number, frame):
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
