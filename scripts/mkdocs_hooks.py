"""Hooks of the documentation: patterns in `nav` name many pages at once.

A value of `nav` such as `decisions/*.md` becomes the pages that it fits, by
name, the index of the folder first.
"""
from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Expand the patterns."""
    config.nav = expanded(config.nav, Path(config.docs_dir))
    return config


def expanded(nav: Any, folder: Path) -> Any:
    """A navigation with its patterns replaced by lists of pages."""
    if isinstance(nav, list):
        return [expanded(entry, folder) for entry in nav]
    if isinstance(nav, dict):
        return {title: expanded(entry, folder)
                for title, entry in nav.items()}
    if "*" not in nav:
        return nav
    found = sorted((path.relative_to(folder).as_posix()
                    for path in folder.glob(nav)),
                   key=lambda name: (not name.endswith("/index.md"), name))
    if not found:
        raise ValueError(f"nav: no page fits {nav}")
    return found


def pages(nav: Any) -> list[str]:
    """The pages of an expanded navigation, in order."""
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in pages(entry)]
