"""Values wait for their turn; none waits for ever, none is sent too often."""
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.devices.classifier_base.paced_values import (
    BURST,
    RATE,
    VALUE,
    PacedValues,
)

PATHS = [f"path{number}" for number in range(30)]
TABLE = [("a name", 1, 2.)] * 20


def settled(together=()):
    """Without anything left of the first burst."""
    paced = PacedValues(together)
    paced.take(0.)
    paced.offer(dict.fromkeys(map(str, range(200)), TABLE))
    while paced.take(0.):
        pass
    paced.drop(map(str, range(200)))
    return paced


def test_after_a_quiet_time_all_goes_at_once():
    paced, values = PacedValues(), dict.fromkeys(PATHS, 1)
    paced.offer(values)
    assert paced.take(0.) == values
    assert paced.take(1.) == {}


def test_the_newest_of_the_offered_values_is_taken_once():
    paced = PacedValues()
    for number in range(3):
        paced.offer({"a": number, "b": number}, quick=True)
    paced.drop(["b"])
    assert paced.take(0.) == {"a": 2}


@given(st.lists(st.tuples(
    st.dictionaries(st.sampled_from(PATHS), st.integers() | st.just(TABLE)),
    st.booleans())))
def test_nothing_is_lost_and_the_last_value_wins(offers):
    paced, offered, taken = settled(), {}, {}
    for second, (values, quick) in enumerate(offers):
        paced.offer(values, quick)
        offered |= values
        taken |= paced.take(float(second))
    taken |= paced.take(float(len(offers)), everything=True)
    assert taken == offered


@given(st.lists(st.tuples(
    st.dictionaries(st.sampled_from(PATHS), st.integers() | st.just(TABLE)),
    st.tuples(*[st.integers(0, 3)] * 3), st.booleans()), min_size=5))
def test_what_belongs_together_is_taken_together(offers):
    """As received is the sum of classified, rejected and skipped."""
    paced, parts = settled(PATHS[:4]), [0, 0, 0]
    shown = dict.fromkeys(PATHS[:4], 0)
    for second, (values, counted, everything) in enumerate(offers):
        parts = [sum(pair) for pair in zip(parts, counted, strict=True)]
        now = dict(zip(PATHS[:4], [sum(parts), *parts], strict=True))
        paced.drop(path for path in now if now[path] == shown[path])
        paced.offer({path: now[path] for path in now
                     if now[path] != shown[path]})
        paced.offer({path: value for path, value in values.items()
                     if path not in now})
        shown |= {path: value for path, value in paced.take(
            second / 10, everything).items() if path in now}
        assert shown[PATHS[0]] == sum(shown[path] for path in PATHS[1:4])


def test_what_changes_all_the_time_stays_within_the_rate():
    paced, seconds = settled(), 600
    quick, seen, values = dict.fromkeys(PATHS[:3], 1), {}, 0
    for second in range(1, seconds):
        paced.offer(quick, quick=True)
        paced.offer(dict.fromkeys(PATHS[3:], second) | {"table": TABLE})
        found = paced.take(float(second))
        assert quick.keys() <= found.keys()
        values += len(found) - len(quick)
        seen |= dict.fromkeys(found, second)
    # each has had its turn lately, though all of them change
    assert min(seen.values()) > seconds - 30
    assert values * VALUE < RATE * seconds + BURST


def test_a_quick_value_is_never_held_back():
    paced = settled()
    for second in range(1, 100):
        paced.offer({"huge": TABLE * 100}, quick=True)
        assert paced.take(float(second)) == {"huge": TABLE * 100}
    paced.offer({"b": 1})
    assert paced.take(101.) == {"b": 1}
