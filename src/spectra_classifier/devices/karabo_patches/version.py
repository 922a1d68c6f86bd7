"""The versions of Karabo whose inner workings are known here."""
import logging
from functools import cache

from karabo.middlelayer import Device

#: Karabo versions that tests/devices/karabo_patches was run with
TESTED = ("3.1.2",)


def is_tested() -> bool:
    """Whether our channels may differ from those of the installed Karabo.

    Where they may not, that is logged once in each process.
    """
    installed = Device.__version__
    if installed in TESTED:
        return True
    _log_once(installed)
    return False


@cache
def _log_once(installed: str) -> None:
    logging.getLogger(__name__).warning(
        "Karabo %s is not one of the versions that our channels were tested "
        "with (%s): they work as Karabo's own. Large trains cost more to "
        "receive, an output keeps one train for shared receivers, and after "
        "a lost connection the next receiver may have to connect twice "
        "(docs/install.md)", installed, ", ".join(TESTED))
