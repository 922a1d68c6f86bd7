"""The screens in the real Karabo GUI, with its server, on live devices.

The tests follow each other as a shift does: one project, one source.
"""
import re
import subprocess
import sys
import time

import pytest

from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.spectra_classifier.scenes import SCENES
from spectra_lab.gui.__main__ import FILES, run_up
from spectra_lab.gui.plant import CLASSIFIER, DOMAIN, GUARD, SHUTTER, SOURCE

SCENE_DEVICES = {CLASSIFIER: tuple(SCENES), SOURCE: ("overview",),
                 GUARD: ("overview",)}
PICTURES = ("trend", "spectrum", "difference", "pulseMap", "votes",
            "separability")


def test_a_project_starts_everything(desk):
    assert desk.project["servers"] == {
        "demoSource": [SOURCE], "demoClassifier": [CLASSIFIER],
        "demoShutter": [SHUTTER], "demoGuard": [GUARD]}
    assert set(desk.project["scenes"]) == {
        f"{device}|{scene}" for device, scenes in SCENE_DEVICES.items()
        for scene in scenes}
    assert set(FILES) == set(SCENE_DEVICES)     # pictures for the docs
    assert "WaitForSampleState" in desk.project["macros"]
    online = desk.person.do("topology")["devices"]
    assert {SOURCE, CLASSIFIER, SHUTTER, GUARD} <= set(online)


@pytest.mark.parametrize("domain, words", [
    (DOMAIN, "has a project 'spectra_classifier' already"),
    ("NOWHERE", f"has no domain 'NOWHERE': it has {DOMAIN}")])
def test_nothing_in_the_database_is_changed(desk, domain, words):
    again = subprocess.run(
        [
            sys.executable,
            "-m",
            "spectra_classifier.devices.tools.project_import",
            str(desk.init),
            "--domain",
            domain,
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert again.returncode == 1
    assert words in again.stderr


def test_buttons_act_on_the_live_devices(desk):
    run_up(desk.person)     # presses start, then arm
    assert desk.person.value(f"{CLASSIFIER}.armed") is True
    desk.person.do("press", key=f"{CLASSIFIER}.disarm")
    desk.person.until(f"{CLASSIFIER}.armed", lambda armed: armed is False)
    desk.person.do("press", key=f"{CLASSIFIER}.arm")
    desk.person.until(f"{CLASSIFIER}.armed", lambda armed: armed is True)


@pytest.mark.parametrize(
    "device, scene", [(device, scene) for device, scenes
                      in SCENE_DEVICES.items() for scene in scenes])
def test_every_scene_opens(desk, device, scene):
    desk.person.do("open", device=device, scene=scene)


def test_every_widget_is_bound_to_a_property(desk):
    end = time.monotonic() + 60     # schemas arrive after a scene is open
    while True:
        widgets = desk.person.do("widgets")["widgets"]
        unbound = [widget["keys"] for widget in widgets
                   if not all(widget["bound"]) or not all(widget["existing"])]
        if not unbound or time.monotonic() > end:
            break
        time.sleep(0.2)
    assert unbound == []
    assert len(widgets) > 180
    assert {device for widget in widgets for key in widget["keys"]
            for device in [key.split(".")[0]]} == set(SCENE_DEVICES)


def test_numbers_and_pictures_move(desk):
    person = desk.person
    seen = int(person.value(f"{CLASSIFIER}.trainsReceived"))
    person.until(f"{CLASSIFIER}.trainsReceived", lambda n: int(n) > seen + 5)
    widgets = {key: widget for widget in person.do("widgets")["widgets"]
               for key in widget["keys"]}
    for name in PICTURES:
        key = next(key for key in widgets if ".screens." in key
                   and key.endswith(f".data.{name}"))
        # that of the bins moves when a bin is switched
        first = person.until(key, bool)
        if name != "separability":
            person.until(key, lambda now, first=first: now != first)


def test_a_macro_of_the_project_runs(desk):
    person = desk.person
    macro = person.do("start_macro", macro_name="WaitForSampleState")["id"]
    person.do("configure", device=macro, values={
        "classifierId": CLASSIFIER, "sampleState": "low pressure",
        "trains": 3, "timeout": 60.})
    person.do("execute", device=macro, slot="wait")

    def said():
        return person.do("property", device=macro, path="result")["value"]

    end = time.monotonic() + 60
    # properties follow the trains once a second
    while not re.match(r"'low pressure' for \d+ trains", said()):
        assert time.monotonic() < end, said()
        time.sleep(0.2)
    person.do("shutdown", device=macro)


def test_a_button_in_the_table_switches_a_bin(desk):
    person = desk.person
    person.do("open", device=CLASSIFIER, scene="bins")
    picture = f"{CLASSIFIER}.screens.bins.schema.data.separability"
    before = person.until(picture, bool)
    assert person.value(f"{CLASSIFIER}.selectedBins") in ([], None)
    person.do("row_button", key=f"{CLASSIFIER}.model.bins",
              row=3, column="switch")
    person.until(f"{CLASSIFIER}.selectedBins",
                 lambda chosen: chosen and 3 not in chosen)
    # what the permit rests on has changed
    person.until(f"{CLASSIFIER}.armed", lambda armed: armed is False)
    person.until(picture, lambda now: now != before)
    person.do("row_button", key=f"{CLASSIFIER}.model.bins",
              row=3, column="switch")
    person.until(f"{CLASSIFIER}.selectedBins", lambda chosen: not chosen)


def test_a_field_sets_a_property(desk):
    person = desk.person
    person.do("open", device=CLASSIFIER, scene="explain")
    person.do("edit", key=f"{CLASSIFIER}.screens.previewPulse", value=7)
    person.until(f"{CLASSIFIER}.preview.schema.data.pulse",
                 lambda pulse: int(pulse) >= 7)
    person.do("edit", key=f"{CLASSIFIER}.screens.previewChoice",
              value="leastConfident")
    reason = person.until(f"{CLASSIFIER}.preview.schema.data.reason",
                          lambda text: "Pulse" in str(text))
    assert "of train" in reason


def test_a_dark_of_a_spectrum_is_refused(desk):
    person = desk.person
    person.do("open", device=CLASSIFIER, scene="diagnostics")
    person.do("press", key=f"{CLASSIFIER}.captureDark")
    said = person.until(f"{CLASSIFIER}.dark.status",
                        lambda text: "refused" in str(text))
    assert "is the shutter closed?" in said


def test_a_dark_without_light_comes_into_force(desk):
    person = desk.person
    person.do("open", device=SOURCE, scene="overview")
    person.do("edit", key=f"{SOURCE}.light", value=False)
    # what still waits in the queues was lit
    person.until(f"{CLASSIFIER}.preview.schema.data.label",
                 lambda label: int(label) == Code.LOW_INTENSITY)
    person.do("press", key=f"{CLASSIFIER}.captureDark")
    person.until(f"{CLASSIFIER}.dark.status",
                 lambda text: "captured from" in str(text))
    assert 0 <= float(person.value(f"{CLASSIFIER}.dark.age")) < 60
    person.do("edit", key=f"{SOURCE}.light", value=True)


def test_from_a_class_and_back(desk):
    person = desk.person
    made = person.do("instantiate", server="demoShutter",
                     classId="SimulatedShutter", device="SPB/SHUTTER/2",
                     configuration={"holdTime": 2.5})
    assert made["properties"] > 5
    assert person.do("property", device="SPB/SHUTTER/2",
                     path="holdTime")["value"] == 2.5
    person.do("shutdown", device="SPB/SHUTTER/2")


def test_the_scene_of_a_collector(desk):
    person, device = desk.person, "SPB/COLLECTOR/1"
    person.do("instantiate", server="demoShutter",
              classId="SpectraCollector", device=device, configuration={})
    person.do("open", device=device, scene="overview")
    person.until(f"{device}.deviceId", lambda shown: shown == device)
    own = [widget for widget in person.do("widgets")["widgets"]
           if any(key.startswith(f"{device}.") for key in widget["keys"])]
    assert len(own) > 10
    assert [widget["keys"] for widget in own
            if not all(widget["bound"]) or not all(widget["existing"])] == []
    person.do("shutdown", device=device)


def test_everything_shuts_down(desk):
    for device in GUARD, CLASSIFIER, SOURCE, SHUTTER:
        desk.person.do("shutdown", device=device)
    online = desk.person.do("topology")["devices"]
    assert not {SOURCE, CLASSIFIER, SHUTTER, GUARD} & set(online)
