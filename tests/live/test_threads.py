import asyncio
import threading
import time

import pytest

from spectra_classifier.live.threads import in_thread


def test_it_gives_what_the_function_gives():
    assert asyncio.run(in_thread(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(divmod, 7, 0))


def test_no_thread_is_left():
    before = set(threading.enumerate())

    async def run():
        for _ in range(1000):
            await in_thread(int)
        left = set(threading.enumerate()) - before
        for thread in left:
            thread.join(10 / len(left))
        assert not any(thread.is_alive() for thread in left)

    asyncio.run(run())


def test_a_cancel_in_the_turn_in_which_the_function_ends():
    let_go, gone = threading.Event(), threading.Event()

    def work():
        let_go.wait(10)
        gone.set()

    async def run():
        task = asyncio.create_task(in_thread(work))
        await asyncio.sleep(0)
        let_go.set()
        gone.wait(10)
        time.sleep(0.05)    # the loop stands still until the thread has told
        task.cancel()
        return await asyncio.wait({task}, timeout=10)

    done, pending = asyncio.run(run())
    assert not pending and done.pop().cancelled()
