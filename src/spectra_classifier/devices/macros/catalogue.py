"""The macros of the package: as classes, and as text for `requestMacro`."""
import inspect

from . import act_on_state_change, teach_and_wait, wait_for_sample_state
from .act_on_state_change import ActOnStateChange
from .teach_and_wait import TeachAndWait
from .wait_for_sample_state import WaitForSampleState

__all__ = ["MACROS", "ActOnStateChange", "TeachAndWait",
           "WaitForSampleState"]

#: name of each macro -> its source text, complete in itself
MACROS = {
    "WaitForSampleState": inspect.getsource(wait_for_sample_state),
    "ActOnStateChange": inspect.getsource(act_on_state_change),
    "TeachAndWait": inspect.getsource(teach_and_wait)}
