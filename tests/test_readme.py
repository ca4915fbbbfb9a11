"""What the README says is so: its table, its code, its commands and its links."""

import re
from pathlib import Path

import pytest

import reference

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
        if "load_official" not in block:  # it needs somebody's checkpoint
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


@pytest.mark.parametrize("target", re.findall(r"make ([a-z]+(?:-[a-z]+)*)", README))
def test_every_make_target_exists(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?://)([^)\s]+)\)", README))))
def test_every_link_leads_somewhere(link):
    path, _, section = link.partition("#")
    assert (ROOT / path).exists() or path == "build/explorer.html"  # which `make explorer` writes
    if section:
        headings = [heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", README, re.MULTILINE)]
        assert section in headings


def test_the_makefile_runs_what_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    scripts = re.findall(r"\$\(PY\) ([\w/]+\.py)", makefile)
    assert len(scripts) == 5
    for script in scripts:
        assert (ROOT / script).exists(), script
    assert "-m pytest --nbval tests notebooks" in makefile
    assert "-m pytest --nbval tests notebooks" in README
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
