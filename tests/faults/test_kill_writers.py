"""SIGKILL at random moments: what is read afterwards is whole, or absent."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.writers import WRITERS

pytestmark = pytest.mark.xdist_group("files")   # no broker
ROUNDS = 12
# A writer that is killed again and again, in a process without threads, so
# that it may fork: the child writes without end, the parent waits a random
# time, kills it with SIGKILL and looks at what is there.
PROGRAM = """
import json, os, random, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.faults.writers import WRITERS
write, check, pattern = WRITERS[sys.argv[2]]
folder = Path(sys.argv[3])
random.seed(int(sys.argv[4]))
write(folder, 0)                                    # compiled, imported
begin = time.monotonic()
write(folder, 1)
once = time.monotonic() - begin
whole = wrong = 0
problems = []
for number in range(int(sys.argv[5])):
    child = os.fork()
    if not child:
        try:
            for turn in range(2, 10000):
                write(folder, turn)
        finally:
            os._exit(1)
    time.sleep(random.uniform(0.2, 3.2) * once)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        problems.append("the writer has ended by itself")
    for path in sorted(folder.glob(pattern)):
        try:
            check(path)
            whole += 1
        except Exception as error:
            problems.append(f"{path.name}: {type(error).__name__}: {error}")
print(json.dumps({"whole": whole, "problems": problems}))
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("what", sorted(WRITERS))
def test_nothing_half_written_is_ever_read(what, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, ROOT, what, tmp_path, "5",
         str(ROUNDS)], text=True, capture_output=True, timeout=100)
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["problems"] == []
    assert found["whole"] >= ROUNDS
