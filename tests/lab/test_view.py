"""The picture says what the snapshot says."""
from io import StringIO

from rich.console import Console

from spectra_lab.demo.screen import save_picture
from spectra_lab.demo.view import HISTORY, Snapshot, bars, render


def shown(shot):
    console = Console(file=StringIO(), width=100)
    console.print(render(shot))
    return console.file.getvalue()


def test_state_permit_reason_and_shutter_are_there():
    text = shown(Snapshot(
        title="demo", classes=("low", "high"), sample_state="high",
        permit=True, reason="all conditions hold", shutter="open",
        trains=12, lost=3, latency=4.56,
        fractions=((1., 0., 0.), None, (0.25, 0.5, 0.25)),
        truth=(0, -1, 1)))
    for word in ("high", "yes", "all conditions hold", "open", "12, 3 lost",
                 "4.6 ms", "50%", "truth"):
        assert word in text


def test_the_bars_of_all_trains_have_room():
    trains = tuple((1., 0., 0.) for _ in range(HISTORY))
    text = shown(Snapshot(classes=("low pressure", "high pressure"),
                          fractions=trains, truth=(0,) * HISTORY))
    assert "█" * HISTORY in text and "▀" * HISTORY in text
    assert "…" not in text


def test_an_empty_snapshot_can_be_drawn():
    assert "unknown" in shown(Snapshot())


def test_a_picture_needs_nothing_from_elsewhere(tmp_path):
    save_picture(Snapshot(sample_state="high"), tmp_path / "p.svg")
    text = (tmp_path / "p.svg").read_text()
    assert text.startswith("<svg") and "high" in text
    assert "font-face" not in text and "url(http" not in text


def test_bars_go_from_empty_to_full_and_mark_a_gap():
    assert bars([0., 1., None], "cyan").plain == " █·"
