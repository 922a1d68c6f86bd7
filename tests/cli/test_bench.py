import importlib
import json
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from spectra_classifier.cli.benchmark import clock, workload
from spectra_classifier.cli.benchmark.mismatches import count_mismatches
from spectra_classifier.cli.main import app
from spectra_classifier.core.engine.thresholds.compile import compile_members
from spectra_classifier.core.engine.thresholds.kernel_layouts import (
    as_intervals,
    as_words,
)
from spectra_classifier.core.model_definition import Baseline

KEYS = {"case", "pulses", "channels", "dtype", "threads", "cpu_ms_per_train",
        "wall_ms_per_train", "spectra_per_second", "ratio_to"}
ENGINE = Path(__file__).parents[2] / "benchmarks/engine"
RUN = {"title": "a run", "pulses_per_train": 3, "channels": 320,
       "dtype": "uint16", "megabytes_per_train": .1, "baseline": "reduced",
       "lam": 1e5, "knot_step": 8, "members": "linear", "seconds": 20.,
       "trains_received": 200, "rate_hz": 10., "trains_lost": 0,
       "pulses_skipped": 0, "pulses_unaccounted": 0,
       **{f"{key}_{part}": value for key in (
           "entry_to_codes_ms", "source_to_receiver_ms")
          for part, value in (("p50", 1.), ("p99", 2.), ("max", 3.))},
       "rss_mb_first": 1., "rss_mb_last": 1., "rss_mb_per_minute": 0.,
       "cores": {"classifier": .5}}
ERROR = {"lam": 1e5, "p": .01, "width": 4., "height": 400., "knot_step": 8,
         "knots_sigma": .3, "ten_sigma": .3, "unsettled_sigma": 0.}
START = {"device_s": 2., "device_cpu_s": 1., "processing_s": 3.,
         "processing_cpu_s": 2.5, "first_classified_s": 3.25,
         "compiled_s": 40., "trains_until_compiled": 300,
         "share_examined_until_compiled": .06, "trains_received": 360,
         "trains_skipped": 7, "trains_lost": 0, "trains_missing_in_between": 0,
         "labels_unlike_the_reference": 0, "pulses_examined": 50_000}
STARTS = {"pulses": 2700, "cores": 2, "load": 1., "cold": START,
          "warm": [START | {"trains_until_compiled": 0}],
          "bare": [{"device_s": 1.6, "device_cpu_s": .8}],
          "ratio_to_bare": 1.25, "cpu_ratio_to_bare": 1.25}
PROFILE = {"channels": 320, "pulses_per_train": 3, "cores": .12,
           "samples": 900, "ms_per_train": {"engine": 9., "socket": 3.}}
MEMORY = {"channels": 320, "pulses_per_train": 3,
          "steps": [["Python", 14., 14.], ["numpy", 15., 29.]]}
PEERS = {"pulses_per_train": 3, "seconds": 30., "turns": {
    "classifier": [{"cpu_ms": 20., "p50": 20., "p99": 40., "lost": 0}] * 3,
    "another": [{"cpu_ms": cpu, "p50": 8., "p99": p99, "lost": lost}
                for cpu, p99, lost in (
                    (10., 30., 0), (16., 40., 1), (15., 24., 0))]}}


@pytest.fixture(scope="module")
def cases():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "TURN", 0.)
        result = CliRunner().invoke(
            app, ["bench", "--json", "--quick", "--no-compile"],
            catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_every_case_has_its_keys(cases):
    assert {case["case"] for case in cases} == {
        "thresholds", "als_exact", "als_reduced", "end_to_end", "stages",
        "growth"}
    for case in cases:
        assert set(case) >= KEYS
        assert case["cpu_ms_per_train"] > 0
        if case["case"].startswith("als"):
            assert {"lam", "knot_step", "max_error", "max_error_sigma"} <= set(
                case)
        if case["case"] == "thresholds":
            assert case["points_checked"] >= 20_000
        if case["case"] in ("thresholds", "end_to_end"):
            assert case["mismatches"] == 0


def test_the_page_tells_every_case(cases, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ENGINE))
    report = importlib.import_module("report")
    report.write(cases, tmp_path, [RUN], [ERROR, ERROR | {"height": 40.}],
                 {"cold_start": STARTS, "profile": PROFILE, "memory": MEMORY,
                  "peers": PEERS})
    page = (tmp_path / "benchmarks.md").read_text()
    for heading in "Baselines", "End to end", "Error of the knots", "Live", (
            "Starts"):
        assert f"## {heading}\n" in page
    assert "| entry to codes, ms, p50 / p99 / max | 1.0 / 2.0 / 3.0 |" in page
    assert "| pulses examined until then | 6% | - |  |" in page
    assert "| engine | 9.00 | 75% |" in page
    assert "| numpy | 15 | 29 |" in page
    assert ("| another | 15.0 | 0.75 (0.50 to 0.80) | 8.0 / 30.0 "
            "| 0.75 (0.60 to 1.00) | 0, 1, 0 |") in page
    assert "| pulses | a | 2: " in page
    assert (tmp_path / "figures/growth.png").stat().st_size > 1000


def test_turns_repeat_what_is_short(monkeypatch):
    monkeypatch.setattr(clock, "TURN", 0.01)
    calls = []

    def long():
        calls.append("b")
        time.sleep(0.02)

    times = clock.take_turns([lambda: calls.append("a"), long], 3)
    turns = "".join(calls)
    assert turns == "ab" + ("a" * clock.MOST + "b") * 4
    assert all(len(part.cpu) == len(part.wall) == 3 for part in times)
    assert times[0].wall.max() < times[1].wall.min()


def test_ratios_are_of_pairs():
    slow = clock.Times(np.array([4., 6., 8.]), np.ones(3))
    fast = clock.Times(np.array([2., 2., 2.]), np.ones(3))
    assert clock.ratio(slow, fast, 10) == (30., 20., 40.)


def test_gains_of_wall_time_are_of_pairs():
    slow = clock.Times(np.ones(3), np.array([2., 6., 8.]))
    fast = clock.Times(np.ones(3), np.array([1., 2., 2.]))
    assert clock.faster(slow, fast) == pytest.approx((3., 2.1, 3.9))


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_the_check_finds_a_step_that_is_one_off(dtype):
    model = workload.model(320, Baseline("none"))
    table = compile_members(model.members, model.axis.values, model.bins)
    dark = workload.dark(320)
    raw = workload.counts(8, 320, dark)
    floats = as_intervals(table, 320)
    rows, layout = {"uint16": (raw, as_words(floats, dark)),
                    "float32": (raw - dark, floats)}[dtype]
    assert count_mismatches(model, table, {dtype: (rows, layout)}, dark,
                            10_000)[dtype][0] == 0
    real = np.flatnonzero((layout.low > 0) & (layout.low < 60000))[0]
    if dtype == "uint16":
        layout.low[real] += 1
        layout.bound[real] -= 1
    else:
        layout.low[real] = np.nextafter(layout.low[real], np.float32(np.inf))
    wrong, points = count_mismatches(model, table, {dtype: (rows, layout)},
                                     dark, 10_000)[dtype]
    assert wrong >= 1
    assert points >= 10_000
