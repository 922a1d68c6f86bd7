"""Several workers at a glance: the answer, the permit, who delivers."""
from karabo.common.scenemodel.api import DisplayLabelModel

from ..classifier_base.scene_parts import (
    CARD_HEIGHT,
    TOP,
    class_tile,
    permit_card,
)
from ..common.scene_page import GAP, ROW, WIDTH, Page

HEIGHT = 640


def overview(device_id: str) -> str:
    page = Page(device_id)
    page.header((), wide=True)
    _sample(page, GAP)
    permit_card(page, 420)
    _trust(page, 790)
    top = TOP + CARD_HEIGHT + GAP
    x, y = page.card("Workers", GAP, top, WIDTH - 2 * GAP, 160)
    page.table("workers.current", x, y, WIDTH - 2 * GAP - 24, 90)
    page.named("Problem", "workers.problem", x, y + 94, label=70, width=1090)
    top += 160 + GAP
    x, y = page.card("Alarms that stand or wait to be acknowledged", GAP, top,
                     700, 140)
    page.table("alarms.current", x, y, 676, 96)
    x, y = page.card("Accounting", 720, top, 490, 140)
    page.table("accounting.reasons", x, y, 466, 96)
    return page.scene(WIDTH, HEIGHT)


def _sample(page: Page, x: float) -> None:
    x, y = page.card("Sample state", x, TOP, 400, CARD_HEIGHT)
    class_tile(page, "sampleStateIndex", x, y, 22, 72)
    page.add(DisplayLabelModel, "sampleState", x + 28, y, 348, 72,
             font_size=30, font_weight="bold")
    page.number("Confidence", "confidence", x, y + 80, label=90, width=90)
    page.number("Duration", "decision.dwell", x, y + 80 + ROW, 1, label=90,
                width=90)
    page.number("Unknown", "decision.unknownFraction", x, y + 80 + 2 * ROW,
                label=90,
                width=90)
    page.column((("State before", "decision.previousSampleState"),
                 ("First train", "decision.transitionTrainId"),
                 ("Latest train", "trainId")), x + 190, y + 80, label=92,
                width=94)
    page.add(DisplayLabelModel, "modelStatus", x, y + 82 + 3 * ROW, 376, 22)


def _trust(page: Page, x: float) -> None:
    x, y = page.card("Trains and trust", x, TOP, 420, CARD_HEIGHT)
    left = {"label": 80, "width": 100}
    page.watched("Rate", "rate", x, y, 2, **left)
    page.watched("p99", "load.latencyP99", x, y + ROW, 1, **left)
    page.watched("Age", "trainAge", x, y + 2 * ROW, 0, **left)
    page.watched("Coverage", "coverage", x, y + 3 * ROW, 3, warnLow=0.999,
                 alarmLow=0.5, **left)
    page.watched("Drift", "driftScore", x, y + 4 * ROW, 2, warnHigh=0.5,
                 alarmHigh=1., **left)
    page.column((("Workers", "workers.delivering"),
                 ("Trains", "trainsReceived"), ("lost", "trainsLost"),
                 ("too late", "workers.trainsTooLate"),
                 ("waiting", "workers.trainsWaiting")), x + 200, y, label=80,
                width=110)
    page.named("Problem", "accounting.problem", x, y + 5 * ROW + 4, label=80,
               width=310)


#: scenes of a `SpectraCollector`
SCENES = {"overview": overview}
