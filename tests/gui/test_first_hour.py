"""From an empty start to an armed model by naming clusters at the GUI."""
import pytest

from spectra_lab.gui import first_hour, lesson
from spectra_lab.gui.lesson import TRAINER
from spectra_lab.gui.plant import CLASSIFIER
from spectra_lab.teach.sample import Sample

SAMPLE = Sample("realistic", "ramp", 60)


@pytest.fixture
def person(at_the_gui):
    """Somebody at the GUI, in front of a sample that goes to and fro."""
    return at_the_gui(
        lesson.OFFERED, lambda captures: first_hour.first_hour_init(
            # it must end whatever else the machine does
            SAMPLE, captures, "numpy", training={"niceness": 0}))


def test_clusters_are_named_and_armed_from_the_screen(person):
    first_hour.prepare(person)
    widgets = person.do("widgets")["widgets"]
    assert [widget["keys"] for widget in widgets
            if not all(widget["bound"]) or not all(widget["existing"])] == []
    seconds = first_hour.teach(person, SAMPLE.classes)
    person.until(f"{CLASSIFIER}.armed", bool)
    found = lesson.summary(person, SAMPLE.classes, seconds)
    assert found["verdict"].startswith("chosen by the data")
    assert found["accuracy_held_out"] > 0.9
    rows = person.value(f"{TRAINER}.captures.current")
    assert len(rows) >= 4 and {row["origin"] for row in rows} == {"clusters"}
    # the slider changes the pictures and says what they show
    picture = f"{TRAINER}.screens.exploration.schema.data.againstTime"
    before, latest = (person.value(key) for key in (
        picture, f"{TRAINER}.exploration.lookedAt"))
    person.do("edit", key=f"{TRAINER}.exploration.lookBack", value=50.)
    person.until(f"{TRAINER}.exploration.lookedAt",
                 lambda words: words and words != latest)
    person.until(picture, lambda shown: shown and shown != before)
    # what was named is what the sample is in
    for state, name in enumerate(SAMPLE.classes):
        lesson.bring(person, state, name)
        person.until(f"{CLASSIFIER}.sampleState",
                     lambda now, name=name: now == name)
