"""The meter of benchmarks/live.py."""
import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spectra_lab.processes import wait_until

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
#: a script that starts a busy program and waits for it
BUSY = ("import subprocess, sys; subprocess.run([sys.executable, '-c', "
        "'while True: pass'])")


@pytest.fixture(name="live_meter")
def _live_meter(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("live_meter")


def test_children_of_a_session_count(live_meter):
    parent = subprocess.Popen([sys.executable, "-c", BUSY],
                              start_new_session=True)
    try:
        # more than starting the parent alone may take
        assert wait_until(lambda: live_meter.session_seconds(
            [parent.pid])[0] > 1., 60)
    finally:
        os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()


def test_the_report_leaves_out_what_settles(live_meter):
    meter = live_meter.Meter({"a": 1, "b": 2}, "a", settling=2)
    meter._rows = [(1., 500., 0., 0., 0.), (2., 100., 10., 1., 2.),
                   (62., 101., 80., 31., 8.), (122., 102., 160., 61., 14.)]
    report = meter.report()
    assert (report["rss_mb_first"], report["rss_mb_last"]) == (100., 102.)
    assert report["rss_mb_quarters"] == [100., 101., 102.]
    assert report["rss_mb_per_minute"] == pytest.approx(1.)
    assert report["cores"] == pytest.approx(
        {"a": .5, "b": .1, "everything else": .65})


def test_pid_files_name_the_processes(live_meter, tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log/demoSource.pid").write_text("71 12345\n")
    assert live_meter.processes_below(tmp_path) == {"demoSource": 71}
