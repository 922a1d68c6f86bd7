"""What belongs to a device has a name that no other device has."""
import string

from hypothesis import example, given
from hypothesis import strategies as st

from spectra_classifier.files.device_names import LONGEST, device_name

#: ids that are easily taken for one another
ALIKE = st.text(st.sampled_from("aAbB/_-.+%~1"), max_size=6)
IDS = st.one_of(ALIKE, st.text(string.ascii_letters + string.digits + "/_-",
                               max_size=300), st.text(max_size=40))


NAMES = [
    ("a/b/1", "a+b+1"), ("a_b", "a_b"), ("A/b", "A+b~1"), ("a/B", "a+B~4"),
    ("SPB_IRDA/CLASSIFIER/1", "SPB_IRDA+CLASSIFIER+1~7fef7"),
    ("a+b", "a%2bb"), (".", "%2e"), ("..", "%2e%2e"), ("a.", "a%2e"),
    ("", "%"), ("é", "%c3%a9"), ("a\0b", "a%00b"), ("\ud800", "%ed%a0%80")]


def test_names(subtests):
    for device_id, name in NAMES:
        with subtests.test(name=name):
            assert device_name(device_id) == name


@given(IDS, IDS)
@example("A/B", "A_B")
@example("A/B", "a/b")
@example("a/B", "a/b~4")
@example("x" * 300, "x" * 299)
@example("K", "\u212a")             # the sign of Kelvin, in small letters k
def test_two_devices_share_no_name(one, other):
    same = device_name(one).casefold() == device_name(other).casefold()
    assert same == (one == other)


@given(IDS)
@example("x" * 300)
def test_a_name_can_be_that_of_a_file(device_id):
    name = device_name(device_id)
    assert 0 < len(name.encode()) <= LONGEST + 66
    assert name.isascii() and not set(name) & set("/\\\0.:*?[]\"<>| ")
