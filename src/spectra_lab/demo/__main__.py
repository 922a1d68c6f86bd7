"""Start broker and servers, run the demonstration, stop everything."""
import json
import signal

from karabo.middlelayer import KaraboError

from spectra_classifier.errors import SpectraError
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.process import end_process

from .judge import judge
from .options import parse
from .plant import Plant
from .screen import Screen, save_picture
from .session import demonstrate
from .sources import source_of


def main() -> int:
    """Returns the exit status: 0 only if the data flowed."""
    options = parse()
    # Ctrl-C and SIGTERM alike, also before the event loop runs
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Screen()
    try:
        source = source_of(options)
        with Plant(options.lab, screen.say) as plant:
            demonstration = demonstrate(options, source, plant, screen)
        screen.say("asking simple means about the same pulses")
        numbers = demonstration.numbers | judge(
            source.manifest["training"].get("yardsticks"), source,
            demonstration.receiver.kept, demonstration.receiver.truths)
    except (SpectraError, KaraboError, RuntimeError, OSError) as error:
        screen.console.print(f"[bold red]failed:[/] {_first(error)}")
        return 1
    except KeyboardInterrupt:
        screen.say("stopped before the data flowed")
        return 130
    screen.summary(numbers)
    if options.summary:
        options.summary.write_text(json.dumps(numbers, indent=2) + "\n")
    if options.picture and demonstration.last_snapshot is not None:
        save_picture(demonstration.last_snapshot, options.picture)
    return 0 if flowed(numbers) else 1


def _first(error: BaseException) -> str:
    """The message without the stack that Karabo appends."""
    return str(error).partition("\nDETAILS")[0]


def flowed(numbers: JsonObject) -> bool:
    """Whether trains came through and were classified."""
    return bool(numbers["trains_received"] and numbers["pulses_classified"]
                and not numbers["receiver_problem"])


if __name__ == "__main__":
    # Karabo leaves threads behind that a normal end would wait for
    end_process(main(), flush=True)
