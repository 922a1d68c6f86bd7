"""A scan whose motor is in the run."""
import numpy as np
import pytest
from mock_runs import MOTOR, gotthard_run
from small_run import FRAMES, TRAINS, spectra_of

from spectra_classifier.errors import ConfigurationError, DataFileError
from spectra_classifier.exploration import scan
from spectra_classifier.files.results.by_train import (
    input_of,
    read_by_train,
    trains_of,
)
from spectra_classifier.files.runs.slow_values import (
    split_name,
    values_by_train,
)
from spectra_classifier.offline import classify_run


def test_the_motor_of_the_run(model_file, tmp_path):
    labels = np.repeat([0, 1], TRAINS // 2)[:, None].repeat(FRAMES, axis=1)
    pressure = np.repeat(np.arange(TRAINS // 2.), 2)
    run = gotthard_run(tmp_path / "r0012", spectra_of(labels), 2,
                       pressure=pressure)
    classify_run(model_file, run, tmp_path / "codes.h5")
    answers = read_by_train(tmp_path / "codes.h5")
    assert answers.over == "trains" and answers.classes == ("cold", "hot")
    np.testing.assert_array_equal(answers.counts[:, 1], labels.sum(axis=1))
    for name in f"{MOTOR}.actualPosition", f"{MOTOR}.actualPosition.value":
        values = values_by_train(input_of(tmp_path / "codes.h5"), name,
                                 answers.ids)
        np.testing.assert_array_equal(values, pressure)
    found = scan.scan(answers, scan.find_steps(values), "pressure", "GPa")
    np.testing.assert_array_equal(found.columns["share hot"],
                                  [0, 0, 0, 1, 1, 1])
    owner = trains_of(tmp_path / "codes.h5", np.array([0, FRAMES, 10 ** 6]))
    np.testing.assert_array_equal(owner, [*answers.ids[:2], -1])
    with pytest.raises(DataFileError, match="other"):
        values_by_train(run, f"{MOTOR}.other", answers.ids)


@pytest.mark.parametrize("name", ["", "A/B/C", "A/B/C.", "A/B/.x", ".x"])
def test_names_that_are_none(name):
    with pytest.raises(ConfigurationError, match=r"SOURCE\.KEY"):
        split_name(name)


def test_names_of_devices_and_channels():
    assert split_name("A/B/C.actualPosition.value") == (
        "A/B/C", "actualPosition.value")
    assert split_name("A/B/C:output.data.x") == ("A/B/C:output", "data.x")
