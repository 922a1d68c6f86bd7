"""The command line of the demonstration."""
import pytest

from spectra_lab.demo.options import SIMULATED, parse


def test_the_defaults(tmp_path):
    options = parse(["--lab", str(tmp_path)])
    assert options.source == SIMULATED
    assert options.seconds is None and options.model is None


@pytest.mark.parametrize("arguments, word", [
    (["--seconds", "0"], "more than 0"),
    (["--pulses-per-train", "3000"], "1 to 2720"),
    (["--model", "absent.onnx"], "no such file"),
    (["--source", "absent.npz"], "no such file"),
    (["--preset", "impossible"], "invalid choice"),
])
def test_what_is_wrong_is_named(tmp_path, capsys, arguments, word):
    with pytest.raises(SystemExit):
        parse(["--lab", str(tmp_path), *arguments])
    assert word in capsys.readouterr().err


def test_a_file_needs_a_model(tmp_path, capsys):
    with pytest.raises(SystemExit):
        parse(["--lab", str(tmp_path), "--source", str(tmp_path)])
    assert "needs --model" in capsys.readouterr().err
