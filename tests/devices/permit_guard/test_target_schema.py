"""What a guard reads from the schema of its target."""
from spectra_classifier.core.permit.drive import SLOT, TargetNode
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
