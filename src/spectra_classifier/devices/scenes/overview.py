"""For the night shift: what the sample is, what that permits and why,
whether the numbers can be trusted."""
from karabo.common.scenemodel.api import DisplayLabelModel

from ..screen_channels import OverviewPictures, size_of
from .page import GAP, ROW, WIDTH, Page
from .tiles import class_tile, permit_tile

HEIGHT = 930
LINKS = ("pulses", "explain", "bins", "model", "diagnostics", "settings")
TOP, CARD_HEIGHT = 48, 226
PICTURES = "overviewPictures.schema.data."


def overview(device_id):
    page = Page(device_id)
    page.header(LINKS)
    _sample(page, GAP)
    _permit(page, 450)
    _trust(page, 860)
    top = TOP + CARD_HEIGHT + GAP
    for name, x, y in (("trend", GAP, top), ("spectrum", GAP, top + 310),
                       ("difference", GAP + 605, top + 310)):
        page.picture(PICTURES + name, size_of(OverviewPictures, name), x, y)
    return page.scene(WIDTH, HEIGHT)


def _sample(page, x):
    x, y = page.card("Sample state", x, TOP, 430, CARD_HEIGHT)
    class_tile(page, "sampleStateIndex", x, y, 22, 72)
    page.add(DisplayLabelModel, "sampleState", x + 28, y, 378, 72,
             font_size=48, font_weight="bold")
    page.number("Confidence", "confidence", x, y + 80, label=90, width=100)
    page.number("For", "dwell", x, y + 80 + ROW, 1, label=90, width=100)
    page.named("From pulse", "transitionPulse", x, y + 80 + 2 * ROW,
               label=90, width=100)
    page.column((("Before", "previousSampleState"),
                 ("Since train", "transitionTrainId")), x + 204, y + 80,
                label=82, width=120)
    page.number("Unknown", "unknownFraction", x + 204, y + 80 + 2 * ROW,
                label=82, width=120)
    page.add(DisplayLabelModel, "modelStatus", x, y + 82 + 3 * ROW, 406, 22)


def _permit(page, x):
    x, y = page.card("Permit", x, TOP, 400, CARD_HEIGHT)
    permit_tile(page, "permitReason", x, y, 180, 72)
    page.lamp("Permit", "permit", x + 196, y, 60)
    page.lamp("Armed", "armed", x + 196, y + 32, 60)
    page.named("No.", "permitSequence", x + 290, y, label=30, width=56)
    page.add(DisplayLabelModel, "permitReason", x, y + 80, 376, 46,
             font_size=11)
    page.named("Latched", "latchReason", x, y + 130, label=60, width=316)
    for number, (name, confirm) in enumerate((
            ("arm", True), ("disarm", False), ("acknowledge", True),
            ("reset", False))):
        page.button(name, x + 95 * number, y + 162, 91, confirm=confirm)


def _trust(page, x):
    x, y = page.card("Trains and trust", x, TOP, 350, CARD_HEIGHT)
    left = {"label": 62, "width": 98}
    page.watched("Rate", "rate", x, y, 2, **left)
    page.watched("p99", "latencyP99", x, y + ROW, 1, alarmHigh=100.,
                 warnHigh=70., **left)
    page.watched("Age", "trainAge", x, y + 2 * ROW, 0, **left)
    page.watched("Coverage", "coverage", x, y + 3 * ROW, 3, warnLow=0.999,
                 alarmLow=0.5, **left)
    page.watched("Drift", "driftScore", x, y + 4 * ROW, 2, warnHigh=0.5,
                 alarmHigh=1., **left)
    page.column((("Trains", "trainsReceived"), ("lost", "trainsLost"),
                 ("Pulses", "pulsesReceived"),
                 ("rejected", "pulsesRejected"),
                 ("skipped", "pulsesSkipped")),
                x + 168, y, label=60, width=98)
    page.named("Problem", "accountingProblem", x, y + 5 * ROW + 4, label=62,
               width=264)
