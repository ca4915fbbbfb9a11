"""Notebooks as HTML pages that need no network: formulas become MathML, and no script is loaded from anywhere.

A page has links to its neighbours in the course at both ends and a table of contents below its title.
"""

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
{% block body_header %}<body class="jp-Notebook" data-jp-theme-light="true" data-jp-theme-name="JupyterLab Light">
{{ resources.ways }}<main>{% endblock %}
{% block body_footer %}</main>
{{ resources.ways }}</body>{% endblock %}
{% block html_head_css %}<style>
body { max-width: 60rem; margin: auto !important; padding: 0 1rem !important; overflow: visible !important; }
.jp-Cell { padding: 0.3rem 0 !important; }
.jp-Cell-outputWrapper, .jp-Cell-outputArea, .jp-OutputArea-child, .jp-OutputArea-output {
  display: block !important; min-width: 0; width: 100%; padding-left: 0 !important;
}
.jp-RenderedHTMLCommon { font-size: 16px; line-height: 1.5; overflow-wrap: break-word; }
.jp-RenderedHTMLCommon table { display: block; overflow-x: auto; margin-left: 0; }
.jp-OutputArea-output img { max-width: 100%; height: auto; }
pre { white-space: pre !important; overflow-x: auto; }
.jp-InputPrompt, .jp-OutputPrompt, .jp-InputCollapser, .jp-OutputCollapser, .jp-Collapser { display: none !important; }
math { font-size: 1.2em; max-width: 100%; overflow-x: auto; overflow-y: hidden; }
details { margin-bottom: 1em; }
summary { cursor: pointer; }
nav { font: 16px/1.5 sans-serif; }
nav.ways { display: flex; flex-wrap: wrap; gap: 0.3rem 1.5rem; justify-content: space-between; padding: 0.8rem 0; }
nav.contents ul { margin: 0.3rem 0 1rem; padding-left: 1.2rem; list-style: none; }
@media print {
  nav.ways, .anchor-link { display: none; }
  .jp-OutputArea-output, img, pre, blockquote { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap !important; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
</style>{% endblock %}
"""
# Code comes first, so that a dollar in it is left alone.
FORMULA = re.compile(
    r"(?P<code>```.*?```|`[^`]*`)|\$\$(?P<block>.+?)\$\$|(?<![\\\w])\$(?P<inline>[^$\n]+?)\$(?!\w)", re.DOTALL
)
FIGURE = "image/svg+xml"
SYLLABUS = "course.html"  # the page of notebooks/README.md
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
<h2>Beside them</h2>
<ul>
{texts}
</ul>
<h2>Figures</h2>
{figures}
</body>
</html>
"""


def to_html(notebook, title, ways=""):
    """An executed notebook as one HTML page. The text below a figure is also its alt text.

    ways  the links to other pages, `ways_to`, which stand at the top and the bottom
    """
    notebook = nbformat.from_dict(notebook)
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], {"source": ""}], strict=True):
        for output in cell.get("outputs", []):
            if FIGURE in output.get("data", {}):
                output.metadata = {"alt": html.escape(" ".join(following["source"].strip("* \n").split()))}
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(to_mathml, cell.source)
    resources = {"metadata": {"name": title}, "ways": ways}
    page, _ = HTMLExporter(raw_template=TEMPLATE).from_notebook_node(notebook, resources=resources)
    page = re.sub("</h1>", lambda end: end[0] + contents(page), page, count=1)
    # Links between notebooks lead to their pages, and those to the syllabus to its page.
    page = re.sub(r'href="README\.md', f'href="{SYLLABUS}', page)
    return re.sub(r'href="([\w./-]+)\.ipynb', r'href="\1.html', page)


def contents(page):
    """The table of contents of a page: a link to each of its sections, or nothing if there is only one."""
    sections = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', page, re.DOTALL)
    if len(sections) < 2:
        return ""
    links = "".join(f'<li><a href="#{anchor}">{heading.strip()}</a></li>' for anchor, heading in sections)
    return f'<nav class="contents" aria-label="Contents"><ul>{links}</ul></nav>'


def ways_to(index, before=None, after=None):
    """Links to the index and to the neighbours in the course: (address, title) each, or None."""
    links = [f'<a href="{index}">All pages</a>']
    if before:
        links.insert(0, f'<a rel="prev" href="{before[0]}">← {html.escape(before[1])}</a>')
    if after:
        links.append(f'<a rel="next" href="{after[0]}">{html.escape(after[1])} →</a>')
    return f'<nav class="ways" aria-label="Course">{"".join(links)}</nav>'


def to_mathml(match):
    """What FORMULA found: TeX as MathML, code as it is."""
    if match["code"]:
        return match["code"]
    if match["block"]:
        return convert(match["block"].strip(), display="block")
    return convert(match["inline"])


def index_page(notebooks, texts, figures):
    """The page that leads to all others.

    notebooks, texts  {file name: title}; solutions/NAME is linked beside NAME
    figures           {file name: alt text}
    """

    def links(pages):
        return "\n".join(f"<li>{link(file, title)}{solutions(file)}</li>" for file, title in pages.items())

    def link(file, title):
        return f'<a href="{file}">{html.escape(title)}</a>'

    def solutions(file):
        worked = f"solutions/{file}"
        return f" ({link(worked, 'solutions')})" if worked in notebooks else ""

    course = {file: title for file, title in notebooks.items() if not file.startswith("solutions/")}
    pictures = (  # the caption is the text for readers who do not see the picture; said twice it would only tire them
        f'<figure><img src="{file}" alt=""><figcaption>{html.escape(alt)}</figcaption></figure>'
        for file, alt in figures.items()
    )
    return INDEX.format(notebooks=links(course), texts=links(texts), figures="\n".join(pictures))
