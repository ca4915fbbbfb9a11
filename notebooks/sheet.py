"""A sheet of two pages for one notebook, as PDF: its formulas, then its shapes and functions."""

import inspect
import re
import textwrap

import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages

import reference
from reference.whole_files import whole_file

PAGE = (8.27, 11.69)  # A4, inches
LEFT, TOP, BOTTOM = 0.08, 0.93, 0.05
FORMULA = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
SHAPES = {  # symbol: (what a notebook that uses it contains, shape, meaning)
    "clip": (r"\bclip\b", "(N, C, T, V, M)", "N clips, C channels, T frames, V joints, M persons"),
    "f_in, f_out": (r"f_\{?(in|out)", "(N, C, T, V)", "features inside the network, persons folded into N"),
    "A": (r"\bA\b|A_k|A_\{", "(K, V, V)", "A[k, i, j] = 1: joint j is a neighbour of root i with the label k"),
    "Λ, degree": (r"Lambda|Λ|degree", "(K, V)", "neighbours of root i in subset k, plus α"),
    "α": (r"alpha|α", "0.001", "keeps an empty row from dividing by zero"),
    "Â, A_hat": (r"A_hat|hat\{A\}", "(K, V, V)", "A, normalised; row = root, column = neighbour"),
    "W": (r"\bW\b|W_k", "(C_in, C_out, K)", "the weights of the spatial convolution; W_k = W[:, :, k]"),
    "b": (r"b_k|\bbias\b", "(C_out, K)", "its bias, added before Â gathers"),
    "M, edge_importance": (r"edge.importance", "(K, V, V)", "multiplies Â entry by entry; starts at ones"),
    "Γ, gamma": (r"Gamma|gamma|Γ", "9", "frames that the temporal filter spans; odd"),
    "W of temporal_conv": (r"temporal_conv|Gamma", "(C_in, C_out, Γ)", "one weight matrix for each tap"),
    "stride": (r"\bstride\b", "1 or 2", "T frames become ⌈T / stride⌉"),
    "state": (r"\bstate\b|state_dict", "{name: array}", "a whole network: weights, statistics, graph"),
    "logits": (r"logit", "(N, classes)", "one number a class; softmax makes probabilities of them"),
}


def write_sheet(path, notebook):
    """Write the sheet of a notebook. ValueError, which names the formula, if one cannot be set."""
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    text = "\n".join(cell.source for cell in notebook.cells)
    # Text as text, and no date: the same notebook gives the same bytes.
    style = {"mathtext.fontset": "dejavusans", "pdf.fonttype": 42, "font.family": "DejaVu Sans"}
    with plt.rc_context(style), whole_file(path) as part, PdfPages(part, metadata={"CreationDate": None}) as pdf:
        for draw, content in ((formulas_page, formulas_of(notebook)), (shapes_page, text)):
            figure = plt.figure(figsize=PAGE)
            figure.text(LEFT, 0.96, title, fontsize=14, fontweight="bold", va="top")
            draw(figure, content)
            pdf.savefig(figure)
            plt.close(figure)


def formulas_of(notebook):
    """[(section, formula in TeX)] of a notebook, each formula once, in order."""
    section, found = "", {}
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for line in re.split(r"(?=^## )", cell.source, flags=re.MULTILINE):
            heading = re.match(r"## (.*)", line)
            section = heading[1] if heading else section
            for formula in FORMULA.findall(line):
                found.setdefault(" ".join(formula.split()), section)
    return [(section, formula) for formula, section in found.items()]


def formulas_page(figure, formulas):
    """Every formula below the heading of its section, in one column as long as the page."""
    step = min(0.055, (TOP - BOTTOM) / max(1, len(formulas) + 0.5 * len({section for section, _ in formulas})))
    y, last = TOP, None
    for section, formula in formulas:
        if section != last:
            figure.text(LEFT, y - 0.2 * step, section, fontsize=9, color="#595959", va="center")
            y, last = y - 0.5 * step, section
        y -= step
        try:
            drawn = figure.text(LEFT + 0.02, y + 0.4 * step, f"${settable(formula)}$", fontsize=12, va="center")
            width = drawn.get_window_extent(figure.canvas.get_renderer()).width / figure.bbox.width
        except ValueError as error:
            raise ValueError(f"the sheet cannot set the formula {formula}: {error}") from error
        drawn.set_fontsize(12 * min(1, 0.86 / width))
    if not formulas:
        figure.text(LEFT, TOP, "This notebook has no formula of its own.", fontsize=11, va="top")


def settable(formula):
    """TeX in the dialect of matplotlib, which lacks a few names and all the sizes of brackets."""
    formula = re.sub(r"\\(Big|big|Bigg|bigg)[lr]?(?![a-zA-Z])\s*", "", formula)
    formula = re.sub(r"\\text\{(.*?)\}", lambda text: r"\mathrm{" + text[1].replace(" ", r"\ ") + "}", formula)
    formula = re.sub(r"\\le(?![a-zA-Z])", r"\\leq", formula)
    for ours, theirs in ((r"\left", ""), (r"\right", ""), (r"\tfrac", r"\frac"), (r"\lVert", r"\Vert")):
        formula = re.sub(re.escape(ours) + "(?![a-zA-Z])", theirs.replace("\\", r"\\"), formula)
    return formula


def shapes_page(figure, text):
    """The symbols that a notebook uses, and the functions of reference/ that it calls."""
    y = TOP
    figure.text(LEFT, y, "Symbols and shapes", fontsize=12, fontweight="bold", va="top")
    y -= 0.032
    for symbol, (used, shape, meaning) in SHAPES.items():
        if re.search(used, text):
            for x, words in zip((LEFT, 0.27, 0.44), (symbol, shape, meaning), strict=True):
                figure.text(x, y, words, fontsize=9, va="top")
            y -= 0.022
    y -= 0.02
    figure.text(LEFT, y, "Functions of reference/", fontsize=12, fontweight="bold", va="top")
    y -= 0.032
    for name, function in functions_in(text):
        lines = textwrap.wrap(f"{name}{signature(function)}", 88, subsequent_indent="    ")
        says = textwrap.wrap((function.__doc__ or "").strip().split("\n\n")[0].replace("\n", " "), 105)[:2]
        height = 0.016 * (len(lines) + len(says)) + 0.008
        if y - height < BOTTOM:
            break
        figure.text(LEFT, y, "\n".join(lines), fontsize=8, family="DejaVu Sans Mono", va="top", linespacing=1.35)
        figure.text(LEFT + 0.02, y - 0.016 * len(lines), "\n".join(says), fontsize=8, va="top", linespacing=1.35)
        y -= height


def signature(function):
    """The arguments of a function, a long default by its name."""
    words = str(inspect.signature(function)).replace(str(reference.LAYERS), "LAYERS")
    return re.sub(r"<class '(?:\w+\.)*(\w+)'>", r"\1", words)


def functions_in(text):
    """(name, function) of what reference/ exports and a text calls, by name."""
    public = {name: getattr(reference, name) for name in dir(reference) if not name.startswith("_")}
    return [
        (name, value)
        for name, value in sorted(public.items())
        if inspect.isfunction(value) and re.search(rf"\b{name}\(", text)
    ]
