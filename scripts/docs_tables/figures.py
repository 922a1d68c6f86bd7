"""Numbers in pages, held to the files that the benchmarks write.

    python -m docs_tables.figures [--write]

A number in a page that a comment follows,

    0.69<!-- figure: benchmarks/engine/live_gotthard2.json rss_mb_per_minute
    .2f -->

(in one line) has to be what the file has under that key, in that format.
Dots lead into objects, numbers into lists, and `*` in the name of a file
stands for a part of it. Prints what differs; `--write` puts it right.
"""
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIGURE = re.compile(r"([^\s(]+)<!-- figure: (\S+) (.+?) (\S+) -->")


def pages() -> Iterator[Path]:
    """Pages that may have figures."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))


def recorded(file: str, key: str, form: str) -> str:
    """A number of a file, as the page has to show it.

    Raises
    ------
    ValueError
        If there is not exactly one such file, or no such number in it.
    """
    found = sorted(ROOT.glob(file))
    if len(found) != 1:
        raise ValueError(f"{file}: {len(found)} files fit")
    value: Any = json.loads(found[0].read_text())
    try:
        for part in key.split("."):
            value = value[int(part)] if isinstance(value, list) else (
                value[part])
    except (KeyError, IndexError, ValueError, TypeError):
        raise ValueError(f"{file} has no {key}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} of {file} is {value!r}, no number")
    return format(value, form)


def corrected(text: str) -> tuple[str, list[str]]:
    """A page with the numbers of the files, and what was different."""
    wrong = []

    def put(match: re.Match[str]) -> str:
        shown, file, key, form = match.groups()
        now = recorded(file, key, form)
        if shown != now:
            wrong.append(f"{shown} instead of {now} ({file}, {key})")
        return now + match[0][len(shown):]

    return FIGURE.sub(put, text), wrong


def main(words: Sequence[str]) -> int:
    found = 0
    for page in pages():
        text = page.read_text()
        new, wrong = corrected(text)
        for each in wrong:
            print(f"{page.relative_to(ROOT)}: {each}")
        found += len(wrong)
        if "--write" in words and wrong:
            page.write_text(new)
    return 1 if found and "--write" not in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
