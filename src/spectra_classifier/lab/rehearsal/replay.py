"""Every snapshot once more through the engine: the same codes, exactly."""
import subprocess
import sys
from pathlib import Path

TIMEOUT = 120       # s for one file


def replay_all(folder, problems):
    """{"snapshots", "mismatches"} of the files in `folder`.

    A file whose codes come out differently is a mismatch; one that cannot be
    replayed goes to `problems`, with the reason.
    """
    # beside the interpreter: the program of this very environment
    program = Path(sys.executable).parent / "spectra-classifier"
    files = sorted(path for path in folder.rglob("*")
                   if path.suffix in (".h5", ".nxs"))
    mismatches = 0
    for path in files:
        run = subprocess.run(
            [program, "replay", str(path)], capture_output=True,
            text=True, timeout=TIMEOUT, check=False)
        if run.returncode == 0:
            continue
        mismatches += 1
        problems.append(f"replay of {path.name}: "
                        f"{(run.stderr or run.stdout).strip()[-300:]}")
    return {"snapshots": len(files), "mismatches": mismatches}
