"""What the server of a classifier loads when it finds the device."""
import subprocess
import sys

DEVICE = "spectra_classifier.devices.spectra_classifier.device"


def test_what_a_start_need_not_wait_for_is_not_imported():
    """Compiler, training and plots: the first comes with the first model."""
    late = ("numba", "torch", "matplotlib", "pandas", "xarray")
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, {DEVICE}\n"
         f"print([name for name in {late!r} if name in sys.modules])"],
        check=True, capture_output=True, text=True, timeout=60).stdout
    assert found == "[]\n"
