"""Whether a classifier decides, or works for a collector that does."""
from dataclasses import replace

from karabo.middlelayer import Configurable, Hash

from ...core.decision import ModelStanding

STANDALONE, WORKER = "standalone", "worker"
#: why a worker never permits
NO_PERMIT = ("this is a worker: the SpectraCollector that it works for "
             "decides")


def is_worker(device: Configurable) -> bool:
    """Whether a classifier works for a collector."""
    return device.load.role.value == WORKER


def no_permit(standing: ModelStanding) -> ModelStanding:
    """The `ModelStanding` of a worker: it cannot be armed."""
    return replace(standing, objection=NO_PERMIT)


def share_input(configuration: Hash) -> None:
    """Let a worker share its source, unless its configuration differs."""
    if configuration.get("load.role", STANDALONE) != WORKER:
        return
    channel = configuration.get("input", None)
    if channel is None:
        configuration["input"] = channel = Hash()
    if "dataDistribution" not in channel:
        channel["dataDistribution"] = "shared"
