"""The two tutorials at the GUI, step by step, on the practice beamline."""
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spectra_classifier.devices.classifier_base.scene_parts import ALL_HOLD
from spectra_lab.gui import lesson
from spectra_lab.gui.lesson import TRAINER
from spectra_lab.gui.person import Person
from spectra_lab.gui.plant import (
    CLASSIFIER,
    DOMAIN,
    GUARD,
    MANAGER,
    SHUTTER,
    SOURCE,
)

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"
LOW, HIGH = "low pressure", "high pressure"
#: rows of the table that the page asks for: name, first, step
ROW = re.compile(r"^\| (pumped|unpumped) \| (\d) \| (\d) \|", re.MULTILINE)


@pytest.fixture
def practice(gui_environment, tmp_path):
    """Function (options) -> a person at the project that it has started."""
    open_now = []

    def begin(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "spectra_lab.gui.practice", "--lab",
             tmp_path / "lab", "--engine", "numpy", "--pulses", "60",
             *options], stdout=subprocess.PIPE, text=True)
        open_now.append(process)
        for line in process.stdout:
            if line.startswith("ready"):
                break
        port, uuid = re.search(r"port (\d+); .*\((\S+)\)", line).groups()
        person = Person(gui_environment, int(port), tmp_path / "home")
        open_now.append(person)
        person.do("await", device=MANAGER)
        person.do("open_project", domain=DOMAIN, uuid=uuid)
        person.do("start_project")
        return person

    yield begin
    process, *people = open_now
    for person in people:
        person.__exit__(None, None, None)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0 and said.endswith("stopped\n")


def shutter_is(person, open_):
    end = time.monotonic() + 60
    while person.do("property", device=SHUTTER, path="isOpen")[
            "value"] is not open_:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_from_beam_to_permit(practice):
    person = practice()
    lesson.prepare(person)
    person.do("open", device=GUARD, scene="overview")
    # its training has the lowest priority, and this machine may be busy
    person.do("configure", device=TRAINER, values={"training.niceness": 0})
    lesson.teach(person, (LOW, HIGH), trains=4)
    person.until(f"{TRAINER}.verdict", lambda text: text == "separable")
    person.until(f"{CLASSIFIER}.armed", bool)
    lesson.bring(person, 0, LOW)
    person.until(f"{CLASSIFIER}.permitReason", ALL_HOLD.__eq__)
    person.do("press", key=f"{GUARD}.enable")
    shutter_is(person, True)
    # the sample changes: the permit goes, the shutter closes and stays so
    lesson.bring(person, 1, HIGH)
    person.until(f"{CLASSIFIER}.sampleState", lambda now: now == HIGH)
    person.until(f"{CLASSIFIER}.permitReason",
                 lambda text: "does not permit" in text)
    shutter_is(person, False)
    person.until(f"{GUARD}.reason", lambda text: "latched" in text)
    lesson.bring(person, 0, LOW)
    person.until(f"{CLASSIFIER}.permitReason", ALL_HOLD.__eq__)
    assert person.do("property", device=SHUTTER, path="isOpen")[
        "value"] is False
    person.do("press", key=f"{GUARD}.acknowledge")
    shutter_is(person, True)


def test_a_night_with_pumped_and_unpumped_pulses(practice):
    page = (TUTORIALS / "pumped-and-unpumped.md").read_text()
    rows = [{"name": name, "first": int(first), "step": int(step),
             "count": 0, "required": True, "kind": "pulse id"}
            for name, first, step in ROW.findall(page)]
    assert len(rows) == 2
    person = practice("--pumped")
    person.do("open", device=SOURCE, scene="overview")
    person.do("open", device=CLASSIFIER, scene="overview")
    person.until(f"{CLASSIFIER}.modelStatus",
                 lambda text: "live" in str(text), 180.)
    person.do("press", key=f"{SOURCE}.start")
    # with all pulses together no state is decided while the laser is on
    person.until(f"{CLASSIFIER}.sampleState", lambda now: now == "unknown")
    person.do("configure", device=CLASSIFIER,
              values={"decision.pulsePatterns": rows})

    def states():
        table = person.do("property", device=CLASSIFIER,
                          path="decision.patternStates")["value"]
        return {row["name"]: row["sampleState"] for row in table}

    seen = set()
    end = time.monotonic() + 120
    while len(seen) < 2:
        found = states()
        if set(found) == {"pumped", "unpumped"}:
            assert found["unpumped"] in (LOW, "unknown")
            if found["unpumped"] == LOW and found["pumped"] != "unknown":
                seen.add(found["pumped"])
        assert time.monotonic() < end, found
        time.sleep(0.1)
    assert seen == {LOW, HIGH}
