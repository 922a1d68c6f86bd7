"""`transitions` on what `classify` has written."""


def test_the_switch_of_a_sequence_is_told(run, model_file, spectra_file,
                                          tmp_path):
    out = tmp_path / "result.h5"
    assert run("classify", model_file, spectra_file, "-o", out,
               "--engine", "numpy").code == 0
    report = run("transitions", out, "--json").document
    assert report["over"] == "spectra" and report["n"] == 60
    change, = report["transitions"]
    assert (change["from"], change["to"], change["at"]) == (
        "cold", "hot", 30)
    assert change["low"] <= 30 <= change["high"]
    words = run("transitions", out)
    assert "first spectrum" in words.stdout and "hot" in words.stdout
    outcome = run("transitions", out, "--train", "7")
    assert outcome.code == 2 and "belong to no train" in outcome.stderr
