"""Pictures of the map of the last minutes."""
import numpy as np
from numpy.typing import NDArray

from ...colours import FAINT, GRID, INK, class_colour, time_colour
from ...exploration.stream_map import StreamMap
from ..common.drawing.canvas import Canvas, Picture
from ..common.drawing.plot import SWATCH, Plot, in_line, limits, nothing

LEFT, RIGHT, TOP, BOTTOM = 62, 12, 44, 44
#: steps of the colour of time
STEPS = 24
#: standard errors on either side of a difference
BAND = 1.96
#: height of the lane of one cluster, at most
LANE = 18
OPACITY = 0.75
NOTHING = "no map yet: explore"
MARK = INK


def place_at(found: StreamMap, back: float) -> int:
    """The mean spectrum at a time; `back`: 0 the latest, 1 the oldest."""
    return round((1 - min(max(back, 0.), 1.)) * (len(found.moment) - 1))


def spectra_at(found: StreamMap, back: float) -> NDArray[np.bool_]:
    """(N,) the spectra that belong to that mean."""
    edges = (found.moment[1:] + found.moment[:-1]) / 2
    return np.searchsorted(edges, found.seconds) == place_at(found, back)


def words_at(found: StreamMap, back: float) -> str:
    """When that is, and which cluster."""
    own = spectra_at(found, back)
    ago = found.seconds[-1] - found.moment[place_at(found, back)]
    clusters = np.unique(found.cluster[own])
    which = " and ".join(str(each) if each >= 0 else "none, too dim"
                         for each in clusters.tolist())
    trains = found.train_id[own]
    return (f"{ago:.0f} s back, train {trains.min()}: cluster "
            f"{which}" if len(trains) else f"{ago:.0f} s back")


def _plane(found: StreamMap, canvas: Canvas) -> Plot:
    return Plot(canvas, LEFT, TOP, canvas.width - LEFT - RIGHT,
                canvas.height - TOP - BOTTOM, limits(found.place[:, 0]),
                limits(found.place[:, 1]))


def _mark(plot: Plot, found: StreamMap, back: float) -> None:
    _dots(plot, found, spectra_at(found, back), MARK, 6.5, 4.5)


def _dots(plot: Plot, found: StreamMap, rows: NDArray[np.bool_], colour: str,
          radius: float = 2.5, hole: float = 0.) -> None:
    plot.points(found.place[rows, 0], found.place[rows, 1], colour, radius,
                1. if hole else OPACITY, hole)


def by_cluster(found: StreamMap | None, back: float, width: int,
               height: int) -> Picture:
    """Spectra in the plane of their strongest differences, by cluster."""
    if found is None:
        return nothing(width, height, NOTHING)
    canvas = Canvas(width, height)
    plot = _plane(found, canvas)
    plot.frame("strongest difference (noise = 1)", "second strongest",
               x_ticks=5, y_ticks=5)
    for number in range(found.count):
        _dots(plot, found, found.cluster == number, class_colour(number))
    _mark(plot, found, back)
    in_line(canvas, LEFT, 4, [(class_colour(number), str(number))
                              for number in range(found.count)])
    return canvas.picture()


def by_time(found: StreamMap | None, back: float, width: int,
            height: int) -> Picture:
    """The same plane, by time."""
    if found is None:
        return nothing(width, height, NOTHING)
    canvas = Canvas(width, height)
    plot = _plane(found, canvas)
    plot.frame("strongest difference (noise = 1)", "second strongest",
               x_ticks=5, y_ticks=5)
    age = found.seconds - found.seconds[0]
    share = age / age[-1] if age[-1] > 0 else np.ones(len(age))
    step = np.minimum((share * STEPS).astype(int), STEPS - 1)
    for number in range(STEPS):
        _dots(plot, found, step == number,
              time_colour((number + 0.5) / STEPS))
    _mark(plot, found, back)
    x = LEFT + canvas.text(LEFT, 4, f"{_ago(age[-1])} ago ", INK)
    for number in range(STEPS):
        canvas.box(x + number * 5, 5, 5, SWATCH,
                   time_colour((number + 0.5) / STEPS))
    canvas.text(x + STEPS * 5 + 6, 4, "the end", INK)
    return canvas.picture()


def against_time(found: StreamMap | None, names: dict[int, str], back: float,
                 width: int, height: int) -> Picture:
    """Cluster of each spectrum; strongest difference below."""
    if found is None:
        return nothing(width, height, NOTHING)
    canvas = Canvas(width, height)
    inner = width - LEFT - RIGHT
    seconds = found.seconds - found.seconds[-1]
    x_range = float(seconds[0]), 0.
    lane = min(LANE, (height - TOP - BOTTOM) // 2 // max(found.count, 1))
    lanes = Plot(canvas, LEFT, TOP, inner, max(lane * found.count, 1),
                 x_range, (0., 1.))
    top = TOP + lane * found.count + 14
    course = Plot(canvas, LEFT, top, inner, height - top - BOTTOM, x_range,
                  limits(found.place[:, 0]))
    course.frame("seconds before the end", y_ticks=2)
    for low, high in found.changes - found.seconds[-1]:
        for plot in lanes, course:
            plot.span(low, high, FAINT, 0.35)
    for number in range(found.count):
        own = found.cluster == number
        row = TOP + number * lane
        canvas.box(LEFT, row + lane // 2, inner, 1, GRID)
        canvas.text(LEFT - 8, row + lane / 2 - 9, str(number), INK, align=1)
        columns = np.unique(lanes.column(seconds[own]).round().astype(int))
        bars = np.zeros(inner, np.float32)
        for each in range(-1, 2):       # a train is wider than a pixel
            bars[np.clip(columns + each - LEFT, 0, inner - 1)] = 1
        canvas.blend(LEFT, row + 2, np.tile(bars, (lane - 4, 1)),
                     class_colour(number))
        course.points(seconds[own], found.place[own, 0],
                      class_colour(number), 2., OPACITY)
    at = float(course.column(found.moment[place_at(found, back)]
                             - found.seconds[-1]))
    canvas.box(at - 1, TOP - 4, 2, height - BOTTOM - TOP + 4, MARK)
    x = in_line(canvas, LEFT, 4, [(class_colour(number), _name(number, names))
                                  for number in range(found.count)])
    canvas.text(max(x, LEFT) + 10, 4, "above: cluster; below: strongest "
                "difference; grey: 95 % of a change", FAINT)
    return canvas.picture()


def spectra(found: StreamMap | None, names: dict[int, str], back: float,
            width: int, height: int) -> Picture:
    """Mean and scatter of each cluster, and the spectrum looked back at."""
    if found is None:
        return nothing(width, height, NOTHING)
    canvas = Canvas(width, height)
    shown = found.course[place_at(found, back)]
    plot = Plot(canvas, LEFT, TOP, width - LEFT - RIGHT,
                height - TOP - BOTTOM, (found.axis[0], found.axis[-1]),
                limits(*found.mean, shown))
    plot.frame(found.label)
    for number in range(found.count):
        mean, scatter = found.mean[number], found.scatter[number]
        plot.band(found.axis, mean - scatter, mean + scatter,
                  class_colour(number), 0.15)
    for number in range(found.count):
        plot.curve(found.axis, found.mean[number], class_colour(number), 1.8)
    plot.curve(found.axis, shown, MARK, 1.2)
    in_line(canvas, LEFT, 4, [(class_colour(number), _name(number, names))
                              for number in range(found.count)]
            + [(MARK, "looked back at")])
    return canvas.picture()


def differences(found: StreamMap | None, names: dict[int, str], width: int,
                height: int) -> Picture:
    """Mean of each cluster minus that of the first, with 95 % band."""
    if found is None:
        return nothing(width, height, NOTHING)
    if found.count < 2:
        return nothing(width, height, "one cluster: there is no difference")
    canvas = Canvas(width, height)
    change = found.mean[1:] - found.mean[0]
    error = np.hypot(*np.broadcast_arrays(
        found.scatter[1:] / np.sqrt(found.size[1:, None]),
        found.scatter[0] / np.sqrt(found.size[0])))
    plot = Plot(canvas, LEFT, TOP, width - LEFT - RIGHT,
                height - TOP - BOTTOM, (found.axis[0], found.axis[-1]),
                limits(change - BAND * error, change + BAND * error))
    plot.frame(found.label)
    plot.limit(0., FAINT)
    for number, (mean, band) in enumerate(
            zip(change, BAND * error, strict=True), 1):
        plot.band(found.axis, mean - band, mean + band,
                  class_colour(number), 0.3)
        plot.curve(found.axis, mean, class_colour(number), 1.4)
    in_line(canvas, LEFT, 4, [
        (class_colour(number), f"{_name(number, names)} - {_name(0, names)}")
        for number in range(1, found.count)])
    return canvas.picture()


def _name(number: int, names: dict[int, str]) -> str:
    name = names.get(number)
    return f"{number}: {name}" if name else f"cluster {number}"


def _ago(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
