"""Any value into any property and slot: refused clearly, or done right?

    python benchmarks/border.py [--tries N] [--seconds S] [--seed S]
        [--json FILE]

Starts a private broker and device servers with all devices of the package,
sends trains, and tries values for every property and slot that the schemas
of the devices name, good ones, edges and absurd ones (tests/broker/
border_fuzz.py says what is looked at). Prints the number of tries,
tracebacks that are none of a refusal, tasks that ended, and permits that
nothing gives. Exit status 0 if nothing was found. Equal seeds try the same;
what the devices do meanwhile depends on the time.
"""
import argparse
import asyncio
import json
import os
import sys
import tempfile
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from spectra_lab.broker import PrivateBroker  # noqa: E402
from spectra_lab.environment import karabo_variables, pinned  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tries", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.tries is None and options.seconds is None:
        options.tries = 1000
    for name, value in pinned().items():
        os.environ.setdefault(name, value)
    with tempfile.TemporaryDirectory(
            ignore_cleanup_errors=True) as folder, PrivateBroker(
            Path(folder) / "broker") as broker:
        os.environ |= karabo_variables(
            Path(folder) / "karabo", broker.url,
            f"border-{uuid.uuid4().hex[:10]}")
        report = in_karabo(fuzz(Path(folder), options))
    report = {"seed": options.seed} | report
    text = json.dumps(report, indent=1)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)
    return int(bool(report["found"]))


async def fuzz(folder, options):
    """The report of one run."""
    from tests.broker.border_fuzz import BorderFuzz
    async with BorderFuzz(folder, options.seed) as border:
        return await border.run(options.tries, options.seconds)


def in_karabo(work):
    """What `work` returns, run in a Karabo loop with a client."""
    from tests.conftest import LoopPolicy, end_tasks
    loop = LoopPolicy().new_event_loop()
    asyncio.set_event_loop(loop)

    async def whole():
        try:
            return await work
        finally:
            await asyncio.wait_for(loop.lead.slotKillDevice(), 10)
            connector, loop.connector = loop.connector, None
            await asyncio.wait_for(connector.close(), 10)
            await end_tasks()

    try:
        return loop.run_until_complete(whole())
    finally:
        loop.close()


if __name__ == "__main__":
    sys.exit(main())
