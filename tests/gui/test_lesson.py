"""The whole lesson with the buttons and fields of the GUI alone."""
import pytest

from spectra_classifier.devices.classifier_base.scene_parts import ALL_HOLD
from spectra_lab.gui import lesson
from spectra_lab.gui.lesson import TRAINER
from spectra_lab.gui.plant import CLASSIFIER
from spectra_lab.teach.sample import Sample

THREE = Sample("realistic", "ramp3", 60)


@pytest.fixture
def person(at_the_gui):
    """Somebody at the GUI, with a trainer in the project."""
    return at_the_gui(lesson.OFFERED, lambda captures: lesson.lesson_init(
        # it must end whatever else the machine does
        THREE, captures, "numpy", training={"niceness": 0}))


def test_three_classes_are_taught_from_the_screen(person):
    lesson.prepare(person)
    widgets = person.do("widgets")["widgets"]
    assert [widget["keys"] for widget in widgets
            if not all(widget["bound"]) or not all(widget["existing"])] == []
    before = person.value(f"{CLASSIFIER}.modelStatus")
    seconds = lesson.teach(person, THREE.classes, trains=4)
    person.until(f"{TRAINER}.verdict", lambda text: text == "separable")
    person.until(f"{CLASSIFIER}.armed", bool)
    found = lesson.summary(person, THREE.classes, seconds)
    assert found["accuracy_held_out"] > 0.9 and found["trains"] > 20
    taught = person.value(f"{TRAINER}.armedModelId")
    person.until(f"{CLASSIFIER}.modelStatus", lambda text: taught in text)
    for state, name in enumerate(THREE.classes):
        lesson.bring(person, state, name)
        person.until(f"{CLASSIFIER}.sampleState",
                     lambda now, name=name: now == name)
        # what was named as permitting permits, nothing else
        person.until(f"{CLASSIFIER}.permitReason",
                     lambda text, state=state: (text == ALL_HOLD) is (
                         state == 0))
    lesson.press(person, "previous", "previous: done")
    person.until(f"{CLASSIFIER}.modelStatus", lambda text: text == before)
