"""The table of protections matches the source that it changes."""
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load():
    path = ROOT / "benchmarks" / "protections.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


protections = load()
TABLE = protections.read_table()


def test_every_removal_is_there_once_and_its_tests_exist():
    assert len(TABLE) > 200
    assert protections.problems(TABLE) == []


def test_a_removal_changes_the_copy_alone_and_only_for_its_time(tmp_path):
    one = TABLE[0]
    copy = tmp_path / protections.PACKAGE / one.file
    copy.parent.mkdir(parents=True)
    source = (ROOT / protections.PACKAGE / one.file).read_text()
    copy.write_text(source)
    with protections.removed(one, tmp_path):
        assert copy.read_text() == source.replace(one.old, one.new) != source
        assert protections.problems([one], tmp_path)
    assert copy.read_text() == source


def test_what_does_not_match_is_named(tmp_path):
    found = protections.problems([TABLE[0], TABLE[0]], tmp_path)
    assert sum(text.startswith(TABLE[0].name) for text in found) == len(found)
    assert re.search("0 times instead of once", found[0])
    assert any("two protections" in text for text in found)


def test_a_change_that_is_no_python_is_named():
    (found,) = protections.problems([replace(TABLE[0], new="if:")])
    assert "no Python" in found


def test_every_change_is_one():
    assert [one.name for one in TABLE if one.old == one.new] == []
