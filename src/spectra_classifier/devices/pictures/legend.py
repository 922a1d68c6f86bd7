"""Names and colours of the classes, and empty pictures."""
from .canvas import Canvas
from .palette import FAINT, INK, class_colour

SWATCH = 14


def legend(canvas, x, y, entries, spacing=22):
    """One line per (colour, text, value) from y down; value may be ""."""
    for number, (colour, text, value) in enumerate(entries):
        top = y + number * spacing
        canvas.box(x, top + 1, SWATCH, SWATCH, colour)
        canvas.text(x + SWATCH + 8, top, text)
        if value:
            canvas.text(canvas.width - 8, top, value, INK, align=1)


def in_line(canvas, x, y, entries):
    """(colour, text) side by side from x on; returns where they end."""
    for colour, text in entries:
        canvas.box(x, y + 1, SWATCH, SWATCH, colour)
        x += SWATCH + 6 + canvas.text(x + SWATCH + 6, y, text) + 20
    return x


def class_entries(classes):
    """(colour, name) of every class, in order."""
    return [(class_colour(index), name)
            for index, name in enumerate(classes)]


def nothing(width, height, text):
    """A picture that says why there is none."""
    canvas = Canvas(width, height)
    canvas.text(width / 2, height / 2 - 9, text, FAINT, align=0.5)
    return canvas.picture()
