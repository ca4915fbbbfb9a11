"""What made a run folder: version, command, machine, threads. In a file of its own: equal results stay equal."""

import json
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch

from reference.input_files import check_file

from .progress import write_json


def write_maker(path, processes):
    """Write what this process is; where the file is there, of a training that goes on, under `resumed_by` at its end.

    A file that cannot be read is written anew: nothing is computed from it.
    """
    now = made_by(processes)
    try:
        check_file(path)
        first = json.loads(path.read_text("utf-8"))
        now = first | {"resumed_by": [*first.get("resumed_by", []), now]}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        pass
    write_json(path, now)


def made_by(processes):
    """Version, command, machine and threads of this process, as plain values. processes: distributed.Processes"""
    try:
        own = version("stgcn-reference")
    except PackageNotFoundError:  # run from its folder
        own = None
    device = processes.device
    return {
        "version": own, "python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__,
        "command": shlex.join(sys.argv), "machine": f"{platform.platform()} {platform.processor()}".strip(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        "threads": torch.get_num_threads(), "processes": processes.world,
    }  # fmt: skip
