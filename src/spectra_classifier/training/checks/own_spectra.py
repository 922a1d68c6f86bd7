"""Does a model give its own training spectra a class?

Whatever the cross-validation found: a gate, a limit or the numbers of the
engine may still turn every spectrum away.
"""
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.describe import percent
from ...core.engine.reference_engine import NumpyEngine
from ...core.model_definition import ModelDefinition
from ...core.spectra import Code
from ...model import golden
from ..members.fitted import Task

#: spectra of a class that are tried
MOST = 40
#: share of a class without a label above which the model is of no use
MUCH = 0.5


def check(task: Task, definition: ModelDefinition) -> list[dict[str, Any]]:
    """What becomes of the spectra of every class, plain JSON values.

    Returns
    -------
    list of dict
        Keys `class`, `n` (spectra tried), `unknown` and `rejected`.
    """
    engine = NumpyEngine(definition)
    found = []
    for c, name in enumerate(definition.classes):
        own = np.flatnonzero(task.labels == c)
        own = own[np.unique(np.linspace(0, len(own) - 1, min(
            len(own), MOST)).astype(int))]
        label, _ = golden.answer(engine, task.raw[own])
        found.append({
            "class": name, "n": len(own),
            "unknown": int(np.count_nonzero(label == Code.UNKNOWN)),
            "rejected": int(np.count_nonzero(label < Code.UNKNOWN))})
    return found


def warnings(found: Sequence[dict[str, Any]]) -> list[str]:
    """A sentence for every class that gets no label for most spectra."""
    return [
        f"{percent((each['unknown'] + each['rejected']) / each['n'])} of the "
        f"training spectra of {each['class']!r} get no class from the model "
        f"itself ({each['unknown']} unknown, {each['rejected']} rejected of "
        f"{each['n']})" for each in found
        if each["unknown"] + each["rejected"] > MUCH * each["n"]]
