"""Command line spectra-classifier: train, inspect and run models.

Imports stay inside the commands: `--help` is quick, and only `train` needs
torch.
"""
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from ..core.describe import printable
from ..errors import SpectraError
from . import (
    bench,
    classify,
    compare,
    convert,
    evaluate,
    explore,
    inspect,
    replay,
    scan,
    simulate,
    train,
    transitions,
)

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: exit code of a program that Ctrl-C has stopped
INTERRUPTED = 130
#: s after which an interruption that Python has dropped comes again
_AGAIN = 0.01


class Commands(TyperGroup):
    """Reports errors in one line on stderr, with exit code 2."""

    # typer does not export the class of its context
    def invoke(self, context: Any) -> Any:
        for stream in sys.stdout, sys.stderr:
            # names of files need not be UTF-8
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            with _interruptions_kept():
                return super().invoke(context)
        except KeyboardInterrupt:
            if context.params.get("debug"):
                raise
            _say_error("interrupted")
            context.exit(INTERRUPTED)
        except Exception as error:
            if (context.params.get("debug") or _is_of_typer(error)
                    or isinstance(error, BrokenPipeError)):
                raise
            text = _one_line(error)
            if not isinstance(error, (SpectraError, OSError, MemoryError)):
                text = (f"unexpected {type(error).__name__} ({text}), a fault"
                        " of this program: put --debug in front of the "
                        "command to see where")
            _say_error(text)
            context.exit(2)


@contextmanager
def _interruptions_kept() -> Iterator[None]:
    """Repeat a KeyboardInterrupt that came where Python drops exceptions.

    It does so in `__del__` and in callbacks of weak references, which run at
    any moment: Ctrl-C was lost there, and the command went on.
    """
    usual = sys.unraisablehook

    def dropped(what: "UnraisableHookArgs") -> None:
        if what.exc_type is not KeyboardInterrupt:
            usual(what)
            return
        # no thread: this may run while one is made, inside of its locks
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)

    sys.unraisablehook = dropped
    try:
        yield
    finally:
        sys.unraisablehook = usual
        if signal.getsignal(signal.SIGALRM) is signal.default_int_handler:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _is_of_typer(error: Exception) -> bool:
    """Whether typer raised it: the end of a command, or a wrong option."""
    return any(each.__module__.partition(".")[0] in ("typer", "click")
               for each in type(error).__mro__)


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode="rich",
    help="Classify X-ray spectra, pulse by pulse. DATA is a folder or pattern "
         "of text curves, an .npz file with x, Y and labels, a NeXus/HDF5 "
         "file, or run:PATH for a run of the European XFEL.")


def _version_callback(wanted: bool) -> None:
    if wanted:
        _show_version()


@app.callback()
def options(
        version: Annotated[bool, typer.Option(
            "--version", is_eager=True, help="Show the version and stop.",
            callback=_version_callback)] = False,
        debug: Annotated[bool, typer.Option(
            "--debug", help="Show the traceback of an error.")] = False,
        ) -> None:
    """Options in front of the command."""


def _show_version() -> NoReturn:
    from .. import __version__

    print(f"spectra_classifier {__version__}, Python "
          f"{sys.version.split()[0]}")
    raise typer.Exit


def _say_error(text: str) -> None:
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(text, err=True)


def _one_line(error: BaseException) -> str:
    """The message of an error without line breaks and escapes."""
    text = str(error)
    if isinstance(error, MemoryError):
        text = f"not enough memory ({error}); take fewer spectra"
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename or 'system'}: {error.strerror}"
    return printable(" ".join(text.split())) or type(error).__name__


app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("classify")(classify.classify)
app.command("scan")(scan.scan)
app.command("compare")(compare.compare)
app.command("transitions")(transitions.transitions)
app.command("explore")(explore.explore)
app.command("inspect")(inspect.inspect)
app.command("convert")(convert.convert)
app.command("simulate")(simulate.simulate)
app.command("replay")(replay.replay)
app.command("bench")(bench.bench)
