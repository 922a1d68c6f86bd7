"""Every command that a page shows is run.

A block in the language *console* is run here, its lines one after the other
in a folder that the page has for itself, unless a comment above the block
names the test that runs it, or why nothing does:

    <!-- run by tests/broker/test_demo.py -->
    <!-- not run: minutes -->
"""
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import typer
from mock_runs import gotthard_run
from run_notebook import ROOT
from small_run import CHANNELS, spectra_of

from spectra_classifier import files
from spectra_classifier.cli.main import app
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.model import load
from spectra_classifier.model.verdict import objection
from tests.commands import invoke

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md",
         *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^(?:<!-- (run by|not run:) ([^\n]*) -->\n)?"
                   r"```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: how a command begins, wherever it is shown
COMMAND = re.compile(r"^(\$ )?(spectra-classifier|python3?|pip|bash|git|"
                     r"\.venv/bin/\w+|nxcheck|karabo-\w+) ")
#: first words that are run here
OURS = "spectra-classifier", "nxcheck"


@dataclass(frozen=True)
class Block:
    """A block of a page: its language, text, and the comment above it."""
    kind: str
    words: str
    language: str
    text: str

    @property
    def commands(self):
        """[words] of every line; continued lines are one."""
        lines = self.text.replace("\\\n", " ").splitlines()
        split = [shlex.split(line, comments=True) for line in lines]
        return [words for words in split if words]


def blocks(page):
    return [Block(*match.groups()) for match
            in BLOCK.finditer(page.read_text())]


def labelled(count=24, seed=1):
    """Spectra of two states, four captures taken in turn."""
    labels = np.arange(count) // (count // 4) % 2
    return Dataset(
        Axis.channels(CHANNELS), spectra_of(labels, seed), labels,
        ("cold", "hot"), np.arange(count) // (count // 4))


def curves(folder, dataset):
    """A folder of text curves with labels.csv and captures."""
    folder.mkdir(parents=True)
    rows = ["file,label,capture"]
    for number, spectrum in enumerate(dataset.spectra):
        name = f"{number:03d}.xy"
        np.savetxt(folder / name, np.column_stack(
            [dataset.axis.values, spectrum]), fmt="%g")
        rows.append(f"{name},{dataset.classes[dataset.labels[number]]},"
                    f"{dataset.groups[number]}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")


def folders(folder, dataset):
    """A folder of text curves for each class."""
    for number, spectrum in enumerate(dataset.spectra):
        place = folder / dataset.classes[dataset.labels[number]]
        place.mkdir(parents=True, exist_ok=True)
        np.savetxt(place / f"{number:03d}.xy", np.column_stack(
            [dataset.axis.values, spectrum]), fmt="%g")


def run_of(folder):
    """A run in which the pressure goes up and down."""
    labels = np.repeat(np.arange(24) // 6 % 2, 6).reshape(24, 6)
    folder.parent.mkdir()
    gotthard_run(folder, spectra_of(labels),
                 pressure=np.where(labels[:, 0], 12., 9.))


def trained(path, place):
    data = place / "taught-before.npz"
    files.write_dataset(data, labelled())
    assert invoke("train", data, "-o", path, "--members", "linear").code == 0


#: name in a command: how it comes about (path, folder of the page)
NEEDED = {
    "examples": lambda path, place: shutil.copytree(ROOT / "examples", path),
    "measurement": lambda path, place: curves(path, labelled()),
    "second_measurement": lambda path, place: curves(path, labelled(seed=2)),
    "new_spectra": lambda path, place: curves(path, labelled(seed=3)),
    "my_spectra": lambda path, place: folders(path, labelled()),
    "my_new_spectra": lambda path, place: curves(path, labelled(seed=3)),
    "raw": lambda path, place: run_of(path / "r0012"),
    "captures.h5": lambda path, place: files.write_dataset(path, labelled()),
    **{name: lambda path, place: files.write_dataset(path, labelled(seed=2))
       for name in ("run.h5", "other-captures.h5", "other_captures.h5")},
    **dict.fromkeys(("MODEL.onnx", "model.onnx"), trained),
    "codes.h5": lambda path, place: invoke(
        "classify", needed("model.onnx", place), needed("run.h5", place),
        "-o", path),
}


def needed(name, place):
    """A path in the folder of the page, made if a command asks for it."""
    path = place / name
    if name in NEEDED and not path.exists():
        NEEDED[name](path, place)
    return path


def prepare(words, place):
    """Make what a command reads; the words behind an output are written."""
    outputs = {words[number + 1] for number, word in enumerate(words[:-1])
               if word in ("-o", "--output", "--plot", "--report")}
    for word in words:
        if word not in outputs:
            needed(word.removeprefix("run:").split("/")[0], place)


def shown(page):
    return page.relative_to(ROOT).as_posix()


def to_run(page):
    return [block for block in blocks(page)
            if block.language == "console" and not block.kind]


@pytest.mark.parametrize("page", [page for page in PAGES if to_run(page)],
                         ids=shown)
def test_the_commands_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in to_run(page):
        for words in block.commands:
            assert words[0] in OURS, (
                f"{shown(page)}: nothing here runs {' '.join(words)}; name "
                "the test that does, or why none does, in a comment above")
            prepare(words, tmp_path)
            if words[0] == "spectra-classifier":
                outcome = invoke(*words[1:])
                assert outcome.code == 0, (words, outcome.stderr)
            else:
                program = Path(sys.executable).parent / words[0]
                subprocess.run([sys.executable, program, *words[1:]],
                               check=True, capture_output=True)


def test_what_is_not_run_here_is_run_by_a_test_or_gives_a_reason(subtests):
    for page in PAGES:
        for block in blocks(page):
            if block.kind:
                with subtests.test(page=shown(page), text=block.text[:40]):
                    assert block.language in ("console", "python")
                    assert len(block.words) > 6
                    if block.kind == "run by":
                        assert (ROOT / block.words).is_file()


def test_no_command_hides_in_another_block(subtests):
    """Every block names its language; commands are in *console* alone."""
    for page in PAGES:
        text = page.read_text()
        hidden = [line for block in blocks(page)
                  if block.language != "console"
                  for line in block.text.splitlines() if COMMAND.match(line)
                  # the usage of a command in the reference
                  and "[OPTIONS]" not in line and "[--" not in line]
        with subtests.test(page=shown(page)):
            assert hidden == []
            assert len(re.findall(r"^```$", text, re.MULTILINE)) == len(
                re.findall(r"^```\w+$", text, re.MULTILINE))
            assert not [line for line in re.findall(
                r"\n\n    (.*)", text) if COMMAND.match(line)]


def test_scripts_and_their_options_exist(subtests):
    """Of all commands, also of those that take hours, and within a line."""
    options = {name: {word for param in command.params for word in (
        *param.opts, *param.secondary_opts)} | {"--help"} for name, command
        in typer.main.get_command(app).commands.items()}
    seen = 0
    for page in PAGES:
        shown_here = [words for block in blocks(page)
                      if block.language == "console"
                      for words in block.commands]
        shown_here += [words.split() for words in re.findall(
            r"`((?:\.venv/bin/)?(?:python|bash|spectra-classifier) [^`]+)`",
            page.read_text())]
        for words in shown_here:
            if words[0] == "spectra-classifier" and words[1] in options:
                seen += 1
                with subtests.test(page=shown(page), command=words[1]):
                    assert {word.split("=")[0].strip("[]") for word in words
                            if word.strip("[").startswith("--")
                            } <= options[words[1]]
            for script in words[:3]:
                if re.fullmatch(r"(benchmarks|scripts)/[\w/]+\.(py|sh)",
                                script):
                    seen += 1
                    with subtests.test(page=shown(page), script=script):
                        source = (ROOT / script).read_text()
                        for word in words:
                            if word.startswith("--"):
                                assert word.split("=")[0] in source
    assert seen > 60


def test_every_measurement_that_a_page_names_starts(subtests):
    """Also those that take hours: each tells its options."""
    named = sorted({script for page in PAGES for script in re.findall(
        r"python (benchmarks/[\w/]+\.py)", page.read_text())})
    assert len(named) > 30

    def ask(script):
        return subprocess.run([sys.executable, script, "--help"], cwd=ROOT,
                              capture_output=True, text=True)

    with ThreadPoolExecutor(2) as pool:
        for script, done in zip(named, pool.map(ask, named), strict=True):
            with subtests.test(script=script):
                assert done.returncode == 0, done.stderr
                assert done.stdout.startswith("usage: ")


def test_the_recipe_of_the_readme_leads_to_a_model_that_can_be_armed(
        tmp_path):
    """With states recorded in turn; and not where each was recorded once."""
    dataset = labelled(400)
    curves(tmp_path / "in turn", dataset)
    once = replace(dataset, groups=dataset.labels)
    curves(tmp_path / "once", once)
    objections = {}
    for name in "in turn", "once":
        path = tmp_path / f"{name}.onnx".replace(" ", "_")
        outcome = invoke("train", tmp_path / name, "-o", path)
        assert outcome.code == 0
        verdict = load(path).manifest["metrics"]["guards"]["verdict"]
        assert verdict in outcome.stdout
        # the table of the README names every verdict
        assert f"| {verdict} |" in (ROOT / "README.md").read_text()
        objections[name] = objection(load(path).manifest)
    assert objections["in turn"] == ""
    assert "drift" in objections["once"]
