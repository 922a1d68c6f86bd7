"""How things are said."""
import json
import math

import numpy as np

from spectra_classifier.cli import console
from spectra_classifier.core.spectra import Axis


def test_json_takes_numpy_and_knows_no_nan(capsys):
    console.print_json({"a": np.float32(0.5), "b": np.arange(2),
                        "c": (math.nan, np.inf), 3: None})
    assert json.loads(capsys.readouterr().out) == {
        "a": 0.5, "b": [0, 1], "c": [None, None], "3": None}


def test_names_are_no_markup(capsys):
    console.print_table("[t]", [("[Mg0.2,Fe0.8]", "left")], [("[red]x",)])
    console.print_facts("[t]", [("[dim]", "[b]y[/b]")])
    out = capsys.readouterr().out
    for word in "[Mg0.2,Fe0.8]", "[red]x", "[b]y[/b]", "[dim]":
        assert word in out


def test_shares():
    assert console.percent(0.1234) == "12.3%"
    assert console.percent(None) == console.percent(math.nan) == "unknown"


def test_axes_in_words():
    x = np.array([1., 2., 4.])
    assert console.axis_words(Axis(x, "energy", "eV")) == (
        "1 to 4 eV (energy)")
    assert console.axis_words(Axis(x, "unknown", "unknown")) == (
        "1 to 4, quantity not stated")
    assert console.axis_words(Axis.channels(3)) == "0 to 2 (channel numbers)"


def test_progress_draws_nothing_into_a_log(capsys):
    with console.progress("Work") as update:
        update(1, 2, "half")
    captured = capsys.readouterr()
    assert captured.out == captured.err.strip() == ""


def test_no_number_of_a_table_is_cut_short(capsys):
    console.print_table("", [(str(n), "right") for n in range(40)],
                [[1000 + n for n in range(40)]])
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert all(str(1000 + n) in shown for n in range(40))


def test_escapes_of_names_are_shown_not_obeyed(capsys):
    console.print_table("", [("a", "left")], [["\x1b[31mred"]])
    console.print_facts("", [("b", "\x1b]0;title\x07")])
    console.say("\x1b[2J\ud800")
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert "\\x1b[31mred" in shown.out
