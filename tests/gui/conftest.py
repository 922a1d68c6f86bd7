"""One private Karabo with a GUI server and one GUI for all of these tests."""
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest

from spectra_lab.demo.plant import SERVERS
from spectra_lab.gui.person import gui_python
from spectra_lab.gui.plant import project_init
from spectra_lab.gui.session import ROOT, session, start

PULSES = 40


@pytest.fixture(scope="session")
def gui_environment():
    """Python of the environment that has the GUI."""
    python = gui_python(ROOT)
    if python is None:
        pytest.skip("no .venv-gui with karabo.gui: bash scripts/test.sh "
                    "installs it where it can")
    return python


@contextmanager
def put_back():
    """What a plant sets for its servers is gone at the end."""
    with pytest.MonkeyPatch.context() as patch:
        for name in "KARABO", "KARABO_BROKER", "KARABO_BROKER_TOPIC":
            patch.setenv(name, "")
        yield


@pytest.fixture
def at_the_gui(gui_environment, tmp_path):
    """Function (servers, their init) -> somebody at the GUI, in front of the
    project that it has started; `init` is made from a folder for captures."""
    captures = tmp_path / "captures"
    captures.mkdir()
    with ExitStack() as stack:
        stack.enter_context(put_back())

        def begin(offered, init):
            lab, person, _ = stack.enter_context(session(tmp_path, offered))
            start(person, lab / "project.json", init(captures))
            return person
        yield begin


@pytest.fixture(scope="module")
def desk(gui_environment, tmp_path_factory):
    """A person at the GUI, in front of a project that has been started.

    `person`, `project`: what the GUI says it has opened, `init`: file that
    it was made of.
    """
    offered = SERVERS | {
        "demoShutter": ("SimulatedShutter", "SpectraCollector")}
    with put_back(), session(tmp_path_factory.mktemp("gui"),
                             offered) as (lab, person, _):
        init = lab / "project.json"
        yield SimpleNamespace(
            person=person, init=init,
            project=start(person, init, project_init(PULSES)))
