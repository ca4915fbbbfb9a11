"""What the pages link to, inside the folder of pages: files of the project become pages or are copied there.

A notebook and a README link to files by their place in the project. In the folder of pages those links must lead to
something that lies in the same folder: to the notebook's page, to a page made of the file, or to a copy of it.
"""

import os
import re
import shutil
from pathlib import Path, PurePosixPath

SYLLABUS = "course.html"  # the page of notebooks/README.md
CODE = {".py": "python", ".js": "javascript", ".mjs": "javascript"}
SHOWN_BY_BROWSERS = {".svg", ".png", ".json", ".txt"}
# Code comes first, so that what looks like a link in it is left alone. (A link's text may be code: its end is sought.)
LINK = re.compile(r"```.*?```|`[^`]*`|\]\((?P<target>[^)\s]+)\)", re.DOTALL)


class LinkedFiles:
    """The addresses of a project's files in a folder of pages, and which files were asked for."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.asked = {}  # path in the project: address, both relative and with "/"

    def rewritten(self, text, source, page):
        """A Markdown text in which every link into the project has become one between pages.

        source  the text's own path in the project, "notebooks/README.md"
        page    the address of the page that it becomes, "course.html"
        """

        def rewrite(match):
            target = match["target"]
            if target is None or re.match(r"[a-z]+:|#", target):
                return match[0]
            path, hash_, anchor = target.partition("#")
            path = PurePosixPath(os.path.normpath(PurePosixPath(source).parent / path)).as_posix()
            address = os.path.relpath(self.address(path), PurePosixPath(page).parent).replace(os.sep, "/")
            return f"]({address}{hash_}{anchor})"

        return LINK.sub(rewrite, text)

    def address(self, path):
        """Where a file of the project lies in the folder of pages; FileNotFoundError if there is no such file."""
        if path == "notebooks/README.md":
            return SYLLABUS
        if path.startswith("build/"):
            return path.removeprefix("build/")
        if not (self.root / path).exists():
            raise FileNotFoundError(f"a text links to {path}, which the project does not have")
        if path.endswith(".ipynb"):
            return path.removeprefix("notebooks/").removesuffix(".ipynb") + ".html"
        suffix = PurePosixPath(path).suffix
        if (self.root / path).is_dir() or suffix == ".md" or suffix in CODE:
            ending = ".html"
        else:
            ending = "" if suffix in SHOWN_BY_BROWSERS else ".txt"
        return self.asked.setdefault(path, f"files/{path}{ending}")

    def write(self, build, to_page):
        """Write all that was asked for, and what those pages ask for in turn, below the folder `build`.

        to_page(markdown, title, address, source)  makes and writes a page
        """
        written = set()
        while waiting := [path for path in self.asked if path not in written]:
            for path in waiting:
                written.add(path)
                file, address = self.root / path, self.asked[path]
                if not address.endswith(".html"):
                    (build / address).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, build / address)
                else:
                    to_page(as_markdown(file, path), path, address, path)


def as_markdown(file, path):
    """A file of the project as a text: a README as it is, code in a fence, a folder as the list of its files."""
    if file.is_dir():
        return f"# {path}\n\n" + "\n".join(f"- `{entry.name}`" for entry in sorted(file.iterdir()))
    text = file.read_text(encoding="utf-8")
    language = CODE.get(file.suffix)
    return f"# {path}\n\n````{language}\n{text}\n````\n" if language else text
