"""The mean of a train of a recording is judged as it is live."""
import h5py
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.decision.mean_verdict import MeanCode
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.files.results.writer import ResultWriter
from spectra_classifier.files.runs.train_source import ArraySource
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from spectra_classifier.offline.chunks import classify
from spectra_classifier.offline.tally import Tally
from tests.devices.fakes import CHANNELS, spectra_of
from tests.live.test_mean_judge import RULE, comb, configured

#: pulses of a train: more than enter a mean
PULSES = 600
DARK = tuple(map(float, 3. + np.arange(CHANNELS) % 5))


def train(kind, random):
    """(PULSES, CHANNELS) counts, of which the last tenth are too dark."""
    share = random.uniform()
    mean = {"state": spectra_of(0, 1), "other": spectra_of(1, 1),
            "mixture": share * spectra_of(0, 1)
            + (1 - share) * spectra_of(1, 1),
            "dim": 0.5 * spectra_of(0, 1),
            "comb": comb(1),
            "half a comb": 0.5 * comb(1) + 0.5 * spectra_of(0, 1),
            "noise": random.integers(20, 400, (1, CHANNELS))}[kind]
    spectra = random.poisson(mean + np.array(DARK), (PULSES, CHANNELS))
    spectra[-PULSES // 10:] = 3
    return spectra.astype(np.uint16)


KINDS = ("state", "other", "mixture", "dim", "comb", "half a comb", "noise")


def classified(trains, first, live):
    """The chunk of successive trains."""
    model = live.model
    source = ArraySource(np.concatenate(trains), block=PULSES)
    source.train_ids = np.arange(first, first + len(trains), dtype=np.uint64)
    return classify(model.engine, Settings(dark=np.array(DARK, np.float32)),
                    source, 0, len(source))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5),
       st.integers(1, 10**9), st.booleans(), st.integers(0, 10**6))
def test_live_and_from_files_alike(kinds, first, limits, seed):
    random = np.random.default_rng(seed)
    trains = [train(kind, random) for kind in kinds]
    live = configured(RULE if limits else None, **{"dark.spectrum": DARK})
    process = Processor()
    rows = classified(trains, first, live).trains
    for number, spectra in enumerate(trains):
        means = process(Incoming(first + number, PULSES, 0., arrays={
            "data": spectra}), live).means
        assert rows["mean_score"][number] == np.float32(means.worst) or (
            np.isnan(means.worst) and np.isnan(rows["mean_score"][number]))
        assert rows["mean_code"][number] == means.code


def test_what_the_file_and_the_counts_have(tmp_path):
    random = np.random.default_rng(0)
    trains = [train(kind, random) for kind in ("state", "comb", "mixture")]
    live = configured(**{"dark.spectrum": DARK})
    chunk = classified(trains, 7, live)
    classes = live.model.definition.classes
    with ResultWriter(tmp_path / "r.h5", classes=classes, model={},
                      model_id="m", model_sha256="0", source={},
                      configuration={}) as writer:
        writer.add(chunk)
    with h5py.File(tmp_path / "r.h5") as file:
        codes = file["entry/trains/mean_code"]
        assert codes[()].tolist() == [
            MeanCode.TAUGHT, MeanCode.FOREIGN, MeanCode.TAUGHT]
        assert "1 foreign" in codes.attrs["codes"]
        assert file["entry/trains/mean_score"][1] > 1
    tally = Tally(classes)
    tally.add(chunk)
    report = tally.report()
    assert (report["trains_judged"], report["trains_foreign"]) == (3, 1)


def test_blocks_of_spectra_without_trains_are_not_judged():
    spectra = [train("comb", np.random.default_rng(0))]
    rows = classified(spectra, 0, configured()).trains
    assert rows["mean_code"].tolist() == [MeanCode.NOT_JUDGED]
