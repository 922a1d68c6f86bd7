"""Actions of a `SpectraTrainer`: run, displayed and refused."""
from asyncio import Event, Queue, get_running_loop, wait_for
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from karabo.middlelayer import Hash, KaraboError, State, background

from ...core import capture as core
from ...core.capture import Capture
from ...errors import InputError, SpectraError
from ...files.atomic import check_folder
from ...live.jobs import Cancelled, Job
from ...live.threads import in_thread
from ..common.classifier_queries import first_line
from ..common.property_paths import set_at
from .capture_recorder import Recorder
from .property_values import (
    Report,
    capture_row,
    nothing_trained,
    training_values,
)
from .session import Session

#: errors of an action that the operator can understand
EXPECTED = (SpectraError, KaraboError, OSError, TimeoutError)


class TrainerActions:
    """Part of the device: one action at a time, and its display."""

    # properties of the device, untyped
    state: Any
    status: Any
    deviceId: Any
    progress: Any
    activity: Any
    timeLeft: Any
    captureDirectory: Any
    classifierId: Any
    captures: Any
    source: Any
    model: Any
    training: Any
    logger: Any

    show_map: Callable[[], None]
    _session: Session | None
    #: trains of the present capture; None cancels, a text is a problem
    _queue: Queue[tuple[int, Hash] | str | None] | None
    _job: Job | None
    _preparation: Job | None
    _prepared: Event

    @contextmanager
    def _doing(self, action: str, state: State,
               stay: bool = False) -> Iterator[None]:
        """An action that needs the device idle; `stay`: it goes on after.

        The state is taken before anything is awaited, so that no second
        action comes in between.
        """
        if self.state != State.ON:
            busy = self.activity.value or "starting"
            raise KaraboError(
                f"{action} is refused: {self.deviceId} is busy ({busy}, "
                f"{self.progress.value:.0%} done); wait for the end, or "
                "cancel")
        self.state = state
        try:
            yield
        except EXPECTED as error:
            self._finish(f"{action} is refused: {first_line(error)}")
            raise KaraboError(self.status.value) from None
        except BaseException:
            self._finish(f"{action} has failed")
            raise
        if not stay:
            self._finish(f"{action}: done")

    def _finish(self, text: str) -> None:
        """Back to ON, with one sentence of how it went."""
        self.status = text
        self.logger.info(text)
        self._set({"progress": 0., "timeLeft": 0., "activity": ""})
        self.state = State.ON

    def _set(self, values: Mapping[str, Any]) -> None:
        for path, value in values.items():
            set_at(self, path, value)

    async def _open(self) -> Session:
        """The `Session` of the capture directory as it is set now."""
        folder = check_folder("captureDirectory",
                              self.captureDirectory.value)
        if self._session is None or self._session.directory != folder:
            self._session = await in_thread(Session, folder)
            trained = self._session.trained
            self._set(training_values(trained) if trained
                      else nothing_trained())
            for problem in self._session.problems:
                self.logger.warning(problem)
            if self._preparation is None:
                self._preparation = self._session.preparation()
                background(self._prepare())
            self._show_captures()
        return self._session

    async def _prepare(self) -> None:
        """Compile once, before the first trained model meets live trains.
        """
        try:
            assert self._preparation is not None
            await in_thread(self._preparation.run, lambda *said: None)
        except (*EXPECTED, Cancelled) as error:
            self.logger.warning(f"the engine is not prepared: {error}")
        finally:
            self._prepared.set()

    async def _until_prepared(self) -> None:
        """Wait for that, so that a model that is trained can be armed at
        once; after the swap timeout the classifier would compile."""
        if not self._prepared.is_set():
            self.activity = "compiling the engine, once on this machine"
            with suppress(TimeoutError):
                await wait_for(self._prepared.wait(),
                               self.model.swapTimeout.value)

    def _show_captures(self) -> None:
        captures = self._session.captures if self._session else ()
        self._set({
            "captures.current": [capture_row(each) for each in captures],
            "captures.classNames": list(core.classes(captures)),
            "captures.nextClass": core.next_class(captures),
            "guidance": core.guidance(captures)})
        self.show_map()

    def _require_classifier(self) -> str:
        if not self.classifierId.value:
            raise InputError("classifierId is empty: name the classifier "
                             "that the model is for")
        return self.classifierId.value

    # work that goes on after its slot; whatever happens, it ends in ON

    async def _record(self, recorder: Recorder) -> None:
        """Take a capture to its end and keep what there is of it."""
        try:
            problem = await self._take(recorder)
            assert self._session is not None
            capture = self._session.add(recorder.capture, problem)
            words = (f"capture {capture.number} of {capture.sample_class!r}: "
                     + (capture.problem or "done"))
        except Exception as error:
            words = self._unforeseen(error)
            self._session = None        # show what is on disk
            with suppress(*EXPECTED):
                await self._open()
        self._queue = None
        self._show_captures()
        self._finish(words)

    async def _take(self, recorder: Recorder) -> str:
        """Why there are fewer trains than wanted; "" if all are there."""
        queue = self._queue
        assert queue is not None
        while recorder.capture.trains < recorder.capture.wanted:
            try:
                taken = await wait_for(queue.get(), self.source.timeout.value)
            except TimeoutError:
                return (f"no train came for {self.source.timeout.value:g} s: "
                        "the source is gone, or stands still")
            if taken is None:
                return "cancelled by an operator"
            if isinstance(taken, str):
                return taken        # a second source sends as well
            try:
                await in_thread(recorder.take, *taken)
            except SpectraError as error:
                return str(error)
            except Exception as error:
                return self._unforeseen(error)
            self._show_recording(recorder.capture)
        return ""

    def _unforeseen(self, error: Exception) -> str:
        self.logger.exception("capture has failed")
        return f"capture has failed: {type(error).__name__}: {error}"

    async def _work(self, action: str,
                    done: Callable[[Report], Awaitable[None]]) -> None:
        """Run the job at hand; `done`, a coroutine, gets its report."""
        loop, words = get_running_loop(), "done"

        def on_progress(*said: Any) -> None:
            loop.call_soon_threadsafe(self._show_progress, *said)

        try:
            assert self._job is not None
            await done(await in_thread(
                self._job.run, on_progress,
                int(self.training.niceness.value)))
        except Cancelled:
            words = "cancelled by an operator; nothing was changed"
        except EXPECTED as error:
            words = f"failed: {first_line(error)}"
        except Exception as error:
            self.logger.exception(f"{action} has failed")
            words = f"failed: {type(error).__name__}: {error}"
        self._job = None
        self._finish(f"{action}: {words}")

    def _show_progress(self, share: float, step: str,
                       left: float | None) -> None:
        self.progress, self.activity = share, step
        self.timeLeft = left or 0.

    def _show_recording(self, capture: Capture) -> None:
        self.captures.trainsCaptured = capture.trains
        self.captures.pulsesLeftOut = sum(capture.tally.left_out.values())
        self.progress = capture.trains / capture.wanted
        self.activity = (f"train {capture.trains} of {capture.wanted} of "
                         f"{capture.sample_class!r}")
