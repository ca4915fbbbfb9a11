"""Notebooks and texts as HTML pages that need no network: formulas become MathML, and no script is loaded at all.

A page has links to its neighbours in the course at both ends and a table of contents below its title. What it links to
is a page, too, or lies beside it (linked_files.py): a folder of pages can be served as a site.
"""

import html
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter

STYLE = (Path(__file__).parent / "pages.css").read_text(encoding="utf-8")
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""
# nbconvert decides what of a cell is shown; this says how. An output that the notebook hides waits to be opened.
TEMPLATE = """{% extends 'base/display_priority.j2' %}
{% block markdowncell scoped %}<div class="text">{{ cell.source | markdown2html }}</div>
{% endblock %}
{% block input %}{{ cell.source | highlight_code(metadata=cell.metadata) }}{% endblock %}
{% block outputs scoped %}
{% if cell.metadata.get("jupyter", {}).get("outputs_hidden") %}
<details class="output"><summary>Show what it prints and draws</summary>{{ super() }}</details>
{% else %}<div class="output">{{ super() }}</div>{% endif %}
{% endblock %}
{% block stream_stdout %}<pre>{{ output.text | ansi2html }}</pre>{% endblock %}
{% block stream_stderr %}<pre>{{ output.text | ansi2html }}</pre>{% endblock %}
{% block data_text scoped %}<pre>{{ output.data['text/plain'] | ansi2html }}</pre>{% endblock %}
{% block data_html scoped %}<div class="scrolls">{{ output.data['text/html'] }}</div>{% endblock %}
{% block data_svg scoped %}
<img alt="{{ output.metadata.alt }}" src="data:image/svg+xml;base64,{{ output.data['image/svg+xml'] | text_base64 }}">
{% endblock %}
"""
EXPORTER = HTMLExporter(raw_template=TEMPLATE)
# Code comes first, so that a dollar in it is left alone.
FORMULA = re.compile(
    r"(?P<code>```.*?```|`[^`]*`)|\$\$(?P<block>.+?)\$\$|(?<![\\\w])\$(?P<inline>[^$\n]+?)\$(?!\w)", re.DOTALL
)
FIGURE = "image/svg+xml"
LONG = 24  # characters of TeX in a line of text, above which a telephone has not the width for it
CAPTION = re.compile(r"\*Figure: (.*?)\*(?:\n\n|\Z)", re.DOTALL)
HEADING = re.compile(r'(<h[1-6] id=")([^"]+)(">)(.*?)(<a class="anchor-link" href="#)[^"]+("[^>]*>).*?</a>', re.DOTALL)
INDEX = """<main class="front">
<h1>ST-GCN to read, teach and re-implement</h1>
<p>A spatial temporal graph convolutional network recognises what a moving body does: every joint looks at its
neighbours in the skeleton, then at its own past and future, ten times over. The look at the neighbours is one line:</p>
<p class="formula">{formula}</p>
<ul class="doors">
{doors}
</ul>
{overview}
<h2>The course</h2>
<ul class="course">
{notebooks}
</ul>
<h2>Beside it</h2>
<ul>
{texts}
</ul>
<h2>Figures</h2>
{figures}
</main>
"""
THE_FORMULA = r"f_{out} = \sum_k (\Lambda_k^{-1/2} A_k \Lambda_k^{-1/2}) \, f_{in} W_k"

# A paragraph that begins with a link to one section of the explorer, which is then shown below it.
EXPLORER_SECTION = re.compile(r'<p><a href="(explorer\.html#only=[^"]+)">.*?</p>', re.DOTALL)


def to_html(notebook, title, ways="", rewrite=lambda text: text, *, slugs=False):
    """An executed notebook as one HTML page. The caption below a figure is also its alt text.

    ways     the links to other pages, `ways_to`, which stand at the top and the bottom
    rewrite  what turns the links of a text into those of its page: LinkedFiles.rewritten
    slugs    True for texts whose links name headings as repositories do: #in-lower-case
    """
    notebook = nbformat.from_dict(notebook)
    give_alt_texts(notebook)
    body = HEADING.sub(lambda heading: linked_heading(heading, slugs), rendered(notebook, rewrite))
    body = EXPLORER_SECTION.sub(
        r'\g<0>\n<iframe class="explorer" src="\1" title="The explorer, one section of it" loading="lazy"></iframe>',
        body,
    )
    body = re.sub("</h1>", lambda end: end[0] + contents(body), body, count=1)
    top, bottom = (
        f'<nav class="ways" aria-label="{place}">{ways}</nav>\n' for place in ("Course", "Course, at the end")
    )
    return page(title, f"{top}<main>{body}</main>\n{bottom}")


def give_alt_texts(notebook):
    """Put the caption that follows a figure into the figure's own metadata, where the pages look for it."""
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], {"source": ""}], strict=True):
        for output in cell.get("outputs", []):
            if FIGURE in output.get("data", {}):
                output.metadata = {"alt": alt_text(following["source"])}


def rendered(notebook, rewrite=lambda text: text):
    """The cells of a notebook as HTML, without a page around them. The notebook's texts are changed on the way."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(to_mathml, rewrite(cell.source))
    body, _ = EXPORTER.from_notebook_node(notebook)
    body = re.sub(r"<table.*?</table>", lambda table: scrolling(table[0]), body, flags=re.DOTALL)
    return body.replace("<pre", '<pre tabindex="0"')  # what scrolls sideways does so by keyboard, too


def page(title, body, style=STYLE):
    """A whole page around its body."""
    return HEAD.format(title=html.escape(title), style=style) + body + "</body>\n</html>\n"


def alt_text(caption):
    """The caption of a figure, without what follows it in the same cell, to stand in an attribute."""
    found = CAPTION.search(caption + "\n\n")
    words = found[1] if found and found.start() == 0 else caption
    return html.escape(" ".join(words.strip("* \n").split()))


def scrolling(table):
    """A table in a box that scrolls sideways; its corner and its symbols are such that they can be read out."""
    table = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", table)
    table = re.sub(r"<th([^>]*)>(<math.*?</math>)</th>", spoken_symbol, table, flags=re.DOTALL)
    return f'<div class="scrolls" tabindex="0">{table}</div>'


def spoken_symbol(header):
    """The head of a column that is one formula, with its letters as text for readers who listen."""
    letters = re.sub(r"<[^>]+>", "", header[2])
    return f'<th{header[1]}><span class="spoken">{letters}</span><span aria-hidden="true">{header[2]}</span></th>'


def linked_heading(heading, slugs):
    """A heading and the link to itself, which names what it leads to."""
    before, anchor, after, words, link, rest = heading.groups()
    name = html.escape(re.sub(r"<[^>]+>", "", words).strip())
    anchor = slug(words) if slugs else unquote(anchor)
    return f'{before}{anchor}{after}{words}{link}{anchor}{rest[:-1]} aria-label="Link to: {name}">¶</a>'


def slug(heading):
    """The anchor that repositories give a heading: lower case, hyphens, no punctuation."""
    words = html.unescape(re.sub(r"<[^>]+>", "", heading)).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def contents(body):
    """The table of contents of a page: a link to each of its sections, or nothing if there is only one."""
    sections = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', body, re.DOTALL)
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
    return "".join(links)


def to_mathml(match):
    """What FORMULA found: TeX as MathML, code as it is. A long formula scrolls in a box of its own."""
    if match["code"]:
        return match["code"]
    if match["block"]:
        return f'<div class="formula" tabindex="0">{convert(match["block"].strip(), display="block")}</div>'
    inline = convert(match["inline"])
    return f'<span class="long" tabindex="0">{inline}</span>' if len(match["inline"]) > LONG else inline


def index_page(notebooks, texts, figures, doors):
    """The front door: the page that leads to all others.

    notebooks, texts  {file name: title}; solutions/NAME is linked beside NAME
    figures           {file name: alt text}; the first is shown large, above the doors
    doors             {file name: (what one comes for, in a word or two; what waits behind it)}
    """

    def link(file, title):
        return f'<a href="{file}">{html.escape(title)}</a>'

    def solutions(file):
        worked = f"solutions/{file}"
        return f" ({link(worked, 'solutions')})" if worked in notebooks else ""

    def picture(file):  # the caption is the text for readers who do not see the picture; said twice it would only tire
        return f'<figure><img src="{file}" alt=""><figcaption>{html.escape(figures[file])}</figcaption></figure>'

    course = {file: title for file, title in notebooks.items() if not file.startswith("solutions/")}
    overview, *others = figures
    body = INDEX.format(
        formula=convert(THE_FORMULA),
        overview=picture(overview),
        doors="\n".join(
            f'<li><a href="{file}"><b>{html.escape(what)}</b> {html.escape(more)}</a></li>'
            for file, (what, more) in doors.items()
        ),
        notebooks="\n".join(f"<li>{link(file, title)}{solutions(file)}</li>" for file, title in course.items()),
        texts="\n".join(f"<li>{link(file, title)}</li>" for file, title in texts.items()),
        figures="\n".join(picture(file) for file in others),
    )
    return page("ST-GCN to read, teach and re-implement", body)
