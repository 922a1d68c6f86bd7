"""Every page can be reached, and the documentation builds without a warning.
"""
import os
import re
import subprocess
import sys

import yaml
from mkdocs_hooks import expanded, pages
from run_notebook import ROOT

DOCS = ROOT / "docs"
SECTIONS = ["Home", "Tutorials", "How-to guides", "Reference", "Explanation"]



def navigation():
    nav = yaml.safe_load(
        (ROOT / "mkdocs.yml").read_text())["nav"]
    return expanded(nav, DOCS)


def test_every_page_is_in_the_navigation_once():
    named = pages(navigation())
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert there - set(named) == set()
    assert len(named) == len(set(named))
    assert [name for entry in navigation() for name in entry] == SECTIONS


def test_a_pattern_without_a_page_is_refused():
    import pytest

    with pytest.raises(ValueError, match="no page fits"):
        expanded([{"Nothing": "nowhere/*.md"}], DOCS)


def test_the_home_page_leads_to_every_kind_of_reader():
    home = (DOCS / "index.md").read_text()
    assert len(re.findall(r"^\d\. \*\*", home, re.MULTILINE)) == 5
    assert len(re.findall(r"!\[", home)) == 1
    for words in ("bash scripts/demo.sh", "bash scripts/test.sh",
                  "tutorials/first-model.md", "tutorials/first-notebook.md",
                  "install.md", "runbook.md", "architecture.md"):
        assert words in home


def test_the_build_has_no_warning(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet",
         "--site-dir", tmp_path / "site"], cwd=ROOT, text=True,
        capture_output=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    assert built.returncode == 0, built.stderr
    api = (tmp_path / "site/reference/python/index.html").read_text()
    assert "Spectra without beam" in api and "time_budget" in api
    # cells of tables name their column, and long names break between words
    properties = (
        tmp_path / "site/devices/spectra_classifier/index.html").read_text()
    assert ('<td data-column="property"><code>decision.<wbr />min<wbr />Valid'
            '<wbr />Pulses</code></td>') in properties
    assert "fused|<wbr />numpy" in (
        tmp_path / "site/reference/command-line/index.html").read_text()
    assert "decision.minValidPulses" in (
        tmp_path / "site/search/search_index.json").read_text()
