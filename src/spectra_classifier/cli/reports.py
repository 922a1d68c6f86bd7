"""Reports as files: HTML to read, NeXus for further analysis."""
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..training.report.evidence import Evidence

#: name of the command
APP = "spectra-classifier"
#: ending of the data: no data set that was read has it
DATA = ".report.h5"
Report = Annotated[Path | None, typer.Option(
    "--report", metavar="FILE.html", help="Write a report with figures; its "
    "data go into FILE.report.h5 in the same folder.", show_default=False)]


def check(path: Path | None) -> None:
    """Refuse, before any work, a report that cannot be written."""
    from ..api.libraries import library
    from ..files.atomic import check_target

    if path is None:
        return
    if path.suffix.lower() != ".html":
        raise ConfigurationError(f"--report {path}: a report ends in .html")
    check_target(path)
    check_target(path.with_suffix(DATA))
    library("matplotlib", "a report")


def files(path: Path | None) -> list[Path]:
    """The files that `write` writes; none for None."""
    return [] if path is None else [path, path.with_suffix(DATA)]


def write(path: Path, kind: Literal["training", "evaluation"], name: str,
          report: dict[str, Any], evidence: "Evidence",
          provenance: Mapping[str, Any]) -> None:
    """Write the report of a training or evaluation of model `name`.

    `provenance`: of the data set.
    """
    from .. import __version__
    from ..files.atomic import replaced
    from ..files.results.report_writer import write_report
    from ..training.report import html
    from ..training.report.evidence import tables

    make = html.training if kind == "training" else html.evaluation
    text = make(name, report, evidence, html.Heading(
        datetime.now(UTC).isoformat(" ", "seconds"),
        str(provenance.get("path", "")),
        str(provenance.get("sha256") or ""),
        _command(),
        f"{__package__.partition('.')[0]} {__version__}"))
    with replaced(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    write_report(path.with_suffix(DATA), f"{kind} of {name}", report,
                 evidence.axis, tables(evidence))


def _command() -> str:
    """The command that runs, "" where this process is another program."""
    program, *words = sys.argv
    return shlex.join([APP, *words]) if Path(program).stem == APP else ""
