"""Reports as files: HTML to read, NeXus to compute with."""
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ConfigurationError

#: ending of the data: no data set that was read has it
DATA = ".report.h5"
Report = Annotated[Path | None, typer.Option(
    "--report", metavar="FILE.html", help="Write a report with figures; its "
    "data go into FILE.report.h5 beside it.", show_default=False)]


def check(path):
    """Refuses what would only be refused in the end."""
    from ..files.atomic import check_target

    if path is None:
        return
    if path.suffix.lower() != ".html":
        raise ConfigurationError(f"--report {path}: a report ends in .html")
    check_target(path)
    check_target(path.with_suffix(DATA))
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigurationError(
            "a report needs matplotlib, which is not installed: install the "
            "package with its extra, spectra_classifier[train]") from None


def files(path):
    """What `write` would write; nothing for None."""
    return [] if path is None else [path, path.with_suffix(DATA)]


def write(path, kind, name, report, evidence):
    """Writes a report: `kind` "training" or "evaluation", of model `name`."""
    from ..files.atomic import replaced
    from ..files.results.report_writer import write_report
    from ..training.report import html
    from ..training.report.evidence import tables

    text = getattr(html, kind)(name, report, evidence)
    with replaced(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    write_report(path.with_suffix(DATA), f"{kind} of {name}", report,
                 evidence.axis, tables(evidence))
