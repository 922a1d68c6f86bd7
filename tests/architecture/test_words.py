"""The project speaks of the project alone."""
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = {".py", ".sh", ".md", ".toml", ".yml", ".json", ".txt", ""}
# in pieces, so that this file does not find itself
PRIVATE = re.compile("|".join([
    "/wor" "k/", "/ho" "me/", "/ro" "ot/", "far" "m-", "prototy" "pes/",
    "--index" "-url", "--extra-index" "-url", "--find" "-links",
    r"https?://[^\s]*/sim" "ple", "pytorch" r"\.org/whl",
    r"\bTO" r"DO\b", r"\bFIX" r"ME\b", r"\bXX" r"X\b"]))


def tracked():
    try:
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True,
            capture_output=True, text=True).stdout.split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        # an unpacked archive: everything that is not hidden
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                 if not any(part.startswith(".")
                            for part in path.relative_to(ROOT).parts)]
    return [name for name in names if name and (ROOT / name).is_file()
            and (ROOT / name).suffix in SUFFIXES]


def private_words(text):
    return [f"line {number}: {match[0]}"
            for number, line in enumerate(text.splitlines(), 1)
            if (match := PRIVATE.search(line))]


def test_no_private_word_in_any_file():
    found = {name: words for name in tracked()
             if (words := private_words((ROOT / name).read_text()))}
    assert found == {}


SEEN = [
    "see /ro" "ot/notes", "pip install --index" "-url x", "# TO" "DO later"]


def test_the_check_sees(subtests):
    for text in SEEN:
        with subtests.test(text=text):
            assert private_words(text)
