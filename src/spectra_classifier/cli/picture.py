"""The result of `classify` as a picture."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..core.model_definition import ModelDefinition
    from ..files.results.columns import Chunk, Columns

#: spectra that are drawn: of a larger result, one in so many
_MOST = 10_000


def check(path: Path | None) -> None:
    """Refuse, before any work, a picture that cannot be written."""
    from ..api.libraries import library
    from ..files.atomic import check_target

    if path is None:
        return
    if path.suffix.lower() != ".png":
        raise ConfigurationError(f"--plot {path}: a picture ends in .png")
    check_target(path)
    library("matplotlib", "--plot")


class Drawing:
    """Collect the chunks of a result and draw them.

    Parameters
    ----------
    definition
        Of the model.
    spectra
        Number of spectra in all.
    title
        What was classified.
    """

    def __init__(self, definition: ModelDefinition, spectra: int,
                 title: str) -> None:
        self._definition, self._title = definition, title
        self._step = max(-(-spectra // _MOST), 1)
        self._seen = 0
        self._parts: list[Columns] = []

    def add(self, chunk: Chunk) -> None:
        """Keep the spectra of a chunk that are drawn."""
        first = -self._seen % self._step
        self._seen += len(chunk.pulses["index"])
        self._parts.append({name: values[first::self._step]
                            for name, values in chunk.pulses.items()})

    def write(self, path: Path) -> None:
        """Write the picture, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written; an older picture stays.
        """
        from matplotlib.figure import Figure

        from ..api.classification import Classification
        from ..api.plots import draw_classification, draw_votes
        from ..core.describe import printable
        from ..files.atomic import naming, replaced
        from ..files.results.columns import joined

        classes = self._definition.classes
        pulses = joined(self._parts, len(classes))
        result = Classification(pulses, classes, self._definition.model_id,
                                pulses["index"])
        figure = Figure(figsize=(8, 6), layout="constrained")
        above, below = figure.subplots(2, sharex=True)
        draw_classification(result, above)
        above.set_xlabel("")
        draw_votes(result, below)
        shown = "" if self._step == 1 else f", one in {self._step} shown"
        figure.suptitle(printable(
            f"{self._title}, by {result.model_id}{shown}"
            ).replace("$", r"\$"), fontsize="medium")
        with naming(path), replaced(path) as temporary:
            figure.savefig(temporary, format="png", dpi=120)
