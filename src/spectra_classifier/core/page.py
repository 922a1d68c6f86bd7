"""Pages of HTML with everything in them: text, tables and pictures."""
import base64
from collections.abc import Sequence
from html import escape

#: colours that differ for every eye (M. Okabe, K. Ito, 2008)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9",
           "#F0E442", "#000000")
_STYLE = """
body { font: 15px/1.45 sans-serif; max-width: 62em; margin: 2em auto;
       padding: 0 1em; color: #222 }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em;
       border-bottom: 1px solid #ccc }
table { border-collapse: collapse; margin: .6em 0 }
td, th { padding: .15em .8em .15em 0; text-align: left; vertical-align: top }
th { border-bottom: 1px solid #999; font-weight: 600 }
td.n { text-align: right; font-variant-numeric: tabular-nums }
img { max-width: 100% } .note { color: #555; font-size: .9em }
.verdict { padding: .7em 1em; background: #eef3f8 }
.warning { padding: .2em 1em; background: #fbf1e6 }
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
