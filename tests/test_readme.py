"""What the READMEs say is so: their table, their code, their commands and their links."""

import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

import reference
from stgcn_torch.__main__ import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md", "stgcn_torch/README.md", "stgcn_torch/data/README.md", "stgcn_torch/results/README.md",
        "tests/benchmarks/README.md", "notebooks/README.md", "reference/clips/README.md",
        "reference/conformance/README.md",
    )
}  # fmt: skip


def test_the_layer_table_is_the_computed_one():
    table = reference.layer_table()
    rows = re.findall(r"^\| (\d.*) \|$", README, re.MULTILINE)
    computed = [
        f"{row.number} | {row.in_channels} → {row.out_channels} | {row.stride}"
        f" | {' × '.join(str(size) for size in row.output_shape[1:])} | {row.parameters:,}"
        f" | {row.multiply_adds / 1e6:,.0f} M | {row.receptive_field}"
        for row in table.rows
    ]
    assert rows == computed
    assert f"{table.parameters:,} parameters" in README
    assert f"{table.multiply_adds / 1e9:.1f} billion multiply-adds" in README


def test_the_python_blocks_run_one_after_another():
    names = {}
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        exec(block, names)
    logits = names["logits"]
    assert logits.shape == (1, 15)


def test_the_twin_in_the_readme_gives_the_same_logits():
    names = {}
    first, second, *_ = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(first, names)
    *lines, last = second.strip().splitlines()
    exec("\n".join([*lines, f"twin = {last}"]), names)
    twin = names["twin"].detach().numpy()
    assert abs(twin - names["logits"]).max() < 5e-6 * abs(names["logits"]).max()


@pytest.mark.parametrize(
    "target", sorted({t for text in PAGES.values() for t in re.findall(r"(?m)(?:^|`)make ([a-z]+(?:-[a-z]+)*)", text)})
)
def test_every_make_target_exists(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


LINKS = [(page, link) for page, text in PAGES.items() for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text)]


@pytest.mark.parametrize(("page", "link"), sorted(set(LINKS)))
def test_every_link_leads_somewhere(page, link):
    path, _, section = link.partition("#")
    assert ((ROOT / page).parent / path).exists() or path == "build/explorer.html"  # which `make explorer` writes
    if section and not path.endswith(".ipynb"):  # their headings: tests/notebooks/test_syllabus.py
        headings = re.findall(r"^#+ (.*)$", PAGES[page], re.MULTILINE)
        assert section in [heading.lower().replace(" ", "-") for heading in headings]


COMMANDS = sorted(
    {
        line
        for text in PAGES.values()
        for line in text.splitlines()
        if re.match(r"(python|torchrun) .*-m stgcn_torch ", line)
    }
)


QUOTED = {" ".join(found.split()) for text in PAGES.values() for found in re.findall(r"`(python [^`]+)`", text)}
OWN = r"(\.venv/bin/)?python3? (-m|notebooks/|tests/)"  # and not a command of a tool for poses
LINES = {line for text in PAGES.values() for line in text.splitlines() if re.match(OWN, line)}
OTHERS = sorted((QUOTED | LINES) - set(COMMANDS))


def test_the_pages_have_commands():
    assert len(COMMANDS) >= 8
    assert len(OTHERS) >= 12


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood_and_says_what_it_lacks(command, tmp_path, monkeypatch, capsys):
    """Its data is not here, so it ends with one line that says so, and not with argparse's 2 or a traceback."""
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command.partition(" -m stgcn_torch ")[2], comments=True)) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert ": " in last
    assert not last.startswith(("usage", "Trace"))


@pytest.mark.parametrize("command", OTHERS)
def test_another_command_names_what_exists(command, monkeypatch, capsys):
    """A script that is there, or a module whose help, or its subcommand's, knows every option."""
    _, *words = shlex.split(command, comments=True)
    if words[0] != "-m":
        assert (ROOT / words[0]).exists()
        known = (ROOT / words[0]).read_text(encoding="utf-8")
    elif words[1] in ("pip", "venv", "pytest", "jupyterlab"):
        return
    else:
        name = words[1] if words[1].count(".") == 2 else f"{words[1]}.__main__"
        called = [name, *words[2:3]] if words[2:] and words[2].islower() and words[2].isalpha() else [name]
        monkeypatch.setattr(sys, "argv", [*called, "--help"])
        with pytest.raises(SystemExit, match="^0$"):
            importlib.import_module(name).main()
        known = capsys.readouterr().out
    for option in (word for word in words if word.startswith("--")):
        assert option in known


def test_the_commands_do_what_the_page_says(tmp_path, monkeypatch, capsys):
    """Training, evaluation and prediction one after another, on an embedded set and for one epoch."""
    monkeypatch.chdir(tmp_path)
    train = "train --data mocap_15 --preset narrow --out RUN --epochs 1 --frames 8 --no-curves"
    weights = "RUN/weights.safetensors"
    for command in (train, f"evaluate {weights} --data mocap_15", f"predict {weights} mocap_15#kick"):
        assert main(command.split()) == 0, capsys.readouterr().err
    assert "kick" in capsys.readouterr().out


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 220


def test_the_makefile_runs_what_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    scripts = re.findall(r"\$\(PY\) ([\w/]+\.py)", makefile)
    assert len(scripts) == 8
    for script in scripts:
        assert (ROOT / script).exists(), script
    assert "-m pytest --nbval tests notebooks" in makefile
    assert "-m pytest --nbval tests notebooks" in README
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
