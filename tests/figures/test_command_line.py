"""python -m figures: its help is the same without docstrings."""

import os
import subprocess
import sys

import pytest

from figures.__main__ import main


@pytest.mark.parametrize("what", [[], ["curves"]])
def test_help_does_not_depend_on_docstrings(what, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([*what, "--help"])
    expected = capsys.readouterr().out
    command = [sys.executable, "-OO", "-m", "figures", *what, "--help"]
    printed = subprocess.run(command, capture_output=True, check=True, env=os.environ, encoding="utf-8").stdout
    assert printed == expected
    assert "The curves of a training's log.csv." in printed


def test_a_picture_is_not_written_under_another_kinds_name(tmp_path, capsys):
    path = tmp_path / "a.png"
    assert main(["curves", "log.csv", str(path)]) == 1
    assert f"the file to write must end in .svg, got {path}" in capsys.readouterr().err
    assert not path.exists()
