"""What needs no network starts without PyTorch, which takes seconds: help, refusals, and a look into a set.

Help does without tqdm, too, which looks for its own version with modules of mail and the network: a tenth of the start.
"""

import subprocess
import sys

import pytest

COMMANDS = {
    "help": ["--help"],
    "help of predict": ["predict", "--help"],
    "help of train": ["train", "--help"],
    "an unknown command": ["dance"],
    "an unknown option": ["train", "--data", "mocap_15", "--out", "RUN", "--speed", "3"],
    "data info": ["data", "info", "mocap_15"],
    "weights that are not there": ["predict", "none.safetensors", "mocap_15"],
    "a set that is not there": ["train", "--data", "none.npz", "--out", "RUN"],
}
PROGRAM = """
import sys
from stgcn_torch.__main__ import main
for arguments in {arguments!r}:
    try:
        main(arguments)
    except SystemExit:
        pass
    slow = {{"torch", "scipy", "matplotlib", *(["tqdm"] if "--help" in arguments else [])}} & set(sys.modules)
    if slow:
        sys.exit(f"{{arguments}} imports {{slow}}")
"""


@pytest.mark.parametrize("how", ["-B", "-OO"])
def test_help_refusals_and_data_info_import_nothing_slow(how, tmp_path):
    program = PROGRAM.format(arguments=list(COMMANDS.values()))
    done = subprocess.run([sys.executable, how, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("usage:") == 3
    assert "15 sequences of 15 classes" in done.stdout
    assert "there is no file none.safetensors" in done.stderr
    assert "there is no none.npz" in done.stderr


def test_a_name_that_the_package_does_not_have_is_an_attribute_error():
    import stgcn_torch

    with pytest.raises(AttributeError, match="has no attribute 'NoSuch'"):
        _ = stgcn_torch.NoSuch
    assert set(stgcn_torch.__all__) >= {"STGCN", "Stream", "forward_in_windows", "load_official"}
