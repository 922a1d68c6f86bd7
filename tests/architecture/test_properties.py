"""What operators see: names, texts and units of all properties."""
import re
from importlib.metadata import entry_points

from karabo.middlelayer import Configurable, Device, Double, Int32, Macro, Node

from spectra_classifier import __version__

SEGMENT = re.compile(r"^[a-z][a-zA-Z0-9]+$")
TIMES = re.compile(
    r"(Time|Latency|(?<!cover)Age|Dwell|Delay|Period|Timeout|Interval|ValidFor|"
    r"Rate|At|(?<!trains)After|P50|P99)$", re.IGNORECASE)
# keys that the framework itself puts under a channel
CHANNEL = {"schema", "connections", "noInputShared", "hostname",
           "maxQueueLength", "connectedOutputChannels", "missingConnections",
           "dataDistribution", "onSlowness", "delayOnInput", "address",
           "bytesRead", "bytesWritten"}
NUMBERS = {"INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64",
           "UINT64", "FLOAT", "DOUBLE"}


def our_classes(group):
    return [entry.load() for entry in entry_points(group=group)
            if entry.dist.name.replace("-", "_") == "spectra_classifier"]


DEVICES = our_classes("karabo.middlelayer_device")
MACROS = our_classes("karabo.macro_device")
CLASSES = DEVICES + MACROS
DECIDING = [cls for cls in DEVICES
            if cls.__name__ in ("SpectraClassifier", "SpectraCollector")]


def own_schema(cls):
    """(path, attributes) of what a class adds to Karabo's own keys."""
    base = Macro if issubclass(cls, Macro) else Device
    theirs = set(base.getClassSchema().hash.paths())
    schema = cls.getClassSchema().hash
    return {path: dict(schema[path, ...]) for path in schema.paths()
            if path not in theirs
            and path.rpartition(".")[2] not in CHANNEL
            and ".connections." not in path}


def bad_names(cls):
    return sorted(path for path in own_schema(cls)
                  if not all(map(SEGMENT.match, path.split("."))))


def without_text(cls):
    return sorted(
        path for path, attributes in own_schema(cls).items()
        if not (attributes.get("displayedName")
                and attributes.get("description")))


def times_without_unit(cls):
    return sorted(
        path for path, attributes in own_schema(cls).items()
        if attributes.get("valueType") in NUMBERS and TIMES.search(path)
        and not attributes.get("unitSymbol"))


def test_every_segment_is_lower_camel_case(subtests):
    assert DEVICES and MACROS
    for cls in CLASSES:
        with subtests.test(cls.__name__):
            assert own_schema(cls)
            assert bad_names(cls) == []


def test_everything_has_a_name_and_a_description(subtests):
    for cls in CLASSES:
        with subtests.test(cls.__name__):
            assert without_text(cls) == []


def test_times_and_rates_have_a_unit(subtests):
    for cls in CLASSES:
        with subtests.test(cls.__name__):
            assert times_without_unit(cls) == []


def test_the_class_version_is_ours(subtests):
    for cls in DEVICES:
        with subtests.test(cls.__name__):
            # Karabo shows <top package>-<__version__> as classVersion
            assert cls.__module__.split(".")[0] == "spectra_classifier"
            assert cls.__version__ == __version__


def test_every_slot_has_its_states(subtests):
    assert len(DECIDING) == 2
    for cls in DECIDING:
        with subtests.test(cls.__name__):
            slots = {
                path: attributes
                for path, attributes in own_schema(cls).items()
                if attributes.get("displayType") == "Slot"}
            assert {"arm", "disarm", "acknowledge"} <= set(slots)
            assert [path for path, attributes in slots.items()
                    if not attributes.get("allowedStates")] == []


def test_the_configurator_stays_short(subtests):
    for cls in DECIDING:
        with subtests.test(cls.__name__):
            top = [path for path in cls.getClassSchema().hash
                   if path not in Device._allattrs]
            assert len(top) <= 55


def test_the_checks_see():
    class Inner(Configurable):
        bad_key = Int32(displayedName="A", description="B")

    class Bad(Device):
        node = Node(Inner, displayedName="A", description="B")
        mute = Int32(displayedName="A")
        stallTime = Double(displayedName="A", description="B")

    assert bad_names(Bad) == ["node.bad_key"]
    assert without_text(Bad) == ["mute"]
    assert times_without_unit(Bad) == ["stallTime"]
