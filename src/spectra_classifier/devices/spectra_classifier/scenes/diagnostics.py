"""When something is wrong: accounting, drift, engine, dark, alarms."""
from karabo.common.scenemodel.api import (
    CurveType,
    DisplayLabelModel,
    TrendGraphModel,
    TrendOptions,
)

from ...common.drawing.style import CLASSES
from ...common.scene_page import GAP, ROW, WIDTH, Page

HEIGHT = 1010
#: height that a trend needs: with less, its axis of time is cut off
TREND = 262


def diagnostics(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "model", "settings"))
    _alarms(page)
    _accounting(page)
    _drift(page)
    _engine(page)
    _dark(page)
    _events(page)
    for title, left, names in (
            ("Latency and age of the trains, ms", GAP,
             ("latency", "trainAge")),
            ("Scores of drift and mean, unknown fraction", 615,
             ("driftScore", "decision.meanScore",
              "decision.unknownFraction"))):
        x, y = page.card(title, left, 696, 595, 304)
        page.add(TrendGraphModel, names, x, y, 571, TREND, curve_options=[
            TrendOptions(key=page.keys(name)[0], name=name, pen_color=colour,
                         curve_type=CurveType.Trend)
            for name, colour in zip(names, CLASSES, strict=False)])
    return page.scene(WIDTH, HEIGHT)


def _alarms(page: Page) -> None:
    x, y = page.card("Alarms that stand or wait to be acknowledged", GAP, 50,
                     800, 166)
    page.table("alarms.current", x, y, 776, 120)
    x, y = page.card("Last changes of the sample state", 820, 50, 390, 166)
    page.table("decision.stateHistory", x, y, 366, 120)


def _accounting(page: Page) -> None:
    x, y = page.card("Accounting: received = classified + rejected + skipped",
                     GAP, 226, 595, 230)
    page.column((("Trains received", "trainsReceived"),
                 ("Trains lost", "trainsLost"),
                 ("of these, by us", "accounting.trainsLostByUs"),
                 ("Pulses received", "accounting.pulsesReceived"),
                 ("Pulses classified", "accounting.pulsesClassified")), x, y,
                label=120, width=110)
    page.table("accounting.reasons", x + 242, y, 329, 5 * ROW)
    page.named("Problem", "accounting.problem", x, y + 5 * ROW + 8, label=70,
               width=501)


def _drift(page: Page) -> None:
    x, y = page.card("Drift against the training", 615, 226, 595, 230)
    page.watched("Score", "driftScore", x, y, 2, label=50, width=70,
                 warnHigh=0.5, alarmHigh=1.)
    page.watched("Mean", "decision.meanScore", x + 130, y, 2, label=50,
                 width=70, alarmHigh=1.)
    page.add(DisplayLabelModel, "drift.reason", x + 260, y, 311)
    page.table("drift.ranges", x, y + ROW + 4, 571, 150)


def _engine(page: Page) -> None:
    x, y = page.card("Engine", GAP, 466, 390, 220)
    page.watched("Latency p50", "load.latencyP50", x, y, 1, label=90, width=85)
    page.watched("p99", "load.latencyP99", x + 190, y, 1, label=70, width=100,
                 warnHigh=70., alarmHigh=100.)
    page.watched("Rate", "rate", x, y + ROW, 2, label=90, width=85)
    page.named("Queue", "load.queueHighWater", x + 190, y + ROW, label=70,
               width=100)
    page.lamp("Degraded", "load.degraded", x, y + 2 * ROW, 90)
    page.watched("Share", "load.degradedShare", x + 190, y + 2 * ROW, 2,
                 label=70, width=100, warnLow=0.999)
    page.column((("Handler errors", "load.handlerErrors"),
                 ("Engine errors", "load.engineErrors")), x, y + 3 * ROW,
                label=105, width=70)
    page.column((("Blocked", "load.outputsBlocked"),
                 ("Switched", "source.switchedStrips")), x + 190, y + 3 * ROW,
                label=70, width=100)
    page.named("Problem", "accounting.lastProblem", x, y + 5 * ROW + 4,
               label=70, width=296)


def _dark(page: Page) -> None:
    x, y = page.card("Dark", 410, 466, 390, 220)
    page.add(DisplayLabelModel, "dark.status", x, y, 366, 66)
    page.number("Age", "dark.age", x, y + 72, 0, label=90, width=110)
    page.number("Offset", "dark.offset", x, y + 72 + ROW, 2, label=90,
                width=110)
    page.named("Train", "dark.trainId", x, y + 72 + 2 * ROW, label=90,
               width=110)
    page.named("Progress, %", "dark.progress", x + 210, y + 72, label=86,
               width=70)
    page.button("captureDark", x + 210, y + 72 + ROW + 4, 156, 40,
                confirm=True)


def _events(page: Page) -> None:
    x, y = page.card("Raw trains, snapshots, audit", 810, 466, 400, 220)
    page.named("Ring, trains", "snapshots.ringTrains", x, y, label=80,
               width=90)
    page.number("MB", "snapshots.ringFilled", x + 190, y, 0, label=40,
                width=146)
    page.column((("Last", "snapshots.last"), ("Status", "snapshots.status")),
                x, y + ROW + 2, label=80, width=296)
    page.named("Written", "snapshots.written", x, y + 3 * ROW + 4, label=80,
               width=60)
    page.named("Failed", "snapshots.failed", x + 150, y + 3 * ROW + 4,
               label=50, width=50)
    page.button("snapshot", x + 266, y + 3 * ROW + 4, 110)
    page.named("Audit", "auditing.status", x, y + 4 * ROW + 8, label=80,
               width=296, height=60, font_size=8)
