"""For the night shift: what the sample is, what that permits and why,
whether the numbers can be trusted."""
from karabo.common.scenemodel.api import DisplayLabelModel

from ...classifier_base.scene_parts import (
    CARD_HEIGHT,
    TOP,
    class_tile,
    permit_card,
)
from ...common.scene_page import GAP, ROW, WIDTH, Page, widget_size
from ..properties.screens import OverviewPictures, size_of

HEIGHT = 960
LINKS = ("pulses", "explain", "bins", "model", "diagnostics", "settings")
PICTURES = "screens.overview.schema.data."


def overview(device_id: str) -> str:
    page = Page(device_id)
    page.header(LINKS, wide=True)
    _sample(page, GAP)
    permit_card(page, 520)
    _trust(page, 890)
    top = TOP + CARD_HEIGHT + GAP
    lower = top + widget_size(size_of(OverviewPictures, "trend"))[1]
    for name, x, y in (("trend", 0, top), ("spectrum", 0, lower),
                       ("difference", WIDTH // 2, lower)):
        page.picture(PICTURES + name, size_of(OverviewPictures, name), x, y)
    return page.scene(WIDTH, HEIGHT)


def _sample(page: Page, x: float) -> None:
    x, y = page.card("Sample state", x, TOP, 500, CARD_HEIGHT)
    class_tile(page, "sampleStateIndex", x, y, 22, 72)
    page.add(DisplayLabelModel, "sampleState", x + 28, y, 448, 72,
             font_size=36, font_weight="bold")
    page.number("Confidence", "confidence", x, y + 80, label=90, width=100)
    page.number("Unknown", "decision.unknownFraction", x, y + 80 + ROW,
                label=90, width=100)
    page.number("Duration", "decision.dwell", x, y + 80 + 2 * ROW, 1,
                label=90, width=100)
    page.column((("State before", "decision.previousSampleState"),
                 ("First train", "decision.transitionTrainId"),
                 ("First pulse", "decision.transitionPulse")),
                x + 204, y + 80, label=92, width=180)
    y += 80 + 3 * ROW
    page.add(DisplayLabelModel, "modelStatus", x, y, 318, 24)
    page.named("Beam", "joining.beamState", x + 326, y, label=46, width=104,
               height=24)


def _trust(page: Page, x: float) -> None:
    x, y = page.card("Trains and trust", x, TOP, 320, CARD_HEIGHT)
    left = {"label": 68, "width": 84}
    page.watched("Rate", "rate", x, y, 2, **left)
    page.watched("p99", "load.latencyP99", x, y + ROW, 1, alarmHigh=100.,
                 warnHigh=70., **left)
    page.watched("Age", "trainAge", x, y + 2 * ROW, 0, **left)
    page.watched("Coverage", "coverage", x, y + 3 * ROW, 3, warnLow=0.999,
                 alarmLow=0.5, **left)
    page.watched("Drift", "driftScore", x, y + 4 * ROW, 2, warnHigh=0.5,
                 alarmHigh=1., **left)
    page.column((("Trains", "trainsReceived"), ("lost", "trainsLost"),
                 ("Pulses", "accounting.pulsesReceived"),
                 ("rejected", "accounting.pulsesRejected"),
                 ("skipped", "accounting.pulsesSkipped")),
                x + 160, y, label=60, width=76)
    page.named("Problem", "accounting.problem", x, y + 5 * ROW + 4, label=68,
               width=228)
