"""A slot that its device may refuse, with the reason and no traceback."""
from asyncio import Task, get_event_loop
from collections.abc import Callable
from typing import Any

from karabo.middlelayer import Slot


class RefusingSlot(Slot):
    """A slot that acts only where `device.objection()` gives "".

    A caller gets the refusal as an error, as Karabo itself answers where
    `allowedStates` forbids a slot. The method has to ask `objection` as well:
    within the device it is called without this.
    """

    def slot(self, func: Callable, device: Any, name: str, message: Any,
             args: Any) -> Task[None]:
        act = super().slot

        async def ask_first() -> None:
            if why := await device.objection(name):
                device._sigslot.reply(
                    message, f"{name} is refused: {why}", error=True)
            else:
                await act(func, device, name, message, args)

        loop: Any = get_event_loop()        # Karabo's, with `instance`
        return loop.create_task(ask_first(), instance=device)
