"""Check spelling and words of the documentation.

    python scripts/check_prose.py [FILE ...]

Three checks: codespell; proselint; and words that these pages do not use, with
better ones (scripts/prose_words.toml). Code is not looked at. Prints what was
found, one line each; exit status 1 if there is anything. Without FILE:
README.md, CONTRIBUTING.md and docs, and for the spelling src as well.
"""
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).parent
#: checks of proselint that are not for tables and plain text, or that take
#: "A B A B" for an error and "discriminant" for "discriminating"
_OFF = ("typography.", "lexical_illusions", "needless_variants",
        "misc.phrasal_adjectives")
#: what is no prose: blocks, code, targets of links, comments, names of
#: properties
_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->|^:::.*$"
                   r"|\b[a-z]+[A-Z]\w*",
                   re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Pages that are checked."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md",
            *sorted((ROOT / "docs").rglob("*.md"))]


def prose(text: str) -> str:
    """A page without its code, every line in its place."""
    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return _CODE.sub(blank, _BLOCK.sub(blank, text))


def words_of(text: str, rules: dict[str, str]) -> list[str]:
    """What a page has of the words; one line each, with the better word."""
    found = []
    for pattern, better in rules.items():
        # a line may end between two words
        spaced = re.sub(r"(?<!-) ", r"\\s+", pattern)
        for match in re.finditer(spaced, text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            found.append((line, f"{line}: {' '.join(match[0].split())!r}: "
                          f"write {better}"))
    return [words for _, words in sorted(found)]


def our_words(paths: Iterable[Path]) -> list[str]:
    """Words that the pages do not use."""
    settings: dict[str, Any] = tomllib.loads(
        (HERE / "prose_words.toml").read_text())
    return [f"{_shown(path)}:{words}" for path in paths
            if _shown(path) not in settings["exempt"]
            for words in words_of(prose(path.read_text()),
                                  settings["words"])]


def proselint(paths: Iterable[Path]) -> list[str]:
    """What proselint finds in the prose of the pages."""
    with tempfile.TemporaryDirectory() as folder:
        copies = {}
        for number, path in enumerate(paths):
            copy = Path(folder) / f"{number}.md"
            copy.write_text(prose(path.read_text()))
            copies[str(copy)] = _shown(path)
        found = _run("proselint", "-o", "compact", "check", *copies)
    lines = []
    for line in found.splitlines():
        path, _, words = line.partition(":")
        check = words.split(" ")[1] if path in copies else ""
        if check and not check.startswith(_OFF):
            lines.append(f"{copies[path]}:{words}")
    return lines


def codespell(paths: Iterable[Path]) -> list[str]:
    """What codespell finds in whole pages."""
    return _run("codespell", "--ignore-words",
                str(HERE / "codespell_words.txt"),
                *map(str, paths)).replace(f"{ROOT}/", "").splitlines()


def _run(program: str, *words: str) -> str:
    """Output of a program of this environment, for which 0 is nothing."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *words],
        capture_output=True, text=True)
    if done.returncode and not done.stdout:
        raise RuntimeError(done.stderr)
    return done.stdout


def _shown(path: Path) -> str:
    path = path.resolve()
    return (path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT)
            else str(path))


def main(names: Sequence[str]) -> int:
    paths = [Path(name) for name in names] or pages()
    spelled = paths if names else [*paths, ROOT / "src"]
    found = [*codespell(spelled), *proselint(paths), *our_words(paths)]
    print("\n".join(found) if found else f"{len(paths)} pages: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
