"""When something is wrong: accounting, drift, engine, dark, alarms."""
from karabo.common.scenemodel.api import (
    CurveType,
    DisplayLabelModel,
    TrendGraphModel,
    TrendOptions,
)

from ....colours import CLASSES
from ...common.scene_page import GAP, TOP, Page

#: heights of the rows of cards
ALARMS, COUNTS, PARTS, TRENDS = 150, 225, 225, 305


def diagnostics(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "model", "settings"))
    y = TOP
    page.card("Active alarms, and those to be acknowledged", 0, 7, y,
              ALARMS).table("alarms.current")
    page.card("Last changes of the sample state", 7, 5, y, ALARMS).table(
        "decision.stateHistory")
    y += ALARMS + GAP
    _accounting(page, y)
    _drift(page, y)
    y += COUNTS + GAP
    _engine(page, y)
    _dark(page, y)
    _snapshots(page, y)
    y += PARTS + GAP
    for title, column, curves in (
            ("Latency and age of the trains, ms", 0,
             (("latency", "latency"), ("train age", "trainAge"))),
            ("Scores of drift and mean, unknown fraction", 6,
             (("drift score", "driftScore"),
              ("score of the mean", "decision.meanScore"),
              ("unknown fraction", "decision.unknownFraction")))):
        area = page.card(title, column, 6, y, TRENDS)
        page.add(TrendGraphModel, [name for _, name in curves], area.x,
                 area.y, area.width, area.height, curve_options=[
            TrendOptions(key=page.keys(name)[0], name=text, pen_color=colour,
                         curve_type=CurveType.Trend)
            for (text, name), colour in zip(curves, CLASSES, strict=False)])
    return page.scene(y + TRENDS + GAP)


def _accounting(page: Page, y: int) -> None:
    area = page.card("Accounting: received = classified + rejected + skipped",
                     0, 6, y, COUNTS, 125).columns(2)
    area.lines((("Trains received", "trainsReceived"),
                ("Trains lost", "trainsLost"),
                ("Lost by us", "accounting.trainsLostByUs"),
                ("Pulses received", "accounting.pulsesReceived"),
                ("Pulses classified", "accounting.pulsesClassified")))
    area.table("accounting.reasons", 0, 1, lines=5)
    area.named("Problem", "accounting.problem", 5, columns=2)


def _drift(page: Page, y: int) -> None:
    area = page.card("Drift against the training", 6, 6, y, COUNTS,
                     60).columns(4)
    area.watched("Score", "driftScore", 0, 0, 2, warnHigh=0.5, alarmHigh=1.)
    area.show(DisplayLabelModel, "drift.reason", 0, 1, 3)
    area.table("drift.ranges", 1, columns=4)


def _engine(page: Page, y: int) -> None:
    area = page.card("Engine", 0, 5, y, PARTS, 105).columns(2)
    area.watched("Latency 50%", "load.latencyP50", 0, 0, 1)
    area.watched("Latency 99%", "load.latencyP99", 0, 1, 1, warnHigh=70.,
                 alarmHigh=100.)
    area.watched("Rate", "rate", 1, 0, 2)
    area.named("Longest queue", "load.queueHighWater", 1, 1)
    area.lamp("Degraded", "load.degraded", 2)
    area.watched("Share analysed", "load.degradedShare", 2, 1, 2,
                 warnLow=0.999)
    area.named("Handler errors", "load.handlerErrors", 3)
    area.named("Engine errors", "load.engineErrors", 3, 1)
    area.named("Output blocked", "load.outputsBlocked", 4)
    area.named("Gain switches", "source.switchedStrips", 4, 1)
    area.named("Last problem", "accounting.lastProblem", 5, columns=2)


def _dark(page: Page, y: int) -> None:
    area = page.card("Dark", 5, 3, y, PARTS, 80).columns(2, 50)
    area.show(DisplayLabelModel, "dark.status", 0, columns=2, lines=2)
    area.number("Age", "dark.age", 2, 0, 0)
    area.number("Offset", "dark.offset", 2, 1, 2)
    area.named("Train", "dark.trainId", 3, columns=2)
    area.named("Done", "dark.progress", 4, columns=2)
    area.buttons(5, ("captureDark", True), columns=2)


def _snapshots(page: Page, y: int) -> None:
    area = page.card("Raw trains, snapshots, audit", 8, 4, y, PARTS,
                     80).columns(2)
    area.named("Kept trains", "snapshots.ringTrains", 0)
    area.number("Memory", "snapshots.ringFilled", 0, 1, 0)
    area.lines((("Last", "snapshots.last"), ("Status", "snapshots.status")),
               1, columns=2)
    three = area.columns(3, 55)
    three.named("Written", "snapshots.written", 3)
    three.named("Failed", "snapshots.failed", 3, 1)
    three.buttons(3, ("snapshot", False), column=2)
    area.named("Audit", "auditing.status", 4, columns=2, lines=2,
               font_size=9)
