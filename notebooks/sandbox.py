"""Run a program that nobody has read: in a process of its own, with an end, and away from what it could harm.

Everywhere: a time limit, an empty folder, an environment without secrets. On Linux and macOS also limits of processor
time, memory (macOS ignores it), file size and, unless root runs it, processes. On Linux, where `unshare` of util-linux
may make namespaces without root (most systems; some forbid it), also: no network, no other process in sight, no file
that can be written but in a folder of 64 MB in memory, and nothing that lives on after the end.
"""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

MEMORY = 4 << 30  # bytes a process may allocate
LARGEST = 16 << 20  # bytes of output, or of any file it writes

# Makes everything read-only, hides a folder, enters an empty one, and gives up the right to undo it.
_CUT_OFF = """
set -e
mount --make-rprivate /
cut -d' ' -f5 /proc/self/mountinfo | while read -r place; do mount -o remount,bind,ro "$place" 2>/dev/null || true; done
if [ -n "$2" ]; then mount -t tmpfs -o size=4k none "$2"; mount -o remount,ro "$2"; fi
for place in /dev/shm /run; do if [ -d $place ]; then mount -t tmpfs -o size=16m none $place; fi; done
mount -t tmpfs -o size=64m none "$1"
cd "$1"
shift 2
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
"""
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net", "--ipc", "--mount", "--pid", "--fork", "--kill-child")


def _cut_off(folder, hidden, command):
    return [*_UNSHARE, "--mount-proc", "sh", "-c", _CUT_OFF, "sh", str(folder), str(hidden or ""), *command]


@functools.cache
def is_cut_off():
    """Whether this machine can keep a program from the network and from all files."""
    if shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        writes = f"echo it > inside && ! echo it > {Path(__file__).parent}/outside && [ ! -e {folder}/hidden/seen ]"
        hidden = Path(folder, "hidden")
        hidden.mkdir()
        (hidden / "seen").touch()
        own = Path(folder, "own")
        own.mkdir()
        return subprocess.run(_cut_off(own, hidden, ["sh", "-c", writes]), capture_output=True).returncode == 0


def limit(seconds):
    """Called by the program about itself, before it runs what nobody has read; limits cannot be raised again."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {"CPU": seconds, "DATA": MEMORY, "FSIZE": LARGEST, "CORE": 0, "NOFILE": 256, "NPROC": 256}
    for name, most in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _environment(folder):
    kept = ("PATH", "SYSTEMROOT", "LANG", "LD_LIBRARY_PATH")
    own = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "MPLCONFIGDIR"), str(folder))
    fixed = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    return {name: os.environ[name] for name in kept if name in os.environ} | own | fixed


def run(script, question, seconds, hidden=None):
    """Run a Python script; it reads `question` as JSON from its standard input.

    seconds  of processor time, after which it is killed; or, with all that it started, after 2 · seconds + 30 s
    hidden   a folder that it is not to see, where the machine can cut it off; it holds nothing that the script needs
    Returns what it wrote to its standard output (bytes, at most LARGEST), and whether its time was over.
    """
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with temporary as folder, tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as written:
        given.write(json.dumps(question).encode())
        given.seek(0)
        command = [sys.executable, "-E", "-s", str(script)]
        process = subprocess.Popen(
            _cut_off(folder, hidden, command) if is_cut_off() else command,
            cwd=folder,
            env=_environment(folder),
            stdin=given,
            stdout=written,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        before, is_over = _processor_time(), False
        try:
            process.wait(timeout=2 * seconds + 30)
        except subprocess.TimeoutExpired:
            is_over = True
        finally:
            _kill(process)
        written.seek(0)
        used = _processor_time() - before
        return written.read(LARGEST), is_over or used > 0.9 * seconds  # the two clocks do not agree to the last tick


def _processor_time():
    """Seconds that all ended processes took; no exit status says so, since `unshare` hides which signal ended one."""
    times = os.times()
    return times.children_user + times.children_system


def _kill(process):
    """End a process and what it started; what has left its group is reached in a namespace of processes only."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
