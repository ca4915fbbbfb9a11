"""Notebooks as HTML pages that need no network: formulas become MathML, and no script is loaded from anywhere."""

import html
import re

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter

# nbconvert's own page, without the scripts that it would fetch (formulas are converted here), and with alt texts.
TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block data_svg scoped %}<div class="jp-OutputArea-output">
<img alt="{{ output.metadata.alt }}" src="data:image/svg+xml;base64,{{ output.data['image/svg+xml'] | text_base64 }}">
</div>{% endblock %}
{% block html_head_css %}<style>
body { max-width: 60rem; margin: auto; padding: 0 1rem; }
.jp-Cell-outputWrapper, .jp-Cell-outputArea, .jp-OutputArea-child, .jp-OutputArea-output {
  display: block !important; min-width: 0; width: 100%; padding-left: 0 !important;
}
.jp-OutputArea-output img { max-width: 100%; height: auto; }
pre { white-space: pre !important; overflow-x: auto; }
.jp-InputPrompt, .jp-OutputPrompt { display: none; }
math { font-size: 1.2em; }
details { margin-bottom: 1em; }
</style>{% endblock %}
"""
# Code comes first, so that a dollar in it is left alone.
FORMULA = re.compile(
    r"(?P<code>```.*?```|`[^`]*`)|\$\$(?P<block>.+?)\$\$|(?<![\\\w])\$(?P<inline>[^$\n]+?)\$(?!\w)", re.DOTALL
)
FIGURE = "image/svg+xml"
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ST-GCN walkthrough</title>
<style>
body {{ font: 1.1rem/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }}
img {{ max-width: 100%; }}
figure {{ margin: 2rem 0; }}
</style>
</head>
<body>
<h1>ST-GCN walkthrough</h1>
<h2>Notebooks</h2>
<ul>
{notebooks}
</ul>
<h2>Printed</h2>
<ul>
{texts}
</ul>
<h2>Figures</h2>
{figures}
</body>
</html>
"""


def to_html(notebook, title):
    """An executed notebook as one HTML page. The text below a figure is also its alt text."""
    notebook = nbformat.from_dict(notebook)
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], {"source": ""}], strict=True):
        for output in cell.get("outputs", []):
            if FIGURE in output.get("data", {}):
                output.metadata = {"alt": html.escape(" ".join(following["source"].strip("* \n").split()))}
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(to_mathml, cell.source)
    page, _ = HTMLExporter(raw_template=TEMPLATE).from_notebook_node(notebook, resources={"metadata": {"name": title}})
    # Links between notebooks lead to their pages.
    return re.sub(r'href="([\w./-]+)\.ipynb', r'href="\1.html', page)


def to_mathml(match):
    """What FORMULA found: TeX as MathML, code as it is."""
    if match["code"]:
        return match["code"]
    if match["block"]:
        return convert(match["block"].strip(), display="block")
    return convert(match["inline"])


def index_page(notebooks, texts, figures):
    """The page that leads to all others.

    notebooks, texts  {file name: title}
    figures           {file name: alt text}
    """

    def links(pages):
        return "\n".join(f'<li><a href="{file}">{html.escape(title)}</a></li>' for file, title in pages.items())

    pictures = (  # the caption is the text for readers who do not see the picture; said twice it would only tire them
        f'<figure><img src="{file}" alt=""><figcaption>{html.escape(alt)}</figcaption></figure>'
        for file, alt in figures.items()
    )
    return INDEX.format(notebooks=links(notebooks), texts=links(texts), figures="\n".join(pictures))
