"""Requests of a trainer to its classifier: settings, model swap, arming.

Nothing here arms past the classifier's own checks: it loads and verifies the
model, judges the reactions and refuses where it has an objection.
"""
import time
from asyncio import wait_for
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from karabo.middlelayer import (
    Hash,
    KaraboError,
    call,
    setWait,
    sleep,
)

from ..common.classifier_queries import ANSWER, read_properties
from .property_values import Report

#: seconds between two queries of the classifier
POLL = 0.1
#: in the refusal of a classifier whose last change waits for a train
NOT_YET = "not in force yet"


async def serve(device_id: str, path: str | Path, model_id: str,
                timeout: float) -> dict[str, Any]:
    """Let the classifier swap to the model `path`; returns what was before.

    Ends when `model_id` is live there. Raises `KaraboError` with its reason
    where it refuses; it then goes on with the model it had.
    """
    before = await read_properties(device_id, "modelPath", "modelId",
                                   "reactions")
    await wait_for(setWait(device_id, modelPath=str(path)), timeout)
    end = time.monotonic() + timeout
    while True:
        now = await read_properties(device_id, "modelId", "modelStatus")
        if model_id and now["modelId"] == model_id:
            return before
        if now["modelStatus"].startswith("refused"):
            raise KaraboError(f"{device_id} has {now['modelStatus']}")
        if not model_id and now["modelId"] != before["modelId"]:
            return before
        if time.monotonic() > end:
            raise KaraboError(f"{device_id} has not taken {path} within "
                              f"{timeout:g} s: {now['modelStatus']}")
        await sleep(POLL)


def reaction_rows(classes: Sequence[str],
                  permitting: Sequence[str]) -> list[Hash]:
    """Rows of `reactions`: classes in `permitting` permit, no other."""
    return [Hash("sampleClass", name, "alarm", "none", "permit",
                 name in permitting) for name in classes]


async def set_reactions(device_id: str, rows: Sequence[Hash]) -> None:
    """Set, and so confirm, the reactions of the classifier."""
    await wait_for(setWait(device_id, reactions=rows), ANSWER)


async def arm(device_id: str, override: str = "") -> None:
    """Arm the classifier; `override`: reason to ignore an objection."""
    if override:
        await wait_for(setWait(device_id,
                               **{"model.overrideObjection": override}),
                       ANSWER)
    end = time.monotonic() + ANSWER
    while True:
        try:
            await wait_for(call(device_id, "arm"), ANSWER)
            return
        except KaraboError as error:
            # what was set just now is in force from the next train on
            if NOT_YET not in str(error) or time.monotonic() > end:
                raise
        await sleep(POLL)


def refusal_to_arm(report: Report, permitting: Sequence[str],
                   override: str) -> str:
    """Why a trained model is not armed; "" if it may be.

    `report`: of its training; `permitting`: classes that are to permit;
    `override`: reason of an expert, "" for none.
    """
    unknown = [name for name in permitting if name not in report["classes"]]
    if unknown:
        return (f"model.permittingClasses names {unknown[0]!r}, the model "
                f"knows {', '.join(report['classes'])}")
    guards = report["null_tests"]
    if not guards["arm"] and not override.strip():
        return (f"{guards['verdict']}: {guards['words']}. An expert may say "
                "in model.overrideReason why it is armed all the same")
    return ""
