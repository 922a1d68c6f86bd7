"""Sizes of texts in the fonts of the GUI.

    .venv-gui/bin/python src/spectra_lab/gui/client/measure.py

On stdin a JSON list of {"text": ..., "points": ..., "bold": ...}; on stdout
the list of (width, height, height of a capital) in pixels.
"""
import json
import sys

from karabogui.fonts import get_qfont
from karabogui.programs.base import create_gui_app
from qtpy.QtGui import QFontMetrics


def size(text: str, points: int, bold: bool) -> tuple[int, int, int]:
    """Width, height of the line and of its capitals, in pixels."""
    font = get_qfont()
    font.setPointSize(points)
    font.setBold(bold)
    metrics = QFontMetrics(font)
    return (metrics.horizontalAdvance(text), metrics.height(),
            metrics.capHeight())


if __name__ == "__main__":
    app = create_gui_app(sys.argv[:1])
    print(json.dumps([size(**each) for each in json.load(sys.stdin)]))
