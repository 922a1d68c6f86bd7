"""Hooks of the documentation: pages by pattern, and tables that fold.

A value of `nav` such as `decisions/*.md` becomes the pages that it fits, by
name, the index of the folder first. Cells of tables carry the name of their
column, which a narrow screen shows, and long names in them may break.
"""
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

#: where a name such as `decision.minValidPulses`, or a checksum, may break
BREAK = re.compile(r"(?<=[./_=|])(?=\w)|(?<=[a-z\d])(?=[A-Z])"
                   r"|(?<=[\da-f]{16})(?=[\da-f]{16})")


def on_config(config: Any) -> Any:
    """Expand the patterns, and let tables fold."""
    config.nav = expanded(config.nav, Path(config.docs_dir))
    config.markdown_extensions.append(FoldingTables())
    return config


class FoldingTables(Extension):
    """Markdown whose tables can be folded by a style sheet."""

    def extendMarkdown(self, md: Markdown) -> None:
        # after the inline elements (20), or there is no code in the cells
        md.treeprocessors.register(FoldTables(md), "folding_tables", 15)


class FoldTables(Treeprocessor):
    """Name the column in each cell; let code in cells break between words."""

    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            names = ["".join(cell.itertext()) for cell in table.iter("th")]
            for row in table.iterfind("tbody/tr"):
                for name, cell in zip(names, row, strict=True):
                    cell.set("data-column", name)
            for code in table.iter("code"):
                _breakable(code)


def _breakable(code: Element) -> None:
    # other programs that show these pages need the bar of a code escaped
    first, *rest = BREAK.split((code.text or "").replace(r"\|", "|"))
    code.text = AtomicString(first)
    for piece in rest:
        SubElement(code, "wbr").tail = AtomicString(piece)


def expanded(nav: Any, folder: Path) -> Any:
    """A navigation with its patterns replaced by lists of pages."""
    if isinstance(nav, list):
        return [expanded(entry, folder) for entry in nav]
    if isinstance(nav, dict):
        return {title: expanded(entry, folder)
                for title, entry in nav.items()}
    if "*" not in nav:
        return nav
    found = sorted((path.relative_to(folder).as_posix()
                    for path in folder.glob(nav)),
                   key=lambda name: (not name.endswith("/index.md"), name))
    if not found:
        raise ValueError(f"nav: no page fits {nav}")
    return found


def pages(nav: Any) -> list[str]:
    """The pages of an expanded navigation, in order."""
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in pages(entry)]
