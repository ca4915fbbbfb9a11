"""Pages of notebooks in a real browser: nothing is cut off, nothing runs off a telephone, axe-core finds nothing."""

import nbformat
import pages
import pytest

LONG = (
    r"f_{out}[o, t, i] = \\sum_k \\sum_j \\sum_c \\hat{A}[k, i, j] \\cdot f_{in}[c, t, j] \\cdot W[c, o, k] + b[k, o]"
)
TEXT = rf"""# A page

## 1. Formulas

$\\Gamma = 3$ and $\\frac{{1}}{{\\sqrt{{\\Lambda_k}}}}$, in a line a long one, ${LONG}$, and by itself

$${LONG}$$

## 2. A table, a list, a link

| | $K$ | which joints count as neighbours, and how they are told apart from one another |
|---|---|---|
| uni-labeling | 1 | `all_of_them_and_a_very_long_name_in_code_that_does_not_break` |

> A [link](https://arxiv.org/abs/1801.07455).

```python
def forward(self, x):  # a comment
    return [self.layers(x, "text", 3.5) for _ in range(1000) if x is not None and x.shape[0] > 3 and True]
```

<details><summary>Answer</summary>

Eight.
</details>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page with everything that a notebook has, and the index."""
    outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a long line " * 40),
        nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}),
    ]
    hidden = {"jupyter": {"outputs_hidden": True}}
    cells = [
        nbformat.v4.new_markdown_cell(TEXT),
        nbformat.v4.new_code_cell("x = 1  # one", outputs=outputs, execution_count=1),
        nbformat.v4.new_markdown_cell("*Figure: nothing.*"),
        nbformat.v4.new_code_cell("x", outputs=outputs[:1], execution_count=2, metadata=hidden),
    ]
    folder = tmp_path_factory.mktemp("pages")
    ways = pages.ways_to("index.html", ("a.html", "A"), ("b.html", "B"))
    notebook = nbformat.v4.new_notebook(cells=cells)
    (folder / "page.html").write_text(pages.to_html(notebook, "A page", ways), encoding="utf-8")
    doors = {"page.html": ("Touch it", "with a finger")}
    index = pages.index_page({"page.html": "00 A page"}, {"page.html": "Text"}, {"none.svg": "A walk"}, doors)
    (folder / "index.html").write_text(index, encoding="utf-8")
    return lambda name: (folder / name).as_uri()


@pytest.mark.parametrize("name", ["page.html", "index.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_the_text_fits(browser, axe_core, address, name, scheme, width):
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(address(name))
    page.evaluate(axe_core)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)")
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_formula_is_cut_off(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address("page.html"))
    cut = """() => [...document.querySelectorAll('math, .formula, .long')]
        .filter((box) => getComputedStyle(box).overflowY !== 'visible' && box.scrollHeight > box.clientHeight)
        .map((box) => box.textContent)"""
    assert page.locator("math").count() == 5
    assert page.evaluate(cut) == []
    page.close()
