"""Every defect that is planted on purpose can be planted."""
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "benchmarks" / "oracle_defects.py"


def _defects():
    spec = importlib.util.spec_from_file_location("oracle_defects", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DEFECTS


@pytest.fixture(scope="module")
def sources():
    return [path.read_text() for path in (ROOT / "src").rglob("*.py")]


def test_its_text_is_there_once(sources, subtests):
    defects = _defects()
    assert defects
    for defect in defects:
        with subtests.test(defect=defect.name):
            assert any(sum(source.count(old) == 1 for source in sources) == 1
                       for old in defect.old)
