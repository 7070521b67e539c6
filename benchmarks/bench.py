"""Measures the kit, as rates and as ratios within one run: ``python benchmarks/bench.py``.

Rates depend on the machine and on what else it does; the ratios are what to compare. Nothing here is a test.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import intercom_conformance.bindings
from intercom_conformance.kit import open_player, oracle_of
from intercom_conformance.oracle import Call, Happening
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step

PING = """
const lines = require('readline').createInterface({ input: process.stdin });
lines.on('line', (line) => process.stdout.write(JSON.stringify(JSON.parse(line)) + '\\n'));
"""
ECHO = """
const { serve } = require(WIRE);
serve({
  binding: { name: 'echo', version: '1', platform: 'any', capabilities: ['is-user-logged-in'] },
  methods: { isUserLoggedIn: (args, { success }) => success(true) },
});
"""
WIRE = Path(intercom_conformance.bindings.__file__).parent / "node" / "wire.js"
REACT_NATIVE = "npm:@intercom/intercom-react-native@10.7.1+js"


def main() -> None:
    spec = load_specification()
    table, look_up = table_rate(spec)
    report("oracle: table steps", table, f"{table / look_up:.2f} of a bare dictionary walk")
    judged = judged_rate(spec)
    report("oracle: judged steps, payloads and records included", judged)
    in_process = sequence_rate(spec, "reference:")
    report("conformance steps in process, Hypothesis included", in_process)
    with tempfile.TemporaryDirectory() as folder:
        driver = Path(folder) / "driver.js"
        driver.write_text(f"const WIRE = {json.dumps(str(WIRE))};{ECHO}")
        alone, ping = paired(lambda: call_rate(spec, f"cmd:node {driver}"), ping_rate)
    report("calls through Node, one round trip each", alone, f"{alone / ping:.2f} of a bare ping-pong")
    nested, ping = paired(lambda: call_rate(spec, REACT_NATIVE), ping_rate)
    remark = f"{2 * nested / ping:.2f} of two bare ping-pongs"
    report("calls through Node, each with a call of the native SDK", nested, remark)
    report("bare JSON ping-pong with Node", ping)
    version = wall([sys.executable, "-m", "intercom_conformance", "--version"])
    bare = wall([sys.executable, "-c", "pass"])
    print(f"{'start: --version':58}{version * 1000:9,.0f} ms   (a bare interpreter: {bare * 1000:.0f} ms)")
    cost = plugin_cost()
    print(f"{'cost of the plugin to an unrelated pytest run':58}{cost * 1000:9,.0f} ms")


def report(what: str, rate: float, remark: str = "") -> None:
    print(f"{what:58}{rate:12,.0f} /s   {remark}")


def table_rate(spec: Specification, steps: int = 300_000) -> tuple[float, float]:
    """Steps per second over the compiled table, along a walk of known keys, and the same walk over a dictionary."""
    table = oracle_of(spec).model.table
    keys = walk_keys(spec)
    for key in keys:
        table.outcomes(*key)
    laps = steps // len(keys)
    plain = {key: table.outcomes(*key) for key in keys}
    outcomes, get = table.outcomes, plain.__getitem__
    return rate(len(keys) * laps, lambda: [outcomes(*key) for _ in range(laps) for key in keys]), rate(
        len(keys) * laps, lambda: [get(key) for _ in range(laps) for key in keys]
    )


def walk_keys(spec: Specification) -> list[tuple[tuple[str, ...], str, tuple[object, ...]]]:
    """What the oracle looks up on a random walk."""
    oracle, dice = oracle_of(spec), random.Random(0)
    keys, at = [], oracle.initial()[0]
    for position in range(2_000):
        judged = as_judged(spec, dice.choice(alphabet(spec)), position)
        call = judged if isinstance(judged, Call) else None
        event = call.method.event if call else judged.event  # type: ignore[union-attr]
        keys.append((at.states, event, oracle.model.answers(at, event, judged.named, "first", call)[0]))
        branches = oracle.branches([at], judged)
        at = branches[0].end if len(branches[0].end.queue) < 5 else oracle.initial()[0]
    return keys


def judged_rate(spec: Specification, steps: int = 10_000) -> float:
    """Steps per second that the oracle expands, on walks of thirty steps over the alphabet."""
    oracle, dice = oracle_of(spec), random.Random(1)
    walks = [[as_judged(spec, dice.choice(alphabet(spec)), i) for i in range(30)] for _ in range(steps // 30)]

    def go() -> None:
        for walk in walks:
            at = oracle.initial()[0]
            for judged in walk:
                at = oracle.branches([at], judged)[0].end

    go()
    return rate(len(walks) * 30, go)


def as_judged(spec: Specification, step: Step, position: int) -> Call | Happening:
    model = oracle_of(spec).model
    if step.name in model.environment:
        return Happening(
            step.name, dict(zip(model.environment[step.name].get("parameters", ()), step.arguments, strict=False))
        )
    return model.call(step.named(position), step.name, list(step.arguments), frozenset(step.callbacks))


def sequence_rate(spec: Specification, connector: str) -> float:
    """Steps per second of the plain random sequences, warmed up once."""
    check = next(check for check in catalogue(spec) if check.id == "sequence/plain")
    player = open_player(connector, spec)
    player.start()
    try:
        run_check(check, player, Settings(examples=50, seed=1))
        results = [run_check(check, player, Settings(examples=100, seed=1)) for _ in range(3)]
    finally:
        player.stop()
    return max(result.steps / result.seconds for result in results)


def paired(one: Callable[[], float], other: Callable[[], float], rounds: int = 3) -> tuple[float, float]:
    """The median rates of two measurements that take turns, so that both see the same machine."""
    pairs = [(one(), other()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def call_rate(spec: Specification, connector: str, calls: int = 2_000) -> float:
    """Calls per second through a driver in Node."""
    player = open_player(connector, spec)
    player.start()
    try:
        player.prepare()
        step = Step("isUserLoggedIn")
        driver = player._driver  # the driver alone: what the judge costs is measured above
        return best(lambda: rate(calls, lambda: [driver.call("c", step.name, [], ["success"]) for _ in range(calls)]))
    finally:
        player.stop()


def ping_rate(round_trips: int = 4_000) -> float:
    """Bare round trips per second of one JSON line with Node."""
    child = subprocess.Popen(["node", "-e", PING], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": {"arguments": []}}).encode() + b"\n"

    def go() -> None:
        for _ in range(round_trips):
            child.stdin.write(line)  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
            json.loads(child.stdout.readline())  # type: ignore[union-attr]

    try:
        return best(lambda: rate(round_trips, go))
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def plugin_cost(runs: int = 7) -> float:
    """Seconds that an unrelated pytest run takes longer because the plugin is there, by the median of pairs."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing():\n    assert True\n")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        pairs = [(wall(command, 1), wall([*command, "-p", "no:intercom_conformance"], 1)) for _ in range(runs)]
    return statistics.median(with_plugin - without for with_plugin, without in pairs)


def wall(command: list[str], runs: int = 5) -> float:
    """Seconds that a command takes, by the median."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def rate(count: int, work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def best(measure: Callable[[], float], runs: int = 3) -> float:
    return max(measure() for _ in range(runs))


if __name__ == "__main__":
    main()
