"""Start the broker, rehearse, replay the snapshots, report."""
import json
import os
import shutil
import signal
from pathlib import Path

from karabo.middlelayer import KaraboError

from spectra_classifier import model as models
from spectra_classifier.errors import SpectraError
from spectra_classifier.files.atomic import replaced
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.process import end_process

from ..broker import PrivateBroker
from ..demo.session import play
from ..demo.sources import released_model
from ..environment import karabo_variables
from ..processes import stop_all
from .options import Options, parse
from .replay import Replayer
from .report import nothing_wrong, summarise, tables
from .run import Rehearsal
from .screen import Screen
from .sources import RehearsalSource


def main() -> int:
    """Returns the exit status: 0 only if nothing was wrong."""
    options = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Screen()
    options.lab.mkdir(parents=True, exist_ok=True)
    try:
        rehearsal, replayer = rehearse(options, screen)
        screen.say("replaying the last snapshots")
        replayer.finish()
    except (SpectraError, KaraboError, RuntimeError, OSError) as error:
        screen.freeze()
        screen.console.print("[bold red]failed:[/] "
                             + str(error).partition("\nDETAILS")[0])
        return 1
    except KeyboardInterrupt:
        screen.say("stopped before the faults struck")
        return 130
    numbers = summarise(rehearsal, replayer)
    screen.console.print(*tables(numbers))
    for wrong in numbers["wrongs"][:20]:
        screen.console.print(f"[red]{wrong}", markup=True, highlight=False)
    write(numbers, options.summary)
    return 0 if nothing_wrong(numbers) else 1


def rehearse(options: Options,
             screen: Screen) -> tuple[Rehearsal, Replayer]:
    """(finished `Rehearsal`, `Replayer` of its snapshots)."""
    path = options.model or released_model()
    source = RehearsalSource(options, path, models.load(path))
    snapshots = options.lab / "snapshots"
    snapshots.mkdir(exist_ok=True)
    replayer = Replayer(snapshots, options.lab / "replayed")
    replayer.start()
    copies = [Path(shutil.copy(path, options.lab / f"{name}.onnx"))
              for name in ("one", "other")]
    screen.say("starting a private broker")
    try:
        broker = PrivateBroker(options.lab / "broker").start()
        os.environ.update(karabo_variables(
            options.lab / "karabo", broker.url, "rehearsal"))
        return play(lambda desk, stop: Rehearsal(
            options, broker.port, source, copies, snapshots, screen, stop,
            lambda unfinished: write(
                summarise(unfinished, replayer) | {"finished": False},
                options.summary))), replayer
    finally:
        screen.freeze()
        screen.say("stopping servers and broker")
        stop_all(options.lab)


def write(numbers: JsonObject, path: Path | None) -> None:
    """The summary as a file, if one is wanted; it is whole at any time."""
    if path:
        with replaced(path.absolute()) as temporary:
            temporary.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    # Karabo leaves threads behind that a normal end would wait for
    end_process(main(), flush=True)
