"""Pages of HTML with everything in them: text, tables and pictures."""
import base64
from collections.abc import Sequence
from html import escape

_STYLE = """
body { font: 15px/1.4 sans-serif; max-width: 60em; margin: 1.5em auto;
       padding: 0 1em; color: #222 }
h1 { font-size: 1.4em; margin: 0 0 .3em } h2 { font-size: 1.1em;
       margin: .7em 0 .2em; border-bottom: 1px solid #ccc }
table { border-collapse: collapse; margin: .4em 0 }
td, th { padding: .1em .8em .1em 0; text-align: left; vertical-align: top }
th { border-bottom: 1px solid #999; font-weight: 600 }
td.n { text-align: right; font-variant-numeric: tabular-nums }
.head td { font-size: .85em; color: #444; overflow-wrap: anywhere }
img { max-width: 100% } .note { color: #555; font-size: .9em; margin: .3em 0 }
.verdict { padding: .6em 1em; border-left: .5em solid; background: #f4f5f7 }
.verdict p { margin: .2em 0 } .verdict b { font-size: 1.15em }
.pair { display: flex; gap: 2em; align-items: flex-start; flex-wrap: wrap }
.pair > * { flex: 1 1 18em }
ul { margin: .3em 0; padding-left: 1.2em }
summary { cursor: pointer; font-weight: 600; margin: .6em 0 }
@page { size: A4; margin: 14mm } @media print { body { font-size: 12px } }
"""


def page(title: str, parts: Sequence[str]) -> str:
    """A whole page; empty parts are left out."""
    return ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
            f"charset=\"utf-8\"><title>{escape(title)}</title><style>{_STYLE}"
            f"</style></head><body><h1>{escape(title)}</h1>\n"
            + "\n".join(part for part in parts if part) + "</body></html>\n")


def verdict(words: str) -> str:
    """What is to be read first."""
    return f"<p class=\"verdict\">{escape(words)}</p>"


def note(words: str) -> str:
    """A remark under a picture or a table."""
    return f"<p class=\"note\">{escape(words)}</p>"


def table(title: str, head: Sequence[str],
          rows: Sequence[Sequence[object]]) -> str:
    """A table under a heading; nothing without rows."""
    if not rows:
        return ""
    cells = "".join(
        "<tr>" + "".join(
            f"<td{' class=\"n\"' if column else ''}>{escape(str(cell))}</td>"
            for column, cell in enumerate(row)) + "</tr>" for row in rows)
    top = "".join(f"<th>{escape(text)}</th>" for text in head)
    return (f"<h2>{escape(title)}</h2>" if title else "") + (
        f"<table><tr>{top}</tr>{cells}</table>")


def image(data: bytes, name: str) -> str:
    """A picture (PNG) within the page."""
    text = base64.b64encode(data).decode()
    return f"<img alt=\"{name}\" src=\"data:image/png;base64,{text}\">"
