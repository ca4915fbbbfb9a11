"""One page out of page.html, the style sheets and the modules *.js: the explorer's whole build step.

A module becomes a function that returns what the module exports, and an import takes names from what it returned. Of
the language's module syntax only what the sources use is understood; the rest is refused, so nothing is bundled wrong:

    import { a, b } from "./other.js";        export [async] function a() …        export const b = …
"""

import json
import re
from pathlib import Path

from .collect import collect
from .colours import css_variables

FOLDER = Path(__file__).parent
PREVIEW = FOLDER / "explorer_preview.png"  # lies beside the page; its head names it for those who show links
MAIN, WORKER = "main.js", "worker.js"
SHEETS = ("style.css", "parts.css", "conditions.css")
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:(?:async )?function|const) (\w+))", re.MULTILINE)


def build_page(folder=FOLDER):
    """The page as text: no link, script or style sheet in it leads anywhere else."""
    page = (folder / "page.html").read_text(encoding="utf-8")
    sheets = [(folder / name).read_text(encoding="utf-8") for name in SHEETS]
    style = "\n".join([css_variables(), *sheets])
    data = json.dumps(collect(), ensure_ascii=False, separators=(",", ":"))
    scripts = {"SCRIPT": bundle(folder), "WORKER": bundle(folder, WORKER)}
    for place, text in {"STYLE": style, "DATA": data, **scripts}.items():
        if "</s" in text:
            raise ValueError(f"explorer: the text for {place} would end the element it stands in")
        page = page.replace(f"/*{place}*/", text)
    return page


def bundle(folder=FOLDER, main=MAIN):
    """All modules that `main` needs, itself included, each after those that it imports from."""
    written = {}

    def add(name, importers):
        if name in importers:
            raise ValueError(f"explorer: {' → '.join((*importers, name))} is a circle of imports")
        if name in written:
            return
        source = (folder / name).read_text(encoding="utf-8")
        for _, other in _IMPORT.findall(source):
            add(other, (*importers, name))
        written[name] = module(name, source)

    add(main, ())
    return "const modules = {};\n" + "\n".join(written.values())


def module(name, source):
    """One module as a function that is called at once."""
    exports = _EXPORT.findall(source)
    source = _EXPORT.sub("", source)
    source = _IMPORT.sub(lambda found: f'const {{{found[1]}}} = modules["{found[2]}"];\n', source)
    left = re.search(r"^\s*(?:import|export)\b.*", source, re.MULTILINE)
    if left:
        raise ValueError(f"explorer: {name} has {left[0].strip()!r}, which the bundler does not understand")
    return f'modules["{name}"] = (() => {{\n{source}return {{ {", ".join(exports)} }};\n}})();\n'
