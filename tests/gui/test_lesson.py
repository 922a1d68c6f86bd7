"""The whole lesson with the buttons and fields of the GUI alone."""
import pytest

from spectra_classifier.lab.gui import lesson
from spectra_classifier.lab.gui.__main__ import start
from spectra_classifier.lab.gui.lesson import CLASSIFIER, TRAINER
from spectra_classifier.lab.gui.person import Person
from spectra_classifier.lab.gui.plant import GuiPlant

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def person(gui_environment, tmp_path, monkeypatch):
    """Somebody at the GUI, with a trainer in the project."""
    for name in "KARABO", "KARABO_BROKER", "KARABO_BROKER_TOPIC":
        # set by the plant for its servers; put back at the end
        monkeypatch.setenv(name, "")
    captures = tmp_path / "captures"
    captures.mkdir()
    with GuiPlant(tmp_path / "lab", print, lesson.OFFERED) as plant, Person(
            gui_environment, plant.port, tmp_path / "home") as person:
        start(person, tmp_path / "project", lesson.lesson_init(
            40, captures, "numpy"))
        yield person


def test_the_loop_is_taught_from_the_screen(person):
    lesson.prepare(person)
    widgets = person.do("widgets")["widgets"]
    assert [widget["keys"] for widget in widgets
            if not all(widget["bound"]) or not all(widget["existing"])] == []
    before = person.value(f"{CLASSIFIER}.modelStatus")
    lesson.teach(person, trains=3)
    person.until(f"{TRAINER}.verdict", lambda text: text == "separable")
    person.until(f"{CLASSIFIER}.armed", bool)
    taught = person.value(f"{TRAINER}.armedModelId")
    person.until(f"{CLASSIFIER}.modelStatus", lambda text: taught in text)
    lesson.press(person, "previous", "previous: done")
    person.until(f"{CLASSIFIER}.modelStatus", lambda text: text == before)
