"""The two commands leave nothing running, whatever ends them."""
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spectra_lab.processes import start_time, wait_until

ROOT = Path(__file__).resolve().parents[2]
# what a demo does, in small: starts a process of its own, then waits
PROGRAM = """
import shutil, sys, time
from spectra_lab.processes import ManagedProcess
p = ManagedProcess("orphan", [sys.executable, "-c",
                   "import time; time.sleep(60)"], sys.argv[1]).start()
print("orphan", p.pid, flush=True)
if sys.argv[2] == "fail":
    sys.exit(3)
if sys.argv[2] == "lose":
    shutil.rmtree(sys.argv[1])
if sys.argv[2] != "wait":
    sys.exit(0)
time.sleep(60)
"""
SCRIPT = """
set -u
root=$1
. "$2/scripts/lib/common.sh"
make_lab test
echo "lab $lab"
run "$root/.venv/bin/python" "$1/program.py" "$lab" "$3"
"""


@pytest.fixture
def script(tmp_path):
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / "program.py").write_text(PROGRAM)
    running = []

    def start(way):
        process = subprocess.Popen(
            ["bash", "-c", SCRIPT, "test", tmp_path, ROOT, way],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
            # a suite in the background, or under nohup, ignores them
            preexec_fn=lambda: [signal.signal(one, signal.SIG_DFL) for one in (
                signal.SIGINT, signal.SIGHUP)])
        running.append(process)
        lab = Path(process.stdout.readline().split()[1])
        return process, lab, int(process.stdout.readline().split()[1])

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_ends_everything(script, number):
    process, lab, orphan = script("wait")
    assert start_time(orphan)
    # as the terminal does: to the whole foreground group
    os.killpg(process.pid, number)
    assert process.wait(40) == 130
    assert wait_until(lambda: start_time(orphan) is None, 5)
    assert not lab.exists()


def test_a_failure_ends_everything_and_keeps_the_logs(script):
    process, lab, orphan = script("fail")
    _, said = process.communicate(timeout=40)
    assert process.returncode == 3
    assert start_time(orphan) is None
    kept = Path(said.split()[-1])
    assert (kept / "orphan.log").exists() and not lab.exists()


def test_the_logs_of_the_last_failures_are_kept(script, tmp_path):
    kept = tmp_path / ".lab" / "kept"
    for number in range(7):
        (kept / f"20260101-00000{number}-test.x").mkdir(parents=True)
    process, _, _ = script("fail")
    process.communicate(timeout=40)
    names = sorted(path.name for path in kept.iterdir())
    assert len(names) == 5
    assert names[0] == "20260101-000003-test.x"


def test_a_folder_that_was_taken_away_is_a_failure_that_says_so(script):
    process, lab, orphan = script("lose")
    _, said = process.communicate(timeout=40)
    assert process.returncode == 1
    assert f"{lab} was removed" in said
    os.kill(orphan, signal.SIGKILL)     # nobody can know it any more


def test_success_leaves_nothing(script):
    process, lab, orphan = script("end")
    assert process.wait(40) == 0
    assert start_time(orphan) is None
    assert not lab.exists()


def test_the_shell_understands_the_scripts(subtests):
    for name in ("demo.sh", "test.sh", "rehearse.sh", "practice.sh",
                 "lib/common.sh", "lib/install.sh"):
        with subtests.test(name=name):
            subprocess.run(["bash", "-n", ROOT / "scripts" / name], check=True)


@pytest.mark.parametrize("name", ["demo.sh", "rehearse.sh"])
def test_help_needs_no_installation(name):
    text = subprocess.run(
        ["bash", ROOT / "scripts" / name, "--help"], check=True, text=True,
        capture_output=True, env={"PATH": os.environ["PATH"]}).stdout
    assert "--seconds N" in text
