"""The command line: python -m reference."""

import os
import subprocess
import sys

import pytest

from reference.__main__ import main


def test_it_prints_the_steps_and_the_table(capsys):
    assert main(["--clip", "walk", "--strategy", "spatial"]) == 0
    printed = capsys.readouterr().out
    assert "(N, C, T, V, M) = (1, 3, 39, 15, 1)" in printed
    for step in ("f_in", "A[2]", "degree[0]", "A_hat[1]", "neighbours[2]", "term[2]", "f_out"):
        assert f"\n{step} " in printed, step
    assert "chest 31.61" in printed  # the left shoulder's centripetal neighbour is the centre, whose own row is empty
    assert "(1, 256, 10, 15)" in printed
    assert "total" in printed


@pytest.mark.parametrize(
    ("strategy", "K"), [("uni_labeling", 1), ("distance", 2), ("spatial", 3), ("widely_copied", 3)]
)
@pytest.mark.parametrize("clip", ["cartwheel", "yoga_tree_left"])
def test_every_strategy_on_clips_of_both_sets(strategy, K, clip, capsys):
    assert main(["--clip", clip, "--strategy", strategy]) == 0
    printed = capsys.readouterr().out
    assert f"K = {K}." in printed
    assert f"term[{K - 1}]" in printed
    assert f"term[{K}]" not in printed


def test_an_unknown_clip_is_named_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--clip", "swim"])
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert "'swim'" in message
    assert "walk, " in message.split("choose from", 1)[1].replace("'", "")  # quoted before Python 3.12 only


def test_a_terminal_without_greek_letters_is_no_obstacle():
    command = [sys.executable, "-m", "reference", "--strategy", "uni_labeling"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="ascii", env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "f_out = ?_k (?_k^(-1/2) A_k ?_k^(-1/2)) f_in W_k" in done.stdout
