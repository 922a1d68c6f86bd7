"""Processes of low priority, as a device starts them."""
import json
import threading
import time

import pytest

from spectra_classifier.errors import InputError
from spectra_classifier.live.jobs import NICE, Cancelled, Job


def job_of(monkeypatch, tmp_path, program):
    """A `Job` that runs a program of the test."""
    (tmp_path / "stand_in.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Job({"result": str(tmp_path / "r.json")}, tmp_path, "test",
               "stand_in")


def test_a_job_can_be_cancelled(monkeypatch, tmp_path):
    job = job_of(monkeypatch, tmp_path, """
import json, time
print(json.dumps({"progress": 0.5, "step": "half"}), flush=True)
time.sleep(60)
""")
    begun = time.monotonic()

    def on_progress(share, step, left):
        threading.Thread(target=job.cancel).start()

    with pytest.raises(Cancelled):
        job.run(on_progress)
    assert time.monotonic() - begun < 30
    with pytest.raises(Cancelled):
        job.run(on_progress)


@pytest.mark.parametrize("program, words", [
    ("import json; print(json.dumps({'error': 'no light'})); exit(2)",
     "no light"), ("raise ValueError('surprise')", "surprise"),
    ("exit(3)", "status 3")])
def test_a_job_that_fails_says_why(monkeypatch, tmp_path, program, words):
    with pytest.raises(InputError, match=words):
        job_of(monkeypatch, tmp_path, program).run(lambda *_: None)


@pytest.mark.parametrize("niceness", [NICE, 3, 19])
def test_the_work_gives_way_as_far_as_asked(monkeypatch, tmp_path, niceness):
    # its priority is set from outside, a moment after its start
    said = f"""
import json, os, sys, time

def seen():
    group = "/proc/self/autogroup"
    text = open(group).read() if os.path.exists(group) else "{niceness}"
    return [os.nice(0), os.getsid(0) == os.getpid(), text.split()[-1]]

end = time.monotonic() + 10
while time.monotonic() < end and (
        seen()[0] < {niceness} or seen()[2] != "{niceness}"):
    time.sleep(0.01)
print(json.dumps({{"error": json.dumps(seen())}}))
sys.exit(2)
"""
    with pytest.raises(InputError) as caught:
        job_of(monkeypatch, tmp_path, said).run(
            lambda *_: None, niceness)
    nice, own_session, group = json.loads(str(caught.value))
    assert nice >= niceness and own_session and group == str(niceness)
