"""Configurations are validated whole and never half in force."""
import numpy as np
import pytest
from karabo.middlelayer import AccessMode, Device

from spectra_classifier.core.model_definition import Calibration
from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_collector.device import (
    SpectraCollector,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.configuration.configuration import (
    build,
    differences,
    plain_rows,
    same_bins,
    same_classes,
)
from spectra_classifier.live.configuration.live_model import check_model_path
from spectra_classifier.live.configuration.property_map import (
    ENGINE_KEYS,
    KEYS,
)
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from spectra_classifier.model.released import find_model
from tests.devices.fakes import (
    CHANNELS,
    OTHER,
    VALUES,
    live_model,
    spectra_of,
)

PERMIT_HIGH = ({"sampleClass": "high", "alarm": "none", "permit": True},)


def configuration(model=None, confirmed=True, **changes):
    return build(VALUES | changes, model or live_model(), confirmed)


def test_defaults_take_everything_from_the_model():
    found = configuration()
    assert found.settings.min_confidence is None
    assert found.settings.min_intensity is None
    assert found.settings.mask is None
    assert found.model_id == "fake"
    assert found.channels == CHANNELS
    assert found.standing.verified
    assert found.standing.min_intensity == 10
    assert found.decision.classes == ("low", "high")


def test_without_a_model_nothing_stands_for_it():
    found = build(VALUES)
    assert found.model_id == ""
    assert found.channels is None
    assert not found.standing.verified


def test_reactions_are_kept_in_order():
    found = configuration(reactions=PERMIT_HIGH)
    assert found.decision.reaction(1).permit
    assert not found.decision.reaction(0).permit


def test_reactions_for_another_model_count_for_nothing():
    found = configuration(live_model(classes=("x", "y")), confirmed=False,
                          reactions=PERMIT_HIGH)
    assert not found.decision.reactions
    assert not found.standing.reactions_confirmed


IMPOSSIBLE = [
    ({"selectedBins": (0, 2)}, "bin 2"),
    ({"selectedBins": (1, 1)}, "twice"),
    ({"minConfidence": 1.5}, "confidence"),
    ({"minConfidence": np.nan}, "minConfidence"),
    ({"minIntensity": np.inf}, "minIntensity"),
    ({"decision.window": 0}, "window"),
    ({"decision.fraction": 0.5}, "fraction"),
    ({"conditions.staleAfter": 0.}, "stale"),
    ({"reactions": ({"sampleClass": "x", "alarm": "none",
                     "permit": False},)}, "'x'"),
    ({"reactions": ({"sampleClass": "low", "alarm": "loud",
                     "permit": False},)}, "loud"),
    ({"reactions": PERMIT_HIGH * 2}, "twice"),
    ({"decision.pulsePatterns": ({"name": "a", "first": -1, "step": 1,
                                  "count": 0,
                         "required": True},)}, "first"),
    ({"decision.pulsePatterns": ({"name": "a", "first": 0, "step": 1,
                                  "count": 0,
                         "required": False},)}, "required"),
    ({"source.pulseSelection": "odd"}, "odd"),
    ({"source.dataPath": ""}, "source.dataPath"),
    ({"dark.spectrum": (1., 2.)}, "2 values"),
    ({"dark.spectrum": (np.nan,) * CHANNELS}, "finite"),
    ({"source.maskedStrips": (CHANNELS,)}, f"strip {CHANNELS}"),
    ({"source.maskedStrips": tuple(range(CHANNELS))}, "masked"),
]


def test_what_cannot_be_is_refused_by_name(subtests):
    for changes, words in IMPOSSIBLE:
        with (subtests.test(changes=changes),
              pytest.raises(ConfigurationError, match=words)):
            configuration(**changes)


def test_more_classes_than_the_output_has_room_for():
    with pytest.raises(ConfigurationError, match=r"model\.maxClasses"):
        build(VALUES, live_model(), max_classes=1)


CHANGES = [
    ("selectedBins", (1,)), ("minConfidence", 0.9), ("minIntensity", 5.),
    ("source.saturationLevel", 4000.), ("dark.spectrum", (1.,) * CHANNELS),
    ("source.maskedStrips", (3,)), ("source.pulseSelection", "0:2"),
    ("reactions", PERMIT_HIGH), ("decision.window", 9),
    ("conditions.latching", True), ("source.gainPath", "")]


def test_the_hash_changes_with_everything_a_code_rests_on(subtests):
    for key, value in CHANGES:
        with subtests.test(key=key):
            assert configuration(**{key: value}).hash != configuration().hash


def test_the_hash_does_not_depend_on_how_it_is_computed():
    assert configuration(**{"load.threads": 2,
                            "load.engine": "fused"}).hash == (
        configuration().hash)


def test_the_hash_names_the_model():
    other = live_model(model_id="other")
    assert configuration(other).hash != configuration().hash


def test_a_dark_of_two_rows_is_that_of_even_and_odd_cells():
    rows = (3.,) * CHANNELS + (1.,) * CHANNELS
    found = configuration(**{"dark.spectrum": rows, "dark.rows": 2}).settings
    np.testing.assert_array_equal(found.dark, np.full(CHANNELS, 2.))
    np.testing.assert_array_equal(found.cells, np.ones(CHANNELS))
    turned = configuration(**{"dark.spectrum": rows[::-1], "dark.rows": 2})
    assert turned.settings.hash != found.hash
    assert configuration(**{"dark.spectrum": rows[:CHANNELS]}
                         ).settings.cells is None
    for wrong in ({"dark.spectrum": rows}, {
            "dark.spectrum": rows[:CHANNELS], "dark.rows": 2}):
        with pytest.raises(ConfigurationError, match=r"dark\.rows"):
            configuration(**wrong)


def test_dark_and_mask_reach_the_engine():
    found = configuration(**{"dark.spectrum": (2.,) * CHANNELS},
                          **{"source.maskedStrips": (0, 5)})
    assert found.settings.dark.dtype == np.float32
    np.testing.assert_array_equal(np.flatnonzero(found.settings.mask),
                                  [0, 5])


def test_differences_name_old_and_new():
    new = VALUES | {"minConfidence": 0.5}
    assert differences(VALUES, new) == [("minConfidence", -1., 0.5)]


def test_every_key_has_a_value_in_the_fakes():
    assert set(VALUES) == set(KEYS)


def test_rows_become_plain_and_are_checked():
    rows = [{"sampleClass": np.str_("a"), "alarm": "warn",
             "permit": np.bool_(True)}]
    plain, = plain_rows("reactions", rows)
    assert plain == {"sampleClass": "a", "alarm": "warn", "permit": True}
    assert type(plain["permit"]) is bool
    with pytest.raises(ConfigurationError, match=r"row 0.*permit"):
        plain_rows("reactions", [{"sampleClass": "a", "alarm": "warn"}])
    with pytest.raises(ConfigurationError, match=r"row 0.*first"):
        plain_rows("decision.pulsePatterns", [{"name": "a", "first": "x"}])


def test_model_paths(tmp_path):
    good = tmp_path / "a.onnx"
    good.write_bytes(b"x")
    assert check_model_path(str(good)) == good
    assert check_model_path("gotthard2-ramp") == find_model("gotthard2-ramp")
    empty = tmp_path / "empty.onnx"
    empty.write_bytes(b"")
    text = tmp_path / "a.txt"
    text.write_bytes(b"x")
    for bad in ("relative.onnx", "/no/such.onnx", str(text), str(tmp_path),
                str(empty), "/a\0.onnx", "/" + "x" * 5000 + ".onnx"):
        with pytest.raises(ConfigurationError, match="modelPath"):
            check_model_path(bad)


def test_which_models_speak_the_same_language():
    a = live_model()
    assert same_bins(a, live_model())
    assert not same_bins(a, live_model(bins=((0, 8), (16, 32))))
    assert not same_bins(None, a)
    assert same_classes(a, live_model())
    assert not same_classes(a, live_model(classes=("low", "other")))


@pytest.mark.parametrize(("key", "value"), [
    ("drift.maxIntensity", 1.), ("drift.maxShift", 0.),
    ("drift.maxPeak", np.nan)])
def test_limits_of_drift_that_make_no_sense_are_refused(key, value):
    with pytest.raises(ConfigurationError, match=key):
        build(VALUES | {key: value})


def test_limits_of_drift_that_are_set_replace_the_models_own():
    assert build(VALUES).drift_limits == {}
    assert build(VALUES | {"drift.maxShift": 2.}).drift_limits == {
        "shift": 2.}


def test_latched_alarms_have_to_exist():
    with pytest.raises(ConfigurationError, match="speed"):
        build(VALUES | {"alarms.latched": ("speed",)})


#: properties that may be set at any time and that no code depends on: what
#: is shown, written or tried beside, and which pulses there is time for
NO_CODE = {
    "screens.previewPulse", "screens.previewChoice", "snapshots.ringTime",
    "snapshots.ringMemory",
    "snapshots.directory", "snapshots.onChange", "snapshots.onAlarm",
    "snapshots.trainsBefore", "snapshots.trainsAfter", "snapshots.interval",
    "snapshots.quota", "snapshots.maxFiles", "shadow.modelPath",
    "load.degradeOnPurpose", "load.degradeAfter",
    "expectedWrong.minConfidence",
    "expectedWrong.pulses", "dark.trains", "dark.maxAge"}


@pytest.mark.parametrize("device", [SpectraClassifier, SpectraCollector])
def test_a_new_property_is_in_the_hash_or_named_here(device):
    """So that votes of before never count after it was changed."""
    schema = device.getClassSchema().hash
    may_be_set = {
        key for key in set(schema.keys()) - set(Device.getClassSchema()
                                                .hash.keys())
        if schema[key, "accessMode"] == AccessMode.RECONFIGURABLE.value
        and "valueType" in schema[key, ...]}
    assert may_be_set <= set(KEYS) | NO_CODE
    assert not set(KEYS) & NO_CODE


def test_the_hash_changes_with_every_value(subtests):
    model = live_model()
    values = VALUES | {"joining.minPulseEnergy": 1.}
    one = build(values, model)
    for key in sorted(set(KEYS) - set(ENGINE_KEYS)):
        with subtests.test(key=key):
            other = build(values | {key: OTHER[key]}, model)
            assert one.hash != other.hash


def test_the_same_spectra_are_the_same(subtests):
    """What drift follows does not change with what is said not to matter."""
    model, random = live_model(), np.random.default_rng(64102)
    values = VALUES | {"joining.minPulseEnergy": 1.}
    one, changes = build(values, model), {
        key: {key: OTHER[key]} for key in set(KEYS) - set(ENGINE_KEYS)}
    same = {key for key, change in changes.items()
            if one.same_spectra(build(values | change, model))}
    assert {"decision.window", "drift.maxShift", "minConfidence"} <= same
    assert not same & {"dark.spectrum", "source.maskedStrips",
                       "source.pulseSelection", "minIntensity"}
    spectra = random.poisson(spectra_of(0, 12) * random.choice(
        [0, 0.01, 1, 300], (12, 1))).astype(np.uint16)

    def followed(configuration):
        outcome = Processor()(Incoming(1, 12, 0., arrays={"data": spectra}),
                              configuration)
        return outcome.train.spectra[outcome.result.label >= Code.UNKNOWN]

    for key in sorted(same):
        with subtests.test(key=key):
            np.testing.assert_array_equal(
                followed(build(values | changes[key], model)), followed(one))


def test_models_that_leave_out_other_spectra_do_not_have_the_same(subtests):
    """With the gate and the saturation of the model, as by default."""
    one = build(VALUES, live_model())
    for changes, same in (
            ({"weights": np.ones(2)}, True),
            ({"calibration": Calibration(temperature=2., samples=9)}, True),
            ({"min_intensity": 11.}, False),
            ({"saturation_level": 1000.}, False)):
        with subtests.test(changed=list(changes)):
            other = build(VALUES, live_model(**changes))
            assert one.same_spectra(other) is other.same_spectra(one) is same
    own = {"minIntensity": 20., "source.saturationLevel": 500.}
    assert build(VALUES | own, live_model()).same_spectra(build(
        VALUES | own, live_model(min_intensity=11., saturation_level=9.)))
    assert not one.same_spectra(build(VALUES, None))
