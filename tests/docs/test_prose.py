"""Spelling, and words that the documentation does not use."""
import check_prose


def test_nothing_is_found(subtests):
    paths = check_prose.pages()
    for check in (check_prose.codespell, check_prose.proselint,
                  check_prose.our_words):
        with subtests.test(check=check.__name__):
            assert check(paths) == []
    with subtests.test(check="spelling of the source"):
        assert check_prose.codespell([check_prose.ROOT / "src"]) == []


#: (check, text, word of what is found)
WRONG = [
    (check_prose.codespell, "The recieved trains.", "recieved"),
    (check_prose.proselint, "It will run for ever.", "archaic"),
    (check_prose.our_words, "The table\nsays\nso.", "states"),
    (check_prose.our_words, "What came of it: nothing.", "the result")]


def test_each_check_finds(tmp_path, subtests):
    page = tmp_path / "page.md"
    for check, text, word in WRONG:
        with subtests.test(text=text):
            page.write_text(text)
            found = check([page])
            assert found and word in " ".join(found)


def test_code_is_not_looked_at(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Run `says so`:\n\n```text\nit says so\n```\n"
                    "<!-- says so -->\n[here](says-so.md), see inForce\n")
    assert check_prose.our_words([page]) == []
    assert check_prose.proselint([page]) == []


def test_the_command_tells_by_its_exit_status(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("A plain sentence.\n")
    assert check_prose.main([str(page)]) == 0
    page.write_text("It says so.\n")
    assert check_prose.main([str(page)]) == 1
    assert "page.md:1: 'says so'" in capsys.readouterr().out
