"""What a guard reads from the schema of its target."""
import math

from karabo.middlelayer import Configurable, Double, Int32, UInt8, UInt64

from spectra_classifier.core.guard.target_node import SLOT, TargetNode
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.permit_guard.target_schema import nodes_of
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)


def test_the_nodes_of_a_shutter():
    assert nodes_of(SimulatedShutter.getClassSchema(), (
        "open", "isOpen", "holdTime", "state", "nothing", "")) == {
            "open": TargetNode(SLOT), "isOpen": TargetNode("BOOL"),
            "holdTime": TargetNode("DOUBLE", True, low=0., high=3600.),
            "state": TargetNode("STRING",
                                options=("INIT", "OPENED", "CLOSED"))}


def test_nodes_within_nodes_and_what_is_set_at_the_start_only():
    nodes = nodes_of(PermitGuard.getClassSchema(), (
        "input", "input.onSlowness", "conditions.lease", "enable"))
    assert nodes["input"].kind == "NODE"
    assert nodes["input.onSlowness"].options == ("drop",)
    assert not nodes["conditions.lease"].writable
    assert nodes["enable"].kind == SLOT


class Limits(Configurable):
    plain = Int32()
    inclusive = UInt8(minInc=2, maxInc=20)
    exclusive = UInt8(minExc=2, maxExc=20)
    large = UInt64(maxExc=2 ** 63 + 1)
    open = Double(minExc=0., maxExc=1.)


def test_limits_are_those_of_the_last_value_that_is_taken():
    schema = Limits.getClassSchema()
    for name, node in nodes_of(schema, schema.hash.keys()).items():
        assert (node.low, node.high) == {
            "plain": (-math.inf, math.inf), "inclusive": (2, 20),
            "exclusive": (3, 19), "large": (-math.inf, 2 ** 63),
            "open": (5e-324, 1 - 2 ** -53)}[name]
        assert not node.takes(node.high + 1) or node.high == math.inf
