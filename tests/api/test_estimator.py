"""The estimator in scikit-learn: its own checks, pipelines, searches."""
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from spectra_classifier import SpectraClassifierEstimator
from spectra_classifier.errors import ConfigurationError
from tests.api.conftest import ENERGIES, states

#: in a process of its own, which scipy asks for before it is imported
CHECK = """
import json, sys, warnings
warnings.simplefilter("ignore")
from sklearn.utils.estimator_checks import check_estimator
from spectra_classifier import SpectraClassifierEstimator
found = check_estimator(SpectraClassifierEstimator(sys.argv[1]),
                        on_skip=None, on_fail=None)
print(json.dumps([(each["check_name"], each["status"],
                   repr(each["exception"])) for each in found]))
"""


@pytest.mark.parametrize("members", ["auto", "linear"])
def test_every_check_of_scikit_learn(members):
    """None fails, is skipped or is expected to fail."""
    found = json.loads(subprocess.run(
        [sys.executable, "-c", CHECK, members], check=True,
        capture_output=True, text=True,
        env=os.environ | {"SCIPY_ARRAY_API": "1"}).stdout)
    assert len(found) > 50
    assert [each for each in found if each[1] != "passed"] == []


def linear(**more):
    return SpectraClassifierEstimator("linear", bins=4, **more)


def test_pipeline_search_and_scores():
    spectra, labels, captures = states()
    pipeline = make_pipeline(
        FunctionTransformer(np.sqrt), linear())
    scores = cross_val_score(pipeline, spectra, labels, groups=captures,
                             cv=GroupKFold(4))
    assert scores.tolist() == [1, 1, 1, 1]
    search = GridSearchCV(linear(), {"bins": [2, 4],
                                     "members": ["linear", "ridge"]},
                          cv=GroupKFold(4))
    search.fit(spectra, labels, groups=captures)
    assert search.best_score_ == 1
    assert (search.predict(spectra) == labels).all()


def test_it_is_the_model_of_train(tmp_path):
    spectra, labels, captures = states()
    found = linear(axis=ENERGIES, gate=True).fit(spectra, labels, captures)
    assert found.model_.report["captures"] == 8
    assert found.model_.axis.values.tolist() == ENERGIES.tolist()
    assert found.classes_.tolist() == ["cold", "hot"]
    result = found.model_.classify(spectra, engine="numpy")
    assert (result.labels == found.predict(spectra)).all()
    assert found.model_.save(tmp_path).is_file()
    probabilities = found.predict_proba(spectra)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(probabilities.max(axis=1), result.confidence,
                               rtol=1e-5)


@pytest.mark.parametrize("labels", [
    np.array(["x", "y"]), np.array([3, -2]), np.array([True, False]),
    np.array(["a", "a "], object), np.array(["\x01", "b"]),
    np.array([1.0, 7.0])])
def test_labels_of_any_type_come_back(labels):
    """Also those that could not be names of classes."""
    spectra, hot, _ = states()
    y = labels[(hot == "hot").astype(int)]
    found = linear().fit(spectra, y)
    assert (found.predict(spectra) == y).all()
    assert found.score(spectra, y) == 1


def test_unknown_spectra_get_the_label_that_is_asked_for():
    spectra, labels, captures = states()
    found = linear(gate=True, unknown="none of them").fit(
        spectra, labels, captures)
    dim = spectra.copy()
    dim[0] = 0
    assert found.predict(dim)[0] == "none of them"
    assert (found.predict(dim)[1:] == labels[1:]).all()
    always = clone(found).set_params(unknown=None).fit(spectra, labels)
    assert always.predict(dim)[0] in ("cold", "hot")


def test_what_is_refused(subtests):
    spectra, labels, captures = states()
    for estimator, arguments, said in (
            (linear(options={"bins": 3}), (spectra, labels), "bins is a par"),
            (linear(options={"bin": 3}), (spectra, labels), "no option"),
            (linear(axis=ENERGIES[1:]), (spectra, labels), "39 positions"),
            (linear(), (spectra, labels, captures[1:]), "groups of shape"),
            (linear(), (spectra, np.full(48, "a")), "one class"),
            (linear(), (spectra[:, :1], labels), "1 feature"),
            (SpectraClassifierEstimator("best"), (spectra, labels),
             "members 'best'")):
        with subtests.test(said=said), pytest.raises(ValueError, match=said):
            estimator.fit(*arguments)
    assert issubclass(ConfigurationError, ValueError)
    fitted = linear().fit(pd.DataFrame(spectra).add_prefix("c"), labels)
    assert fitted.n_features_in_ == 40
    assert fitted.feature_names_in_[0] == "c0"
    with pytest.raises(ValueError, match="NaN"):
        fitted.predict(pd.DataFrame(spectra * np.nan).add_prefix("c"))
