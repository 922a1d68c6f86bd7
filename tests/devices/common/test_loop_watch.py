from threading import Event

from spectra_classifier.devices.common.loop_watch import PERIOD, LoopWatch


def test_a_loop_that_stands_still_is_found():
    stalled = Event()
    watch = LoopWatch(3 * PERIOD, stalled.set).start()
    assert stalled.wait(10 * PERIOD)
    watch.stop()


def test_a_loop_that_turns_is_left_alone():
    stalled, pause = Event(), Event()
    watch = LoopWatch(10 * PERIOD, stalled.set).start()
    for _ in range(30):
        watch.beat()
        pause.wait(PERIOD / 2)
    watch.stop()
    assert not stalled.is_set()
