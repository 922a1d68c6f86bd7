"""What the sample does, train by train."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.timeline import Timeline

timelines = st.builds(Timeline, st.integers(2, 4), st.integers(1, 9),
                      st.integers(0, 8))


def test_two_states_with_two_mixed_trains():
    moments = [Timeline(2, 3, 2).at(index) for index in range(13)]
    assert [round(m.coordinate, 3) for m in moments] == [
        0, 0, 0, 0.333, 0.667, 1, 1, 1, 0.667, 0.333, 0, 0, 0]
    assert [m.label for m in moments] == [
        0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert [m.distance for m in moments] == [
        3, 2, 1, 0, 0, 1, 2, 1, 0, 0, 1, 2, 1]
    assert [m.transition for m in moments][:9] == [4] * 7 + [9] * 2


def test_one_half_belongs_to_the_upper_class():
    moments = [Timeline(2, 1, 1).at(index) for index in range(4)]
    assert [m.coordinate for m in moments] == [0, 0.5, 1, 0.5]
    assert [m.label for m in moments] == [0, 1, 1, 1]


def test_a_sudden_change():
    moments = [Timeline(2, 2, 0).at(index) for index in range(5)]
    assert [m.coordinate for m in moments] == [0, 0, 1, 1, 0]
    assert [m.distance for m in moments] == [2, 1, 0, 1, 0]


def test_three_states_go_up_and_down():
    labels = [Timeline(3, 1, 0).at(index).label for index in range(9)]
    assert labels == [0, 1, 2, 1, 0, 1, 2, 1, 0]


@given(timelines, st.integers(0, 200))
def test_it_repeats(timeline, index):
    one, two = timeline.at(index), timeline.at(index + timeline.period)
    assert one.coordinate == two.coordinate
    assert one.label == two.label
    # before the very first hold there was no change
    assert two.distance <= one.distance


@given(timelines)
def test_transition_and_distance_agree_with_the_labels(timeline):
    moments = [timeline.at(index) for index in range(3 * timeline.period)]
    labels = [m.label for m in moments]
    changes = [i for i in range(1, len(labels))
               if labels[i] != labels[i - 1]]
    disturbed = {i for i, m in enumerate(moments) if not m.pure} | set(
        changes)
    for index, moment in enumerate(moments[:2 * timeline.period]):
        nearest = min(abs(change - index) for change in changes)
        assert abs(moment.transition - index) == nearest
        assert moment.transition in changes
        assert moment.distance == min(abs(i - index) for i in disturbed)
        assert 0 <= moment.coordinate <= timeline.states - 1


@pytest.mark.parametrize("arguments", [(1, 5, 5), (2, 0, 5), (2, 5, -1)])
def test_nonsense_is_refused(arguments):
    with pytest.raises(ConfigurationError, match="at least"):
        Timeline(*arguments)
