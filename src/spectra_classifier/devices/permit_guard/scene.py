"""The scene of the guard: open or closed, why, and what is renewed."""
from ...colours import BLACK, CODES, NO_PERMIT, PERMIT
from ...core.spectra import Code
from ..common.scene_page import GAP, TOP, Page
from ..common.scene_tiles import TALL, text_tile

COLUMNS = 8
#: heights of the cards
TARGET, PERMITS, WATCHDOG = 155, 165, 135


def overview(device_id: str) -> str:
    """What the guard holds, what it drives, what it renews; SVG text."""
    page = Page(device_id, COLUMNS)
    page.header(line="reason", alarms=False)
    _target(page, TOP)
    y = TOP + TARGET + GAP
    _permit(page, y)
    _driven(page, y)
    _watchdog(page, y + PERMITS + GAP)
    return page.scene(y + PERMITS + GAP + WATCHDOG + GAP)


def _target(page: Page, y: int) -> None:
    area = page.card("Target", 0, COLUMNS, y, TARGET, 90).columns(2)
    x, top, width = area.place(0)
    text_tile(page, "state", x, top, int(width), TALL, (
        ("^ON$", PERMIT, "OPEN"), ("^PASSIVE$", NO_PERMIT, "CLOSED"),
        ("^INTERLOCKED$", NO_PERMIT, "LATCHED"), ("^ERROR$", BLACK, "ERROR"),
        (".*", CODES[Code.UNKNOWN], "NOT KNOWN")), "huge")
    area.buttons(0, ("enable", False), ("disable", False), column=1)
    area.buttons(1.2, ("close", False), ("acknowledge", False), column=1)
    area.lamp("Says open", "targetOpen", 2.5, 1)


def _permit(page: Page, y: int) -> None:
    area = page.card("Permit", 0, 4, y, PERMITS, 90).columns(2)
    area.lamp("Enabled", "enabled", 0)
    area.lamp("Granted", "granted", 0, 1)
    area.named("From", "source.channel", 1, columns=2)
    area.named("Of train", "source.permitTrainId", 2, columns=2)
    area.number("Age", "source.lastRenewalAge", 3, 0, 2)
    area.named("Trips", "conditions.trips", 3, 1)


def _driven(page: Page, y: int) -> None:
    area = page.card("What it drives", 4, 4, y, PERMITS, 90)
    area.lines((("Device", "targetDevice"), ("Open slot", "target.openSlot"),
                ("Property", "target.property")))


def _watchdog(page: Page, y: int) -> None:
    area = page.card("Watchdog: renewed while the target is open", 0,
                     COLUMNS, y, WATCHDOG, 90).columns(4)
    area.named("Property", "watchdog.property", 0, columns=2)
    area.named("Value", "watchdog.value", 0, 2, 2)
    area.named("Kind", "watchdog.kind", 1, columns=2)
    area.number("Age", "watchdog.age", 1, 2, 2)
    area.number("Period", "watchdog.period", 2, 0, 2)
    area.number("Time", "watchdog.time", 2, 1, 2)
    area.named("Renewals", "watchdog.renewals", 1, 3)


#: scenes of a `PermitGuard`
SCENES = {"overview": overview}
