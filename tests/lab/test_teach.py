"""The lesson: what it may be asked for, and the sample it is given on."""
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from spectra_lab.teach.options import Options, parse
from spectra_lab.teach.sample import HOLD, MIXING, Sample
from spectra_lab.teach.screen import render


def test_defaults_are_those_of_the_promise(tmp_path):
    options = parse(["--lab", str(tmp_path)])
    assert options == Options(tmp_path)
    assert (options.pulses, options.trains, options.cycles) == (2700, 10, 2)


@pytest.mark.parametrize("words", [
    ["--trains", "2"], ["--pulses-per-train", "2721"], ["--cycles", "0"],
    ["--scenario", "nothing"], ["--preset", "kind"]])
def test_what_cannot_be_taught_is_refused(tmp_path, words, capsys):
    with pytest.raises(SystemExit):
        parse(["--lab", str(tmp_path), *words])
    assert words[0] in capsys.readouterr().err


def test_the_twin_knows_the_spectra_that_were_sent():
    sample = Sample("easy", "ramp3", 5)
    assert len(sample.classes) == 3
    assert sample.twin.timeline.segment == HOLD + MIXING
    truth = SimpleNamespace(train_id=sample.twin.first_train + 3,
                            label=np.zeros(5))
    assert sample.spectra(truth).shape == (5, 1280)
    assert sample.axis_settings()["axis.first"] == sample.twin.axis.values[0]
    assert sample.configuration()["heldState"] == 0


def test_the_screen_shows_both_devices():
    def said(**values):
        return SimpleNamespace(**{
            name: SimpleNamespace(value=value)
            for name, value in values.items()})

    console = Console(width=120, record=True)
    console.print(render("train", said(
        timeLeft=4., progress=0.5, activity="step 2 of 5", guidance="wait"),
        said(sampleState="solid", modelId="old-1", trainsReceived=30,
             trainsLost=0)))
    text = console.export_text()
    assert all(words in text for words in (
        "4 s left", "step 2 of 5", "wait", "solid, old-1, 30 trains, 0 lost"))
