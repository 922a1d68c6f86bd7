import gc
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.devices.karabo_patches.buffer_pool import (
    IDLE,
    LARGE,
    STEPS,
    BufferPool,
    rounded_size,
)

SIZE = 7 * LARGE


def address(array):
    return array.ctypes.data


def test_memory_comes_again_once_the_last_view_is_gone():
    pool = BufferPool()
    first = pool.take(SIZE)
    at, view = address(first), first[5:10].view(np.uint8)
    del first
    assert address(pool.take(SIZE)) != at      # the view still has it
    del view
    assert at in {address(pool.take(SIZE)) for _ in range(2)}


def test_a_buffer_of_it_is_a_view_as_well():
    pool = BufferPool()
    lent = pool.take(SIZE)
    at, array = address(lent), np.frombuffer(memoryview(lent)[100:], np.int16)
    array[:] = 7
    del lent
    gc.collect()
    other = pool.take(SIZE)
    other[:] = 0
    assert address(other) != at and (array == 7).all()


def test_it_is_writable_and_has_its_size():
    lent = BufferPool().take(SIZE + 3)
    assert lent.shape == (SIZE + 3,) and lent.dtype == np.uint8
    lent[:] = 255
    assert address(lent) % 64 == 0


def test_no_two_have_the_same():
    pool = BufferPool()
    many = [pool.take(SIZE) for _ in range(2 * IDLE)]
    for number, lent in enumerate(many):
        lent[:] = number
    assert all((lent == number).all() for number, lent in enumerate(many))


def test_little_is_left_to_the_heap():
    assert BufferPool().take(LARGE - 1).base is None
    assert BufferPool().take(0).shape == (0,)


def test_only_a_few_wait_to_be_used_again():
    pool = BufferPool(idle=3)
    many = [pool.take(SIZE) for _ in range(10)]
    del many
    assert len(pool._idle) == 3


def test_what_has_another_size_makes_rounded_size():
    pool = BufferPool(idle=2)
    for size in SIZE, 2 * SIZE, 4 * SIZE:
        pool.take(size)
    at = address(pool.take(4 * SIZE))
    assert address(pool.take(4 * SIZE)) == at


def test_threads_let_go_while_others_take():
    pool = BufferPool()
    wrong = []

    def work(number):
        for _ in range(200):
            lent = pool.take(LARGE)
            lent[::4096] = number
            if (lent[::4096] != number).any():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@given(st.integers(LARGE, 1 << 40))
def test_rooms_are_few_and_little_larger(size):
    assert size <= rounded_size(size) <= size * (1 + 1 / STEPS)
    assert rounded_size(rounded_size(size)) == rounded_size(size)


@pytest.mark.parametrize(("size", "expected"), [
    (LARGE, LARGE), (LARGE + 1, LARGE * 9 // 8), (SIZE, SIZE)])
def test_rooms(size, expected):
    assert rounded_size(size) == expected
