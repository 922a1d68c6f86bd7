"""Draw docs/figures/architecture.svg from the imports of the source.

    python scripts/draw_architecture.py

Boxes are the layers of the package with the folders in them, arrows are
imports. An import that others imply (a uses b, b uses c, a uses c) is left
out. A layer that is not in `PLACES` is an error, and an arrow that would
point up stops the drawing.
"""
import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
PACKAGE, LAB = "spectra_classifier", "spectra_lab"
FIGURE = ROOT / "docs" / "figures" / "architecture.svg"


@dataclass(frozen=True)
class Place:
    """Where a layer is drawn, and what is written under its name."""

    row: int
    left: int
    right: int
    words: str
    colour: str = "#eef2f6"


KARABO = "#fbe9d5"
PLACES = {
    LAB: Place(0, 660, 980, "private Karabo: demo, tests, rehearsal",
               KARABO),
    "cli": Place(1, 20, 350, "command line"),
    "api": Place(2, 20, 250, "Python, for notebooks"),
    "devices": Place(2, 290, 690, "the Karabo border, and nothing else",
                     KARABO),
    "offline": Place(3, 70, 250, "recorded runs (dask)"),
    "live": Place(3, 290, 630, "the way of a train, without Karabo"),
    "training": Place(4, 20, 215, "fit and validate (torch)"),
    "exploration": Place(4, 225, 365, "before labels"),
    "files": Place(4, 385, 680, "HDF5, NeXus, runs, text"),
    "simulation": Place(4, 750, 980, "simulated spectrometer"),
    "model": Place(5, 150, 840, "one ONNX file with its manifest"),
    "core": Place(6, 20, 980, "numbers only (numpy, numba)"),
}
#: x of an arrow where it leaves and where it arrives, if not the middle of
#: what both boxes share
PORTS = {
    ("api", "training"): (45, 45), ("cli", "live"): (270, 310),
    ("cli", "simulation"): (350, 880), ("devices", "simulation"): (690, 820),
    (LAB, "simulation"): (940, 940), (LAB, "files"): (720, 630),
    ("offline", "files"): (155, 400),
}
ARROW = "#2f4858"
LINE, TITLE, PAD, GAP, CHARACTER = 17, 22, 12, 44, 7.0


def modules() -> dict[str, Path]:
    """Every module of the source by its dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        found[".".join(parts)] = path
    return found


def imported(module: str, path: Path) -> Iterator[str]:
    """Names of the modules that a module imports, absolute."""
    base = module.split(".")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = [node.module] if node.module else []
            if node.level:
                up = node.level - (path.name == "__init__.py")
                parts = base[:len(base) - up] + parts
            target = ".".join(parts)
            yield from (f"{target}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> str | None:
    """The layer of a module; None for what all layers share."""
    parts = module.split(".")
    if parts[0] == LAB:
        return LAB
    if parts[0] != PACKAGE or len(parts) < 2:
        return None
    folder = SOURCE / PACKAGE / parts[1]
    return parts[1] if folder.is_dir() else None


def arrows() -> set[tuple[str, str]]:
    """(user, used) of layers, without those that others imply."""
    used: dict[str, set[str]] = {name: set() for name in PLACES}
    for module, path in modules().items():
        layer = layer_of(module)
        if layer is None:
            continue
        for name in imported(module, path):
            other = layer_of(name)
            if other not in (None, layer):
                used[layer].add(other)

    def reached(layer: str) -> set[str]:
        return used[layer].union(*map(reached, used[layer]))

    return {(layer, other) for layer in used for other in used[layer]
            if not any(other in reached(third)
                       for third in used[layer] - {other})}


def inside(layer: str) -> tuple[list[str], list[str]]:
    """(folders, files) of a layer."""
    folder = SOURCE / (LAB if layer == LAB else f"{PACKAGE}/{layer}")
    folders = sorted(path.parent.name
                     for path in folder.glob("*/__init__.py"))
    files = sorted(path.stem for path in folder.glob("*.py")
                   if not path.stem.startswith("__"))
    return folders, files


def rows_of(words: list[str], width: float, gap: int) -> list[list[str]]:
    """Words in rows that are not wider than `width` px."""
    rows: list[list[str]] = [[]]
    room = width
    for word in words:
        needed = len(word) * CHARACTER + gap
        if needed > room and rows[-1]:
            rows.append([])
            room = width
        rows[-1].append(word)
        room -= needed
    return [row for row in rows if row]


def text(x: float, y: float, words: str, **style: object) -> str:
    """A line of text; its style as SVG attributes."""
    attributes = "".join(f' {key.replace("_", "-")}="{value}"'
                         for key, value in style.items())
    return f'<text x="{x:g}" y="{y:g}"{attributes}>{escape(words)}</text>'


class Box:
    """One layer in the picture."""

    def __init__(self, layer: str) -> None:
        self.layer, self.place = layer, PLACES[layer]
        width = self.place.right - self.place.left - 2 * PAD
        folders, files = inside(layer)
        self.folders = rows_of(folders, width, 20)
        self.files = rows_of(files, width, 12)
        self.height = (2 * PAD + TITLE + LINE
                       + (LINE + 8) * len(self.folders)
                       + LINE * len(self.files))
        self.top = 0.

    @property
    def bottom(self) -> float:
        """y of the lower edge."""
        return self.top + self.height

    def draw(self) -> Iterator[str]:
        """Lines of SVG."""
        place = self.place
        x = float(place.left + PAD)
        yield (f'<rect x="{place.left}" y="{self.top:g}" rx="6" width="'
               f'{place.right - place.left}" height="{self.height:g}" '
               f'fill="{place.colour}" stroke="#5b6b7b"/>')
        y = self.top + PAD + TITLE - 8
        yield text(x, y, self.layer, font_size=17, font_weight="bold")
        y += LINE
        yield text(x, y, place.words, fill="#44505c", font_size=12,
                   font_style="italic")
        y += 8
        for row in self.folders:
            at = x
            for name in row:
                width = len(name) * CHARACTER + 12
                yield (f'<rect x="{at:g}" y="{y:g}" rx="3" width="{width:g}"'
                       f' height="{LINE + 3}" fill="white" '
                       'stroke="#9aa7b4"/>')
                yield text(at + 6, y + 14, name)
                at += width + 8
            y += LINE + 8
        for row in self.files:
            y += LINE
            at = x
            for name in row:
                yield text(at, y - 3, name, fill="#44505c")
                at += len(name) * CHARACTER + 12


def path_of(user: Box, used: Box) -> str:
    """An arrow: down, across above the box that it ends in, down."""
    key = user.layer, used.layer
    low = max(user.place.left, used.place.left)
    high = min(user.place.right, used.place.right)
    if low < high:
        middles = ((low + high) / 2,) * 2
    else:
        middles = ((user.place.left + user.place.right) / 2,
                   (used.place.left + used.place.right) / 2)
    start, end = PORTS.get(key, middles)
    if start == user.place.right:       # it leaves at the side
        y = user.top + 18 + PAD
        points = [(start, y), (end, y), (end, used.top - 2)]
    elif start == end:
        points = [(start, user.bottom), (end, used.top - 2)]
    else:
        y = used.top - 16
        points = [(start, user.bottom), (start, y), (end, y),
                  (end, used.top - 2)]
    x, y = points[-1]
    return (f'<polyline fill="none" stroke="{ARROW}" stroke-width="1.6" '
            'points="' + " ".join(f"{x:g},{y:g}" for x, y in points)
            + f'"/><path d="M{x - 5:g},{y - 8:g} L{x + 5:g},{y - 8:g} '
            f'L{x:g},{y + 1:g} Z" fill="{ARROW}"/>')


def picture() -> str:
    """The picture as SVG.

    Raises
    ------
    ValueError
        A layer has no place, or an arrow points up.
    """
    layers = {path.parent.name
              for path in (SOURCE / PACKAGE).glob("*/__init__.py")} | {LAB}
    if layers != set(PLACES):
        raise ValueError(f"PLACES and the layers differ in "
                         f"{sorted(layers ^ set(PLACES))}")
    boxes = {layer: Box(layer) for layer in PLACES}
    y = 20.
    for row in range(max(place.row for place in PLACES.values()) + 1):
        here = [box for box in boxes.values() if box.place.row == row]
        for box in here:
            box.top = y
        y += max(box.height for box in here) + GAP
    lines = []
    for user, used in sorted(arrows()):
        if PLACES[user].row >= PLACES[used].row:
            raise ValueError(f"{user} imports {used}: the arrow points up")
        lines.append(path_of(boxes[user], boxes[used]))
    for box in boxes.values():
        lines.extend(box.draw())
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 {y:g}" '
        'font-family="monospace" font-size="11.5">',
        f'<rect width="1000" height="{y:g}" fill="white"/>',
        *lines, "</svg>", ""])


if __name__ == "__main__":
    FIGURE.write_text(picture())
    print(FIGURE.relative_to(ROOT))
