"""Trains that a healthy source never sends, each survived.

After every one of them the next good train is classified, every pulse is
accounted for, and the permit was never given by mistake.
"""
import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import Hash
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier.core.spectra import Code
from spectra_classifier.core.trains.accounting import CONFIRMED
from tests.broker.classifier_bench import FIRST_TRAIN, bench, save_model
from tests.devices.fakes import CHANNELS, spectra_of


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(karabo_environment, karabo_client, tmp_path_factory):
    path = save_model(tmp_path_factory.mktemp("model") / "fault.onnx")
    async with bench(path, **{"source.maxPulses": 50,
                              "load.queueLength": 50}) as one:
        yield one


async def settled(one):
    """Nothing is on its way any more, and the sums hold."""
    flow = one.classifier._stream.flow

    def delivered():
        # on a busy machine our own receiver may not take a train in time
        ledger = flow.ledger
        return ledger.returned == ledger.written.plus(*ledger.blocked)

    await sleepUntil(lambda: one.classifier._stream.worker.queue.in_flight() ==
                     (0, 0), timeout=20)
    await sleepUntil(delivered, timeout=20)
    assert flow.ledger.identity() == ""
    assert one.classifier._stream.errors == 0


async def good_train_is_classified(one, **kwargs):
    out = await one.classify(1, pulses=3, **kwargs)
    np.testing.assert_array_equal(out["label"][:3], [1, 1, 1])
    await settled(one)


async def send(one, arrays, **kwargs):
    return await one.output(await one.source.send(arrays, **kwargs))


@pytest.mark.parametrize("pulses", [0, 1, 50])
async def test_any_number_of_pulses(one, pulses):
    out = await one.classify(0, pulses=pulses)
    assert out["pulseCount"] == pulses
    np.testing.assert_array_equal(out["label"][:pulses], [0] * pulses)
    assert (out["label"][pulses:] == Code.SKIPPED).all()
    await good_train_is_classified(one)


async def test_a_number_of_pulses_that_changes(one):
    for pulses in 5, 0, 17, 1, 50, 2:
        out = await one.classify(1, pulses=pulses)
        assert out["pulseCount"] == pulses
        assert (out["label"][:pulses] == 1).all()
    await good_train_is_classified(one)


@pytest.mark.parametrize("adc, pulses", [
    (np.ones((4, CHANNELS - 1), np.uint16), 4),
    (np.ones((4, CHANNELS + 7), np.float32), 4),
    (np.ones((CHANNELS, 4), np.uint16), CHANNELS),
    (np.ones(CHANNELS + 1, np.uint16), 1),
    (np.ones((2, 3, CHANNELS), np.uint16), 0),
    (np.ones((51, CHANNELS), np.uint16), 50),
    (Hash("a", 1), 0),
    ("text", 0),
    (3.5, 0),
], ids=["fewer channels", "more channels", "transposed", "rank 1", "rank 3",
        "too many pulses", "no array", "text", "number"])
async def test_what_is_no_train_of_spectra(one, adc, pulses):
    rejected = one.classifier._stream.flow.ledger.rejected.get(
        "unusable payload", (0, 0))[0]
    out = await send(one, {"adc": adc})
    assert out["pulseCount"] == pulses
    assert (out["label"][:pulses] == Code.BAD_DATA).all()
    assert not out["permit"]
    ledger = one.classifier._stream.flow.ledger
    assert ledger.rejected["unusable payload"].trains == rejected + 1
    await good_train_is_classified(one)


async def test_a_missing_key(one):
    out = await send(one, {"something": np.ones(3, np.uint16)})
    assert out["pulseCount"] == 0
    await sleepUntil(lambda: "data.adc"
                     in one.classifier.accounting.lastProblem,
                     timeout=20)
    await good_train_is_classified(one)


@pytest.mark.parametrize("dtype", [
    np.float64, np.float32, np.int16, np.int32, np.int64, np.uint8,
    np.uint32])
async def test_every_real_type(one, dtype):
    # uint8 holds what is left of 300 counts: another shape, the same side
    adc = (spectra_of(1, counts=80)).astype(dtype)
    out = await send(one, {"adc": adc})
    np.testing.assert_array_equal(out["label"][:4], [1] * 4)
    await good_train_is_classified(one)


async def test_nan_and_inf_spoil_their_own_pulse_only(one):
    adc = spectra_of(1, 5).astype(np.float32)
    adc[1, 3] = np.nan
    adc[2, 0] = np.inf
    adc[3, -1] = -np.inf
    out = await send(one, {"adc": adc})
    bad = Code.BAD_DATA
    np.testing.assert_array_equal(out["label"][:5], [1, bad, bad, bad, 1])
    await good_train_is_classified(one)


async def test_huge_numbers_are_no_class(one):
    adc = spectra_of(1, 2).astype(np.float64)
    adc[1] = 1e300
    out = await send(one, {"adc": adc})
    np.testing.assert_array_equal(out["label"][:2], [1, Code.BAD_DATA])
    await good_train_is_classified(one)


async def test_all_zero_is_low_intensity(one):
    out = await send(one, {"adc": np.zeros((4, CHANNELS), np.uint16)})
    assert (out["label"][:4] == Code.LOW_INTENSITY).all()
    await good_train_is_classified(one)


async def test_negative_counts_are_low_intensity(one):
    out = await send(one, {"adc": -spectra_of(1).astype(np.float32)})
    assert (out["label"][:4] == Code.LOW_INTENSITY).all()
    await good_train_is_classified(one)


async def test_saturated_strips(one):
    await one.set(**{"source.saturationLevel": 4095.})
    adc = spectra_of(1, 3)
    adc[1, 7] = 4095
    out = await send(one, {"adc": adc})
    np.testing.assert_array_equal(out["label"][:3], [1, Code.SATURATED, 1])
    await one.set(**{"source.saturationLevel": -1.})
    await good_train_is_classified(one)


async def test_switched_strips_are_saturated(one):
    gain = np.zeros((3, CHANNELS), np.uint8)
    gain[2, 5] = 1
    out = await send(one, {"adc": spectra_of(1, 3), "gain": gain})
    np.testing.assert_array_equal(out["label"][:3], [1, 1, Code.SATURATED])
    one.classifier._stream._reader.forget()     # the next source has no gain
    await good_train_is_classified(one)


async def test_gain_stages_that_go_missing(one):
    gain = np.zeros((3, CHANNELS), np.uint8)
    out = await send(one, {"adc": spectra_of(1, 3), "gain": gain})
    assert (out["label"][:3] == 1).all()
    out = await send(one, {"adc": spectra_of(1, 3)})
    assert (out["label"][:3] == Code.BAD_DATA).all()
    one.classifier._stream._reader.forget()
    await good_train_is_classified(one)


async def test_frames_that_were_never_received(one):
    out = await send(one, {
        "adc": spectra_of(1, 3),
        "memoryCell": np.full(3, 255, np.uint8),
        "frameNumber": np.array([1, 0, 2], np.uint64)})
    np.testing.assert_array_equal(out["label"][:3], [1, Code.BAD_DATA, 1])
    one.classifier._stream._reader.forget()
    await good_train_is_classified(one)


async def test_arrays_that_do_not_go_together(one):
    out = await send(one, {"adc": spectra_of(1, 3),
                           "frameNumber": np.ones(2, np.uint64)})
    assert (out["label"][:3] == Code.BAD_DATA).all()
    one.classifier._stream._reader.forget()
    await good_train_is_classified(one)


async def test_a_shape_that_lies_about_the_bytes(one):
    element = Hash("type", 10, "isBigEndian", False,
                   "shape", np.array([2**40, CHANNELS], np.uint64),
                   "data", bytearray(64))
    out = await send(one, {"adc": element})
    assert out["pulseCount"] == 0
    await good_train_is_classified(one)


async def test_big_endian_counts(one):
    adc = spectra_of(1, 2)
    element = Hash("type", 10, "isBigEndian", True,
                   "shape", np.array(adc.shape, np.uint64),
                   "data", bytearray(adc.astype(">u2").tobytes()))
    out = await send(one, {"adc": element})
    np.testing.assert_array_equal(out["label"][:2], [1, 1])
    await good_train_is_classified(one)


def kinds(one):
    return dict(one.classifier._stream.flow.ledger.kinds)


async def told(one, kind, before, count=1):
    await settled(one)
    assert kinds(one).get(kind, 0) == before.get(kind, 0) + count


async def test_a_repeated_train_does_not_advance_the_lease(one):
    train = await one.source.send_class(1)
    first = await one.output(train)
    before, count = kinds(one), len(one.collector.trains)
    await one.source.send_class(1, train_id=train)
    await sleepUntil(lambda: len(one.collector.trains) > count, timeout=20)
    again = one.collector.trains[-1]
    assert again["permitSequence"] == first["permitSequence"]
    await told(one, "repeated", before)
    await good_train_is_classified(one)


async def test_a_train_that_comes_late(one):
    train = (await one.classify(1))["trainId"]
    lost = sum(one.classifier._stream.flow.ledger.lost.values())
    before = kinds(one)
    await one.classify(1, train_id=int(train) + 2)
    assert sum(one.classifier._stream.flow.ledger.lost.values()) == lost + 1
    await one.classify(1, train_id=int(train) + 1)
    await told(one, "late", before)
    assert sum(one.classifier._stream.flow.ledger.lost.values()) == lost
    await good_train_is_classified(one, train_id=int(train) + 3)


async def test_a_gap_is_counted(one):
    train = int((await one.classify(1))["trainId"])
    lost = sum(one.classifier._stream.flow.ledger.lost.values())
    await one.classify(1, train_id=train + 8)
    assert sum(one.classifier._stream.flow.ledger.lost.values()) == lost + 7
    await good_train_is_classified(one)


async def test_train_ids_that_jump(one):
    before = kinds(one)
    train = int((await one.classify(1))["trainId"])
    # one alone is stray; several that agree are a jump
    await one.classify(1, train_id=train + 10_000_000)
    await told(one, "stray", before)
    for number in range(1, CONFIRMED):
        await one.classify(1, train_id=train + 10_000_000 + number)
    await told(one, "jump", before)
    await good_train_is_classified(one)
    # and the largest id there is
    await one.classify(1, train_id=2**64 - 1)
    await good_train_is_classified(one, train_id=FIRST_TRAIN + 4000)


async def test_a_train_without_an_id(one):
    before = kinds(one)
    out = await one.classify(1, train_id=0)
    assert not out["permit"]
    await told(one, "untimed", before)
    await good_train_is_classified(one, train_id=FIRST_TRAIN + 5000)


async def test_a_sender_that_starts_anew_counts_from_the_beginning(one):
    await one.classify(1, train_id=900_000)
    before = kinds(one)
    for train_id in range(100, 110):
        await one.classify(1, train_id=train_id)
    await settled(one)
    assert kinds(one).get("restart", 0) > before.get("restart", 0)
    await good_train_is_classified(one)


async def test_end_of_stream_then_data(one):
    await one.classify(1)
    await one.source.output.writeEndOfStream()
    await good_train_is_classified(one)


async def test_spectra_are_not_touched_by_what_comes_after(one):
    """The arrays that wait in the queue are views of private bytes."""
    sent = [await one.source.send_class(index % 2, pulses=5)
            for index in range(40)]
    for index, train in enumerate(sent):
        out = await one.output(train)
        assert (out["label"][:5] == index % 2).all()
    await settled(one)
