"""A person at the GUI, in front of a plant of their own."""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from spectra_classifier.model.strict_json import JsonObject

from ..demo.plant import SERVERS
from ..demo.sources import released_model
from .person import Person, gui_python
from .plant import DOMAIN, MANAGER, GuiPlant

ROOT = Path(__file__).resolve().parents[3]


class Session(NamedTuple):
    """`lab`: folder of all that is written; `model`: the released one, as a
    copy, so that the pictures show no path of this machine."""
    lab: Path
    person: Person
    model: Path


def options(text: str, pulses: int) -> argparse.ArgumentParser:
    """What all who make pictures can be told; `text` describes them."""
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("--images", type=Path, default=ROOT / "docs/images")
    parser.add_argument("--pulses", type=int, default=pulses)
    parser.add_argument("--lab", type=Path)
    return parser


def required_python() -> Path:
    """Python of the environment with the GUI; exits where there is none."""
    python = gui_python(ROOT)
    if python is None:
        sys.exit("no environment with the Karabo GUI: bash scripts/test.sh "
                 "installs it")
    return python


@contextmanager
def session(lab: Path | None = None,
            offered: Mapping[str, tuple[str, ...]] = SERVERS,
            ) -> Iterator[Session]:
    """A session while its plant runs; `lab`: a temporary folder by default.
    """
    python = required_python()
    lab = lab or Path(tempfile.mkdtemp(prefix="spectra-gui-"))
    lab.mkdir(parents=True, exist_ok=True)
    with GuiPlant(lab, print, offered) as plant, Person(
            python, plant.port, lab / "gui") as person:
        yield Session(lab, person, Path(shutil.copy(released_model(), lab)))


def start(person: Person, file: Path, init: JsonObject) -> JsonObject:
    """Bring a project of `init` into the database, open it in the GUI, start
    all of it; returns what the GUI says that it has opened.

    `file`: where `init` is written to, as JSON.
    """
    file.write_text(json.dumps(init))
    person.do("await", device=MANAGER)
    uuid = subprocess.run(
        [sys.executable, "-m",
         "spectra_classifier.devices.tools.project_import", str(file),
         "--domain", DOMAIN],
        check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
    opened = person.do("open_project", domain=DOMAIN, uuid=uuid)
    person.do("start_project")
    return opened
