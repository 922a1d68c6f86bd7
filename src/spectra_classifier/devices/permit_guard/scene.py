"""The scene of the guard: open or closed, why, and what is renewed."""
from karabo.common.scenemodel.api import DisplayLabelModel

from ..common.scene_page import GAP, ROW, Page

WIDTH, HEIGHT = 820, 420
CARD = (WIDTH - 3 * GAP) // 2
RIGHT = CARD + 2 * GAP
TOP, UPPER, LOWER = 84, 170, 146


def overview(device_id: str) -> str:
    """What the guard holds, what it drives, what it renews; SVG text."""
    page = Page(device_id)
    page.header(alarms=False)
    for number, slot in enumerate(("enable", "disable", "close",
                                   "acknowledge")):
        page.button(slot, RIGHT + 99 * number, GAP, 93)
    page.add(DisplayLabelModel, "reason", GAP, GAP + ROW + 6,
             WIDTH - 2 * GAP)
    _permit(page, GAP, TOP)
    _target(page, RIGHT, TOP)
    _watchdog(page, GAP, TOP + UPPER + GAP)
    return page.scene(WIDTH, HEIGHT)


def _permit(page: Page, x: float, y: float) -> None:
    x, y = page.card("Permit", x, y, CARD, UPPER)
    page.lamp("Enabled", "enabled", x, y)
    page.lamp("Granted", "granted", x + 190, y)
    page.column((("From", "source.channel"),
                 ("Train", "source.permitTrainId")), x, y + ROW + 2,
                label=90, width=280)
    page.number("Age", "source.lastRenewalAge", x, y + 3 * ROW + 2, 2,
                label=90, width=90)
    page.named("Trips", "conditions.trips", x + 190, y + 3 * ROW + 2,
               label=90, width=90)


def _target(page: Page, x: float, y: float) -> None:
    x, y = page.card("Target", x, y, CARD, UPPER)
    page.lamp("Open", "targetOpen", x, y)
    page.column((("Device", "targetDevice"), ("Open slot", "target.openSlot"),
                 ("Property", "target.property")), x, y + ROW + 2, label=90,
                width=280)


def _watchdog(page: Page, x: float, y: float) -> None:
    x, y = page.card("Watchdog: what is renewed while the target is open", x,
                     y, WIDTH - 2 * GAP, LOWER)
    page.column((("Property", "watchdog.property"),
                 ("Kind", "watchdog.kind")), x, y, label=90, width=280)
    page.number("Period", "watchdog.period", x, y + 2 * ROW, 2, label=90,
                width=90)
    page.number("Time", "watchdog.time", x + 190, y + 2 * ROW, 2, label=90,
                width=90)
    page.named("Value", "watchdog.value", x + CARD + GAP, y, label=90,
               width=280)
    page.number("Age", "watchdog.age", x + CARD + GAP, y + ROW, 2, label=90,
                width=90)
    page.named("Renewals", "watchdog.renewals", x + CARD + GAP, y + 2 * ROW,
               label=90, width=130)


#: scenes of a `PermitGuard`
SCENES = {"overview": overview}
