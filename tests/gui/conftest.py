"""One private Karabo with a GUI server and one GUI for all of these tests."""
from pathlib import Path
from types import SimpleNamespace

import pytest

from spectra_lab.gui.person import Person, gui_python

ROOT = Path(__file__).resolve().parents[2]
PULSES = 40


@pytest.fixture(scope="session")
def gui_environment():
    """Python of the environment that has the GUI."""
    python = gui_python(ROOT)
    if python is None:
        pytest.skip("no .venv-gui with karabo.gui: bash scripts/test.sh "
                    "installs it where it can")
    return python


@pytest.fixture(scope="module")
def desk(gui_environment, tmp_path_factory):
    """A person at the GUI, in front of a project that has been started.

    `person`, `project`: what the GUI says it has opened, `init`: file that
    it was made of.
    """
    from spectra_lab.demo.plant import SERVERS
    from spectra_lab.gui.plant import GuiPlant, project_init
    from spectra_lab.gui.session import start

    lab = tmp_path_factory.mktemp("gui")
    with pytest.MonkeyPatch.context() as patch:
        for name in "KARABO", "KARABO_BROKER", "KARABO_BROKER_TOPIC":
            # set by the plant for its servers; put back at the end
            patch.setenv(name, "")
        offered = SERVERS | {
            "demoShutter": ("SimulatedShutter", "SpectraCollector")}
        with GuiPlant(lab, print, offered) as plant, Person(
                gui_environment, plant.port, lab / "home") as person:
            init = lab / "project.json"
            yield SimpleNamespace(
                person=person, init=init,
                project=start(person, init, project_init(PULSES)))

