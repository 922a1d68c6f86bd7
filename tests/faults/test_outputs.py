"""Every output of every command: whole, old or new, whatever happens."""
import json
import subprocess
import sys
from pathlib import Path

import outputs
import pytest

pytestmark = pytest.mark.xdist_group("files")   # no broker
PROGRAM = Path(outputs.__file__)
#: one for each command and way of writing; the benchmark takes all
CASES = ("train --report", "evaluate --report", "classify --plot",
         "convert .h5", "simulate .npz", "explore --write", "scan")


def test_every_path_of_a_command_is_known_to_be_read_or_written():
    written = set()
    for command, names in outputs.paths_of_commands().items():
        assert names <= outputs.READ | outputs.WRITTEN, command
        written |= {(command, name) for name in names & outputs.WRITTEN}
    options = {"output": "-o", "report_file": "--report",
               "plot": "--plot", "write": "--write"}
    disturbed = {(case.split()[0], name)
                 for case, (words, _) in outputs.cases(*[""] * 5).items()
                 for name, option in options.items() if option in words}
    assert disturbed == written


def test_disturbed_outputs_are_whole():
    """In a process without threads, which may fork."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM, "--times", "1",
         "--only", *CASES], text=True, capture_output=True, timeout=500)
    report = json.loads(run.stdout)
    assert report["problems"] == []
    assert set(report["tries"].values()) == {len(CASES)}
    assert run.returncode == 0
