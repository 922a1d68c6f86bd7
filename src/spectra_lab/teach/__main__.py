"""Start broker and servers, give the lesson, stop everything."""
import json
import signal

from karabo.middlelayer import KaraboError

from spectra_classifier import model as models
from spectra_classifier.errors import SpectraError
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.process import end_process

from ..demo.judge import judge
from ..demo.plant import Plant
from ..demo.session import play
from ..demo.sources import released_model
from .options import Options, parse
from .run import SERVERS, Lesson
from .sample import Sample
from .screen import LessonScreen


def main() -> int:
    """Returns the exit status: 0 only if the taught model was armed."""
    options = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = LessonScreen()
    try:
        numbers = teach(options, screen)
    except (SpectraError, KaraboError, RuntimeError, OSError) as error:
        screen.console.print("[bold red]failed:[/] "
                             + str(error).partition("\nDETAILS")[0])
        return 1
    except KeyboardInterrupt:
        screen.say("stopped before the end of the lesson")
        return 130
    screen.summary(numbers)
    if options.summary:
        options.summary.write_text(json.dumps(numbers, indent=2) + "\n")
    return 0 if (numbers["armed_model_was_live"]
                 and not numbers["receiver_problem"]) else 1


def teach(options: Options, screen: LessonScreen) -> JsonObject:
    """The summary of a lesson."""
    sample = Sample(options.preset, options.scenario, options.pulses)
    with Plant(options.lab, screen.say, SERVERS) as plant:
        lesson = play(lambda desk, stop: Lesson(
            options, plant, desk, screen, sample, released_model(), stop))
    screen.say("asking simple means about the same pulses")
    manifest = models.load(lesson.published).manifest
    since = [result for result in lesson.receiver.kept
             if result.train_id >= lesson.watched_from]
    return lesson.numbers | judge(
        manifest["training"].get("yardsticks"), sample, since,
        lesson.receiver.truths)


if __name__ == "__main__":
    # Karabo leaves threads behind that a normal end would wait for
    end_process(main(), flush=True)
