"""Processes are stopped by pid, and only ours."""
import signal
import sys

import pytest

from spectra_lab.processes import (
    ManagedProcess,
    start_time,
    stop_all,
    wait_until,
)

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); "
           "time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; "
            "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            "print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def started(tmp_path):
    processes = []

    def start(command, name="sleeper"):
        process = ManagedProcess(name, command, tmp_path).start()
        processes.append(process)
        assert wait_until(lambda: "up" in process.log_tail(), 10)
        return process

    yield start
    for process in processes:
        process.kill()


def test_stop_ends_it_and_removes_the_pid_file(started):
    process = started(SLEEPER)
    assert process.running and process.pid_file.exists()
    assert process.stop()
    assert not process.running and not process.pid_file.exists()
    assert start_time(process.pid) is None


def test_stop_kills_what_ignores_sigterm(started):
    process = started(STUBBORN)
    assert not process.stop(timeout=0.3)
    assert not process.running


def test_a_paused_process_is_stopped(started):
    process = started(SLEEPER)
    process.pause()
    assert process.running
    assert process.stop()


def test_stop_all_finds_what_a_dead_program_left(started, tmp_path):
    one, two = started(SLEEPER, "one"), started(SLEEPER, "two")
    assert sorted(stop_all(tmp_path)) == ["one", "two"]
    assert not one.running and not two.running
    assert not list(tmp_path.glob("*.pid"))


def test_a_pid_of_somebody_else_is_not_signalled(started, tmp_path):
    process = started(SLEEPER)
    recycled = tmp_path / "old.pid"
    recycled.write_text(f"{process.pid} 1\n")
    ManagedProcess.from_pid_file(recycled).stop()
    assert process.running


def test_the_log_is_the_error_of_a_process_that_ended(tmp_path):
    process = ManagedProcess(
        "failing", [sys.executable, "-c", "raise SystemExit('no luck')"],
        tmp_path).start()
    assert wait_until(lambda: not process.running, 10)
    with pytest.raises(RuntimeError, match="no luck"):
        process.require_running()
    process.stop()


def test_it_can_be_started_again(started):
    process = started(SLEEPER)
    first = process.pid
    process.signal(signal.SIGKILL)
    assert wait_until(lambda: not process.running, 10)
    process.start()
    assert process.running and process.pid != first
    with pytest.raises(RuntimeError, match="running already"):
        process.start()


def test_a_name_with_slashes_is_one_file(tmp_path):
    process = ManagedProcess("a/b/c", SLEEPER, tmp_path)
    assert process.pid_file == tmp_path / "a_b_c.pid"
