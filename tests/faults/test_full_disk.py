"""A disk that is full: the error says so, what was there stays whole."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.writers import WRITERS

pytestmark = pytest.mark.xdist_group("files")   # no broker
ROOT = Path(__file__).resolve().parents[2]
# A file is written; then the disk is filled, and it is written once more.
PROGRAM = """
import os, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.faults.writers import WRITERS
from spectra_classifier.errors import SpectraError
write, _, pattern = WRITERS[sys.argv[2]]
folder = Path(sys.argv[3])
write(folder, 0)
subprocess.run(sys.argv[4:], check=True)
filler = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
try:
    while os.write(filler, bytes(4096)):
        pass
except OSError as error:
    assert error.errno == 28, error
try:
    write(folder, 3)
except (OSError, SpectraError) as error:
    print("said:", error, flush=True)
"""
# a file system of 8 MB that nobody else sees, and what is in it at the end
SMALL = """
mount -t tmpfs -o size=8m tmpfs "$0" || exit 9
look="sh -c 'echo looked; find $0 -type f ! -name filler -exec sha256sum {} +'"
eval '"$@"' "$look"; status=$?
eval "$look"
exit $status
"""
UNSHARE = ["unshare", "--mount"] + (
    [] if os.getuid() == 0 else ["--user", "--map-root-user"])


def on_small_disk(folder, *command):
    """Run a command, with one to look at the disk as last arguments."""
    return subprocess.run(
        [*UNSHARE, "sh", "-c", SMALL, folder, *command], text=True,
        capture_output=True, timeout=60)


def can_mount():
    try:
        return on_small_disk("/mnt", "true").returncode == 0
    except FileNotFoundError:
        return False


# a real full disk needs a kernel that lets us mount one; the audit appends to
# its file, its own tests say what a full disk does to that
WHAT = sorted(WRITERS.keys() - {"audit"}) if can_mount() else []


@pytest.mark.parametrize("what", WHAT)
def test_what_cannot_be_written_leaves_the_old_one(what, tmp_path):
    run = on_small_disk(tmp_path, sys.executable, "-c", PROGRAM, ROOT, what,
                        tmp_path)
    _, before, after = run.stdout.split("looked\n")
    before, said, rest = before.partition("said:")
    left = set(after.splitlines()) - set(before.splitlines())
    assert before and not set(before.splitlines()) - set(after.splitlines())
    assert run.returncode == 0, run.stderr[-2000:]
    assert said and "pace" in rest, rest
    assert not left
