"""How far the lesson has come: live in a terminal, lines elsewhere."""
from typing import TYPE_CHECKING

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..demo.screen import ProgressScreen

if TYPE_CHECKING:
    from karabo.middlelayer import Proxy


class LessonScreen(ProgressScreen):
    """Shows the trainer at work beside the classifier."""

    def show(self, step: str, trainer: "Proxy",
             classifier: "Proxy") -> None:
        """What both devices say now; nothing where there is no terminal."""
        if not self.console.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self.console, auto_refresh=False,
                              transient=True)
            self._live.start()
        self._live.update(render(step, trainer, classifier), refresh=True)


def render(step: str, trainer: "Proxy", classifier: "Proxy") -> Table:
    """A table of the two devices' properties."""
    grid = Table.grid(padding=(0, 2))
    left = trainer.timeLeft.value
    grid.add_row(Text(step, "bold"), ProgressBar(
        total=1., completed=float(trainer.progress.value), width=40),
        f"{left:.0f} s left" if left else "")
    grid.add_row("", str(trainer.activity.value))
    grid.add_row("next", str(trainer.guidance.value))
    grid.add_row("classifier", f"{classifier.sampleState.value}, "
                 f"{classifier.modelId.value}, "
                 f"{classifier.trainsReceived.value} trains, "
                 f"{classifier.trainsLost.value} lost")
    return grid
