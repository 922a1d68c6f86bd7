"""Every example of the page on macros, against a classifier that works."""
import asyncio
import itertools
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from karabo.middlelayer import (
    Hash,
    State,
    call,
    instantiate,
    shutdown,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from tests.broker.classifier_bench import bench, save_model
from tests.broker.remote import knows, until_asked
from tests.device_context import DeviceContext

PAGE = (Path(__file__).parents[2] / "docs" / "your-own-macro.md").read_text()
EXAMPLES = dict(re.findall(
    r"<!-- example: (\S+) -->\n```python\n(.*?)```\n", PAGE, re.S))
WAIT = 120      # s, for what takes a few on a quiet machine


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("model") / "two.onnx")


@asynccontextmanager
async def classifying(model_path):
    """A classifier that sees the state "low"."""
    async with bench(model_path, **{"source.maxPulses": 20}) as one:
        await one.decide(0)
        assert one.classifier.sampleState == "low"
        yield one


def example(name, one, motor=""):
    """The text of an example, with the ids of this test."""
    return EXAMPLES[name].replace(
        "LA1/CLASSIFIER/1", one.classifier.deviceId.value).replace(
        "LA1/MOTOR/1", motor)


@pytest.fixture
async def macro_server(start_server):
    server = create_instanceId("macros")
    start_server("macro", server)
    await knows(server, "MetaMacro")
    return server


@asynccontextmanager
async def macro(server, text):
    """The id of a macro of this text."""
    macro_id = create_instanceId("own")
    await instantiate(server, "MetaMacro", macro_id, Hash(
        "code", text, "module", "own", "project", "test"))
    try:
        await until_asked(macro_id, "state", "PASSIVE")
        yield macro_id
    finally:
        # one that still waits in its slot would never be gone
        await call(macro_id, "cancel")
        await shutdown(macro_id)


def test_the_examples_are_as_short_as_promised():
    assert len(EXAMPLES) == 5
    for name, text in EXAMPLES.items():
        code = [line for line in text.splitlines() if line.strip()
                and not line.startswith(("from ", "import "))]
        assert len(code) <= 10, name


async def test_wait_for_a_state(macro_server, model_path):
    async with (classifying(model_path) as one, macro(
            macro_server, example("wait_for_state.py", one)) as macro_id):
        await call(macro_id, "wait")
        await until_asked(macro_id, "state", "ACTIVE")
        await one.decide(1)
        await until_asked(macro_id, "state", "PASSIVE")
        train = one.classifier.decision.transitionTrainId.value
        await until_asked(macro_id, "print", lambda text:
                          f"high since train {train}" in str(text))


async def test_do_something_at_a_change(macro_server, model_path):
    motor_id = create_instanceId("motor")
    motor = SimulatedMotor({"deviceId": motor_id, "speed": 0.001,
                            "target": 5.})
    async with (classifying(model_path) as one,
                DeviceContext(motor=motor), macro(
            macro_server, example("stop_at_change.py", one, motor_id)
            ) as macro_id):
        await motor.move()
        await call(macro_id, "watch")
        await until_asked(macro_id, "state", "ACTIVE")
        assert motor.state == State.MOVING
        # it looks at the state once it is connected
        for index in itertools.cycle((1, 0)):
            await one.decide(index)
            if motor.state != State.MOVING:
                break
        assert motor.position.value < 5.


async def test_follow_what_it_sees(macro_server, model_path):
    async with (classifying(model_path) as one, macro(
            macro_server, example("follow.py", one)) as macro_id):
        await one.decide(1)
        await until_asked(macro_id, "seen", "high False")
        await one.decide(0)
        await until_asked(macro_id, "seen", "low False")


@asynccontextmanager
async def running(*command, text=""):
    """A process and its lines, a list that grows while it runs."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    lines = []

    async def listen():
        async for line in process.stdout:
            lines.append(line.decode())

    process.stdin.write(text.encode())
    process.stdin.close()
    listening = asyncio.create_task(listen())
    try:
        yield process, lines
    finally:
        if process.returncode is None:
            process.kill()
        await listening


async def ends_well(process, lines, words):
    try:
        await asyncio.wait_for(process.wait(), WAIT)
    finally:
        assert words in "".join(lines), lines
    assert process.returncode == 0, lines


async def test_from_a_terminal(model_path):
    program = Path(sys.executable).with_name("ikarabo")
    async with classifying(model_path) as one:
        text = example("terminal.ipy", one) + "\n\nexit\n"
        for _ in range(5):
            async with running(program, text=text) as (process, lines):
                await asyncio.wait_for(process.wait(), WAIT)
            # Karabo's shell uses its loop before the thread of it runs; on a
            # busy machine it has none then, and a person starts it again
            if "InvalidStateError" not in "".join(lines):
                break
        await ends_well(process, lines,
                        f"model: {one.classifier.modelId.value}")
        assert one.classifier.minConfidence == 0.5


async def test_from_a_script(model_path):
    async with classifying(model_path) as one, running(
            sys.executable, "-c", example("script.py", one)) as here:
        await sleepUntil(lambda: one.classifier.armed, timeout=WAIT)
        await one.decide(1)
        await ends_well(*here, "high since train")
