"""The picture of the package is that of its imports."""
import draw_architecture
import pytest


def test_the_figure_is_up_to_date():
    """If it fails: python scripts/draw_architecture.py, and look at it."""
    assert (draw_architecture.FIGURE.read_text()
            == draw_architecture.picture())


def test_an_import_that_points_up_is_an_error(monkeypatch):
    monkeypatch.setattr(draw_architecture, "arrows",
                        lambda: {("core", "devices")})
    with pytest.raises(ValueError, match="points up"):
        draw_architecture.picture()
