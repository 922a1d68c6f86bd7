"""Whether a classifier decides, or works for a collector that does."""
from dataclasses import replace

from karabo.middlelayer import AccessMode, Configurable, Hash, String

from ...core.decision import ModelStanding
from ..common.attributes import EXPERT

STANDALONE, WORKER = "standalone", "worker"
#: why a worker never permits
NO_PERMIT = ("this is a worker: the SpectraCollector that it works for "
             "decides")


class RoleSettings(Configurable):
    """What a classifier is there for."""

    role = String(
        displayedName="Role", defaultValue=STANDALONE,
        options=[STANDALONE, WORKER], accessMode=AccessMode.INITONLY,
        description="worker: takes a part of the trains of a source, for a "
                    "SpectraCollector; its own permit is always false, and "
                    "its input is shared", **EXPERT)


def is_worker(device: Configurable) -> bool:
    """Whether a classifier works for a collector."""
    return device.role.value == WORKER


def no_permit(standing: ModelStanding) -> ModelStanding:
    """The `ModelStanding` of a worker: it cannot be armed."""
    return replace(standing, objection=NO_PERMIT)


def share_input(configuration: Hash) -> None:
    """Let a worker share its source, unless its configuration differs."""
    if configuration.get("role", STANDALONE) != WORKER:
        return
    channel = configuration.get("input", None)
    if channel is None:
        configuration["input"] = channel = (
            Hash() if isinstance(configuration, Hash) else {})
    if "dataDistribution" not in channel:
        channel["dataDistribution"] = "shared"
