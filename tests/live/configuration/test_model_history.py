"""What another model changes, and what it does not."""
import pytest

from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.configuration.model_history import ModelKeeper
from tests.devices.fakes import VALUES, live_model

PERMIT_HIGH = ({"sampleClass": "high", "alarm": "none", "permit": True},)
VALUES = VALUES | {"reactions": PERMIT_HIGH}
OTHER_BINS = {"bins": ((0, 8), (16, 32))}


class Keeper(ModelKeeper):
    """With what it accepts submitted."""

    def __init__(self):
        self.live = None
        super().__init__(8, lambda: self.live)

    def accept(self, configuration):
        super().accept(configuration)
        self.live = configuration


def keeper(model=None, **changes):
    made = Keeper()
    made.accept(made.adoption(None, VALUES | changes)[0])
    if model is not None:
        made.accept(made.adoption(model, VALUES | changes)[0])
    return made


def test_the_first_model_takes_the_configured_reactions():
    first = keeper(live_model())
    assert first.live.confirmed
    assert first.live.decision.reaction(1).permit
    assert first.previous is None


def test_reactions_that_do_not_fit_wait_to_be_confirmed():
    first = keeper(live_model(classes=("x", "y")))
    assert not first.live.confirmed
    assert not first.live.standing.reactions_confirmed


def test_a_model_of_the_same_words_keeps_everything():
    made = keeper(live_model(), selectedBins=(1,))
    other = live_model(min_intensity=20.)
    configuration, corrections = made.adoption(
        other, VALUES | {"selectedBins": (1,)})
    assert configuration.confirmed
    assert configuration.settings.selected_bins == (1,)
    assert not corrections


@pytest.mark.parametrize("changes", [OTHER_BINS,
                                     {"classes": ("low", "top")}])
def test_other_words_need_to_be_confirmed(changes):
    made = keeper(live_model())
    configuration, _ = made.adoption(live_model(**changes), VALUES)
    assert not configuration.confirmed
    made.accept(configuration)
    # going on does not confirm by itself
    assert not made.proposal(VALUES, ("minConfidence",)).confirmed


def test_other_bins_clear_the_selection():
    made = keeper(live_model(), selectedBins=(1,))
    configuration, corrections = made.adoption(
        live_model(**OTHER_BINS), VALUES | {"selectedBins": (1,)})
    assert corrections == {"selectedBins": ()}
    assert configuration.settings.selected_bins == ()


def test_but_not_one_that_comes_with_the_model():
    made = keeper(live_model(), selectedBins=(1,))
    configuration, corrections = made.adoption(
        live_model(**OTHER_BINS), VALUES | {"selectedBins": (0,)},
        ("modelPath", "selectedBins"))
    assert not corrections
    assert configuration.settings.selected_bins == (0,)


def test_setting_the_reactions_confirms_them():
    made = keeper(live_model())
    made.accept(made.adoption(live_model(**OTHER_BINS), VALUES)[0])
    assert made.proposal(VALUES, ("reactions",)).confirmed


def test_a_model_in_between_does_not_confirm():
    made = keeper(live_model())
    made.accept(made.adoption(live_model(**OTHER_BINS), VALUES)[0])
    made.accept(made.adoption(None, VALUES)[0])
    again = made.adoption(live_model(**OTHER_BINS), VALUES)[0]
    assert not again.confirmed


def test_the_previous_model_is_kept():
    first, second = live_model(), live_model(min_intensity=20.)
    made = keeper(first)
    made.accept(made.adoption(second, VALUES)[0])
    assert made.previous is first
    # another engine for the same model is no other model
    made.accept(made.adoption(live_model(min_intensity=20.), VALUES)[0])
    assert made.previous is first
    made.accept(made.adoption(first, VALUES)[0])
    assert made.previous.identity == second.identity


def test_a_refusal_changes_nothing():
    made = keeper(live_model(), selectedBins=(1,))
    before = made.live
    with pytest.raises(ConfigurationError):
        made.adoption(live_model(**OTHER_BINS),
                      VALUES | {"selectedBins": (5,)},
                      ("modelPath", "selectedBins"))
    with pytest.raises(ConfigurationError):
        made.proposal(VALUES | {"minConfidence": 7.})
    assert made.live is before
    assert made.previous is None


def test_an_override_is_for_one_model_and_not_for_a_start():
    given = VALUES | {"model.overrideObjection": "commissioning"}
    made = Keeper()
    made.accept(made.adoption(None, given)[0])
    configuration, corrections = made.adoption(live_model(), given,
                                               ("modelPath",))
    assert corrections == {"model.overrideObjection": ""}
    made.accept(configuration)
    made.accept(made.proposal(given, ("model.overrideObjection",)))
    _, corrections = made.adoption(live_model(), given, ("load.engine",))
    assert corrections == {}
    _, corrections = made.adoption(live_model(min_intensity=20.), given,
                                   ("modelPath",))
    assert corrections == {"model.overrideObjection": ""}


def test_an_objection_stands_until_it_is_overridden():
    model = live_model()
    del model.loaded.manifest["metrics"]
    assert "no null test" in keeper(model).live.standing.objection
    made = keeper(model)
    overridden = made.proposal(
        VALUES | {"model.overrideObjection": "commissioning"}, ())
    assert overridden.standing.objection == ""
    assert overridden.hash != made.live.hash
