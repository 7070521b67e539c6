"""A driver in another process is driven to its answer, and can neither hang, flood nor outlive the kit.

The programs are real: `hostile_drivers/driver.py` misbehaves in one way, at one request.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from intercom_conformance.drivers import (
    Answered,
    DriverError,
    Failed,
    Held,
    Native,
    NativeReply,
    Reaction,
    Settled,
    StdioDriver,
    wire,
)
from intercom_conformance.drivers.pipes import Pipes, PolledPipes, ThreadedPipes
from intercom_conformance.drivers.protocol import Crashed, NotStarted, ProtocolBroken, Refused, TimedOut

HOSTILE = Path(__file__).parent / "hostile_drivers" / "driver.py"
KINDS: list[Callable[[subprocess.Popen[bytes], int], Pipes]] = [PolledPipes, ThreadedPipes]
Start = Callable[..., StdioDriver]


def far_end(method: str, arguments: Sequence[Any]) -> NativeReply:
    replies = {"failed": Failed(9, "no"), "held": Held("t1")}
    return replies.get(method, Answered(list(arguments)))


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not yet collected by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int, seconds: float = 2.0) -> bool:
    limit = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < limit:
        time.sleep(0.01)
    return not alive(pid)


@pytest.fixture(params=KINDS, ids=["polled", "threaded"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Makes drivers of the hostile program, over both kinds of pipes, and requires that none is left."""
    drivers: list[StdioDriver] = []

    def make(*misbehaviours: str, native: Native = far_end, **options: Any) -> StdioDriver:
        given = misbehaviours if len(misbehaviours) % 2 == 0 else (*misbehaviours, "call")
        command = [sys.executable, "-S", "-E", str(HOSTILE), *given]
        limits = {"timeout": 5.0, "start_timeout": 10.0, "grace": 0.4, "pipes": request.param, **options}
        drivers.append(StdioDriver(command, native, **limits))
        return drivers[-1]

    yield make
    pids = [driver.pid for driver in drivers if driver.pid]
    for driver in drivers:
        driver.shutdown()
    assert all(gone(pid) for pid in pids)


def call(driver: StdioDriver, *arguments: Any) -> Reaction:
    return driver.call("c1", "add", arguments, ["success"])


def started(driver: StdioDriver) -> tuple[StdioDriver, int]:
    driver.initialize()
    driver.reset()
    assert driver.pid is not None
    return driver, driver.pid


MID_CALL: list[tuple[str, type[DriverError], str]] = [
    ("crash", Crashed, r"exit code 3 in the midst of 'call'[\s\S]*the bridge is on fire"),
    ("crash_with_heir", Crashed, r"exit code 4 in the midst of 'call'"),
    ("segfault", Crashed, r"ended by SIGSEGV in the midst of 'call'"),
    (
        "leave",
        Crashed,
        r"exit code 0 in the midst of 'call'. A driver runs until 'shutdown'[\s\S]*log is empty",
    ),
    (
        "close_output",
        ProtocolBroken,
        r"closed its standard input or output in the midst of 'call', but runs on",
    ),
    ("long_line", ProtocolBroken, r"longer than 16777216 bytes[\s\S]*The line: xxx"),
    ("endless_line", ProtocolBroken, r"longer than 16777216 bytes"),
    ("flood", ProtocolBroken, r"500 messages without answering 'call'"),
    ("ask_forever", ProtocolBroken, r"500 messages without answering 'call'"),
]

WRONG_MESSAGES: list[tuple[str, type[DriverError], str]] = [
    ("garbage", ProtocolBroken, r"not JSON[\s\S]*write logs to the standard error[\s\S]*DEBUG: bridge ready"),
    ("empty_line", ProtocolBroken, r"not JSON"),
    ("broken_utf8", ProtocolBroken, r"not UTF-8[\s\S]*\\xff\\xfe"),
    ("old_json_rpc", ProtocolBroken, r'"jsonrpc" is a required property'),
    ("wrong_id", ProtocolBroken, r"has the id 10, but 'call' with id 3 is awaited"),
    ("text_id", ProtocolBroken, r"has the id '3', but 'call' with id 3 is awaited"),
    ("misspelt", ProtocolBroken, r"result of 'call' is not valid[\s\S]*setled"),
    ("array", ProtocolBroken, r"JSON, but no object"),
    ("not_a_number", ProtocolBroken, r"NaN is no JSON number"),
    ("infinite", ProtocolBroken, r"1e999 is beyond the largest number"),
    ("same_key_twice", ProtocolBroken, r"the key 'settled' stands twice"),
    ("deep", ProtocolBroken, r"nests too deep"),
    ("unknown_request", ProtocolBroken, r"sends no request 'nativ'\. It may send native"),
    ("unknown_notification", ProtocolBroken, r"sends no notification 'setled'\. It may send settled and log"),
    ("could_not_read", ProtocolBroken, r"could not read a request: unexpected token"),
]


@pytest.mark.parametrize(("misbehaviour", "error", "text"), MID_CALL, ids=[row[0] for row in MID_CALL])
def test_a_misbehaviour_ends_the_driver_and_blames_the_call(
    start: Start, monkeypatch: pytest.MonkeyPatch, misbehaviour: str, error: type[DriverError], text: str
) -> None:
    """Whatever a driver does instead of answering is told by its own error, and leaves no process."""
    monkeypatch.setattr(wire, "MAX_MESSAGES", 500)
    driver, pid = started(start(misbehaviour))
    with pytest.raises(error) as caught:
        call(driver)
    assert re.search(text, str(caught.value))
    assert len(getattr(caught.value, "line_excerpt", "")) <= 200
    assert driver.pid is None
    assert gone(pid)


@pytest.mark.parametrize("start", [PolledPipes], ids=["polled"], indirect=True)
@pytest.mark.parametrize(("misbehaviour", "error", "text"), WRONG_MESSAGES, ids=[row[0] for row in WRONG_MESSAGES])
def test_a_wrong_message_ends_the_driver(start: Start, misbehaviour: str, error: type[DriverError], text: str) -> None:
    """A line that the protocol does not allow is quoted, with the reason."""
    driver, pid = started(start(misbehaviour))
    with pytest.raises(error) as caught:
        call(driver)
    assert re.search(text, str(caught.value))
    assert len(getattr(caught.value, "line_excerpt", "")) <= 200
    assert gone(pid)


@pytest.mark.parametrize("misbehaviour", ["hang", "slow_flood", "ignore"])
def test_a_call_without_an_answer_times_out(start: Start, misbehaviour: str) -> None:
    """A deadline holds for the whole request, and messages on the way do not extend it."""
    driver, pid = started(start(misbehaviour, timeout=0.3))
    before = time.monotonic()
    with pytest.raises(TimedOut, match=r"did not answer 'call' within 0\.3 s.* raise the time limit"):
        call(driver)
    assert 0.25 < time.monotonic() - before < 2
    assert gone(pid)


def test_a_driver_that_does_not_read_cannot_block_the_kit(start: Start) -> None:
    """A message larger than the pipe is written under the same deadline as everything else."""
    driver, pid = started(start("deaf", timeout=0.4))
    call(driver)
    with pytest.raises(TimedOut, match="'call'"):
        call(driver, "x" * 5_000_000)
    assert gone(pid)


START: list[tuple[str, type[DriverError], str]] = [
    ("crash", NotStarted, r"ended with exit code 3 before it answered[\s\S]*the bridge is on fire"),
    ("leave", NotStarted, r"ended with exit code 0 before it answered 'initialize'"),
    ("segfault", NotStarted, r"ended by SIGSEGV"),
    ("hang", NotStarted, r"did not answer 'initialize' within 0\.4 s. If it only needs longer, raise"),
    ("refuse", NotStarted, r"refused 'initialize': not written yet"),
    ("garbage", ProtocolBroken, r"not JSON"),
    ("misspelt", ProtocolBroken, r"result of 'initialize' is not valid"),
    ("other_version", ProtocolBroken, r"speaks version 2\.0 of the protocol, the kit 1\.0"),
]


@pytest.mark.parametrize(("misbehaviour", "error", "text"), START, ids=[row[0] for row in START])
def test_a_driver_that_does_not_come_up_says_why(
    start: Start, misbehaviour: str, error: type[DriverError], text: str
) -> None:
    """Nothing is left of a driver that did not start."""
    driver = start(misbehaviour, "initialize", start_timeout=0.4 if misbehaviour == "hang" else 10.0)
    with pytest.raises(error) as caught:
        driver.initialize()
    assert re.search(text, str(caught.value))
    assert driver.pid is None


@pytest.mark.parametrize("command", [["no-such-program-anywhere"], [str(HOSTILE.parent)], []])
def test_a_program_that_cannot_be_run_is_not_started(command: list[str]) -> None:
    """A missing program, a folder and nothing at all are told as what they are."""
    with pytest.raises(NotStarted, match="Is the program installed"):
        StdioDriver(command, far_end).initialize()


def test_a_missing_working_directory_is_named(tmp_path: Path) -> None:
    """The error names the folder, not the program."""
    with pytest.raises(NotStarted, match="nowhere"):
        StdioDriver([sys.executable], far_end, cwd=tmp_path / "nowhere").initialize()


def test_a_request_before_the_start_is_refused(start: Start) -> None:
    """Nobody starts a program by accident."""
    with pytest.raises(NotStarted, match=r"not running\. Call initialize"):
        call(start())


def test_after_a_crash_the_driver_can_be_started_anew(start: Start) -> None:
    """One crash costs one call."""
    driver, first = started(start("crash", "advance"))
    with pytest.raises(Crashed):
        driver.advance(1)
    with pytest.raises(NotStarted):
        call(driver)
    assert driver.restart().name == "hostile"
    assert driver.pid not in (None, first)
    assert call(driver) == Reaction(settled=(Settled("c1", "success"),))


def test_a_refusal_does_not_end_the_driver(start: Start) -> None:
    """A driver that serves a part of the protocol can still be judged by that part."""
    driver, pid = started(start("refuse", "advance"))
    with pytest.raises(Refused, match=r"-32601: not written yet\. Serve it, or do not declare"):
        driver.advance(1)
    assert call(driver).settled
    assert driver.pid == pid


def test_a_second_answer_is_found_at_the_next_request(start: Start) -> None:
    """An answer that nobody asked for is an unknown id."""
    driver, _ = started(start("twice"))
    call(driver)
    with pytest.raises(ProtocolBroken, match="a response has the id 3"):
        driver.reset()


def test_native_requests_and_late_callbacks_arrive_in_order(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """The far end is served within the request; what came early stands before what the answer tells."""
    driver, _ = started(start("late_and_native"))
    with caplog.at_level(logging.INFO, "intercom_conformance.drivers"):
        reaction = call(driver)
    assert reaction.settled == (Settled("c0", "error", "late"), Settled("c1", "success", None))
    answered, failed, held = reaction.returned
    assert answered["result"] == {"value": ["answered"]}
    assert failed["error"] == {"code": -32000, "message": "no", "data": {"code": 9, "message": "no"}}
    assert held["result"] == {"held": "t1"}
    assert caplog.messages == ["100% done"]


def test_a_reset_drops_what_the_earlier_app_reports(start: Start) -> None:
    """A callback that comes late belongs to an app that is no more."""
    driver, _ = started(start("late", "observe", "late", "reset"))
    driver.observe()
    assert call(driver).settled == (Settled("c0", "error"), Settled("c1", "success"))
    driver.reset()
    assert call(driver).settled == (Settled("c1", "success"),)


def test_the_time_of_the_far_end_is_not_the_drivers(start: Start) -> None:
    """A slow oracle never makes a driver late."""

    def slow(method: str, arguments: Sequence[Any]) -> NativeReply:
        time.sleep(0.3)
        return Answered()

    driver, _ = started(start("late_and_native", native=slow, timeout=0.6))
    assert call(driver).returned[0]["result"] == {}


def test_a_fault_of_the_far_end_reaches_the_caller_and_ends_the_driver(start: Start) -> None:
    """The kit's own fault is not taken for the binding's, and nothing runs on out of step."""

    def broken(method: str, arguments: Sequence[Any]) -> NativeReply:
        raise ZeroDivisionError

    driver, pid = started(start("late_and_native", native=broken))
    with pytest.raises(ZeroDivisionError):
        call(driver)
    assert gone(pid)


def test_a_flood_of_log_is_read_and_its_end_is_kept(start: Start) -> None:
    """A driver may write megabytes of log; the last lines are there when they are needed."""
    driver, _ = started(start("stderr_flood", "call", "hang", "observe", timeout=0.5))
    assert call(driver).settled
    with pytest.raises(TimedOut) as caught:
        driver.observe()
    assert "line 4999" in caught.value.stderr_tail
    assert len(caught.value.stderr_tail) <= 8 * 1024


def test_large_messages_pass_in_both_directions(start: Start) -> None:
    """A message of megabytes is nothing special."""
    driver, _ = started(start())
    name = "n" * 3_000_000
    assert driver.call(name, "add", ["x" * 3_000_000], []).settled == (Settled(name, "success"),)


def test_the_bound_holds_for_each_line_and_not_for_their_sum(start: Start) -> None:
    """A long life of short lines is no flood; one line beyond the bound is refused, even a whole one."""
    driver, _ = started(start(max_line=1000))
    for _ in range(1000):
        call(driver)
    with pytest.raises(ProtocolBroken, match="a line is longer than 1000 bytes"):
        driver.call("n" * 1000, "add", [], [])


def test_what_the_kit_may_not_send_is_not_sent(start: Start) -> None:
    """The kit's own mistake costs nothing: the driver runs on."""
    driver, pid = started(start())
    with pytest.raises(ProtocolBroken, match=r"This message is the kit's own"):
        driver.advance(-1)
    with pytest.raises(ProtocolBroken, match=r"cannot be sent.*This message is the kit's own"):
        call(driver, {1, 2})
    assert driver.pid == pid


@pytest.mark.parametrize("manner", ["honest", "stay"])
def test_shutdown_is_polite(start: Start, tmp_path: Path, manner: str) -> None:
    """An honest driver ends by itself, without a signal: when it is asked, or when its input ends."""
    farewell = tmp_path / "farewell"
    driver, pid = started(start(manner, "shutdown", grace=5.0, env={"FAREWELL": str(farewell)}))
    driver.shutdown()
    driver.shutdown()
    assert farewell.read_text() == "ended by itself"
    assert gone(pid)


@pytest.mark.parametrize("misbehaviour", ["ignore", "crash", "garbage", "refuse", "hang"])
def test_shutdown_ends_a_stubborn_driver(start: Start, misbehaviour: str) -> None:
    """Shutdown never raises and never leaves a process, whatever the answer."""
    driver, pid = started(start(misbehaviour, "shutdown"))
    before = time.monotonic()
    driver.shutdown()
    assert time.monotonic() - before < 2
    assert gone(pid)


@pytest.mark.parametrize("end", ["shutdown", "failure"])
def test_grandchildren_end_too(start: Start, end: str) -> None:
    """What a driver has started (an emulator, a bundler) ends with it."""
    driver, _ = started(start("grandchild", "call", "hang", "observe", timeout=0.5))
    child = call(driver).returned
    assert alive(child)
    if end == "shutdown":
        driver.shutdown()
    else:
        with pytest.raises(TimedOut):
            driver.observe()
    assert gone(child)


@pytest.mark.parametrize("kind", KINDS)
def test_a_forgotten_driver_ends(kind: Callable[[subprocess.Popen[bytes], int], Pipes]) -> None:
    """Nobody has to remember shutdown."""
    command = [sys.executable, "-S", "-E", str(HOSTILE), "ignore", "shutdown"]
    driver = StdioDriver(command, far_end, pipes=kind)
    _, pid = started(driver)
    del driver, _
    gc.collect()
    assert gone(pid)


@pytest.mark.parametrize("last", ["", "raise SystemExit(3)", "os.kill(os.getpid(), signal.SIGINT)"])
def test_no_driver_outlives_the_interpreter(last: str) -> None:
    """The end of the kit's own process is the end of the driver."""
    program = f"""
        import os, signal, sys
        from intercom_conformance.drivers import StdioDriver
        driver = StdioDriver([sys.executable, "-S", {str(HOSTILE)!r}, "ignore", "shutdown"], print)
        driver.initialize()
        print(driver.pid, flush=True)
        {last}
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert gone(int(done.stdout))


def test_a_fork_does_not_end_its_parents_driver() -> None:
    """A forked worker that exits leaves the driver to the process that started it."""
    program = f"""
        import os, sys
        from intercom_conformance.drivers import StdioDriver
        driver = StdioDriver([sys.executable, "-S", {str(HOSTILE)!r}], print)
        driver.initialize()
        child = os.fork()
        if child == 0:
            sys.exit()
        os.waitpid(child, 0)
        print(driver.call("c1", "add", [], []).settled[0].call)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "c1\n"


def test_the_environment_and_the_directory_are_the_programs(tmp_path: Path) -> None:
    """Variables are added to the environment; the rest of it stays."""
    program = "import os; open('seen', 'w').write(os.environ['SHADE'] + ' ' + str('PATH' in os.environ))"
    driver = StdioDriver([sys.executable, "-c", program], far_end, cwd=tmp_path, env={"SHADE": "teal"})
    with pytest.raises(NotStarted):
        driver.initialize()
    assert (tmp_path / "seen").read_text() == "teal True"


def test_a_context_manager_ends_the_program() -> None:
    """Leaving the block is enough, also through an exception."""
    command = [sys.executable, "-S", "-E", str(HOSTILE), "honest", "call"]
    driver = StdioDriver(command, far_end)

    def fail() -> None:
        with driver:
            pids.append(started(driver)[1])
            raise KeyError

    pids: list[int] = []
    with pytest.raises(KeyError):
        fail()
    assert gone(pids[0])
