"""Any value into any property and slot of all devices, a minute long.

benchmarks/border.py goes on for as long as you like.
"""
import pytest

from tests.broker.border_fuzz import BorderFuzz

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECONDS, SEED = 60, 7


async def test_nothing_but_clear_refusals_and_right_effects(tmp_path):
    async with BorderFuzz(tmp_path, SEED) as border:
        report = await border.run(seconds=SECONDS)
    assert report["found"] == []
    assert report["tracebacks"] == report["ended_tasks"] == 0
    assert report["permits"] > report["wrong_permits"] == 0
    kinds = report["kinds"]
    assert min(kinds[kind] for kind in ("taken", "refused", "looks")) > 0
