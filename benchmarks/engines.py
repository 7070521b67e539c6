"""Measures engines of JSON Schema on the payload schemas: ``python benchmarks/engines.py [PAYLOADS]``.

jsonschema, jsonschema-rs, fastjsonschema and ajv tell whether parsed payloads are valid at level MUST, and so does this
package, which also looks for what JSON cannot hold. All verdicts are compared before anything is measured. They take
turns; the time of each is told as a multiple of that of jsonschema-rs in the same round, the median of all rounds.

fastjsonschema knows JSON Schema up to draft 7, and ajv is asked with its class for 2020-12; for both, references are
written out, and for the former a ``$`` inside a pattern, too, which it would take for the end of the text. At the end
of each part stand those that tell *what* is wrong. It needs the extra ``bench``, and Node.js with npm.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastjsonschema
import jsonschema
from validation import event, user

from intercom_reference import payloads

Json = Any
Judge = Callable[[Sequence[Json]], list[bool]]
ROUNDS = 5
AJV = "ajv@8.17.1"
KINDS = {"user-attributes": user, "event": event}
SPOILT: dict[str, Sequence[Callable[[dict[str, Any]], Any]]] = {
    "user-attributes": (
        lambda one: one["customAttributes"].update(nested={"no": 1}),
        lambda one: one["companies"][0].pop("id"),
        lambda one: one.update(signedUpAt="2021-05-24"),
        lambda one: one.update(unsubscribedFromEmails="yes"),
    ),
    "event": (
        lambda one: one.update(name=""),
        lambda one: one["metadata"]["price"].update(amount=19.99),
        lambda one: one["metadata"].update(items=[1, 2]),
        lambda one: one["metadata"].update({"a.b": 1}),
    ),
}
"""How a valid payload is made invalid, in turn."""

DRIVER = """
const Ajv = require('ajv/dist/2020');
const lines = require('node:readline').createInterface({ input: process.stdin });
let judge, records;
const orders = {
  compile(schema) { judge = new Ajv({ strict: false, validateFormats: false }).compile(schema); return true; },
  load(given) { records = given; return true; },
  verdicts() { return records.map((one) => judge(one)); },
  seconds(turns) {
    const begun = process.cpuUsage();
    for (let turn = 0; turn < turns; turn += 1) for (const one of records) judge(one);
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6 / turns;
  },
};
lines.on('line', (line) => {
  const [order, given] = JSON.parse(line);
  console.log(JSON.stringify(orders[order](given)));
});
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with node() as ask:
        print(f"processor time per payload, as a multiple of jsonschema-rs; {count} payloads, median of {ROUNDS}")
        for kind in KINDS:
            for state, records in {"valid": good(kind, count), "invalid": spoilt(kind, count)}.items():
                for engine, (ratio, micros) in measured(kind, records, ask).items():
                    print(f"{kind:16} {state:8} {engine:28} {ratio:9.2f}   {micros:8.2f} µs")


def good(kind: str, count: int) -> list[dict[str, Any]]:
    return [KINDS[kind](number) for number in range(count)]


def spoilt(kind: str, count: int) -> list[dict[str, Any]]:
    records = good(kind, count)
    for number, record in enumerate(records):
        SPOILT[kind][number % len(SPOILT[kind])](record)
    return records


def measured(kind: str, records: list[Json], ask: Callable[..., Json]) -> dict[str, tuple[float, float]]:
    """The median ratio of each engine, and its microseconds for a payload."""
    timers = timers_of(kind, records, ask)
    rounds = [{engine: timer() for engine, timer in timers.items()} for _ in range(ROUNDS)]
    return {
        engine: (
            statistics.median(one[engine] / one["jsonschema-rs"] for one in rounds),
            statistics.median(one[engine] for one in rounds) * 1e6 / len(records),
        )
        for engine in timers
    }


def timers_of(kind: str, records: list[Json], ask: Callable[..., Json]) -> dict[str, Callable[[], float]]:
    """What gives the seconds that an engine takes for all records; their verdicts are the same, or this ends."""
    judges, explaining = judges_of(kind), explaining_of(kind)
    ask("compile", written_out(payloads.schema(kind)))
    ask("load", records)
    verdicts = {name: judge(records) for name, judge in judges.items()} | {"ajv (Node.js)": ask("verdicts")}
    different = [name for name, given in verdicts.items() if given != verdicts["jsonschema"]]
    assert not different, f"{different} do not agree with jsonschema"
    timers = {name: timer(judge, records) for name, judge in judges.items()}
    ajv = {"ajv (Node.js)": lambda: float(ask("seconds", 20))}
    return {**timers, **ajv, **{name: timer(judge, records) for name, judge in explaining.items()}}


def judges_of(kind: str) -> dict[str, Judge]:
    schema = payloads.schema(kind)
    slow = jsonschema.Draft202012Validator(schema)
    bare, ours = payloads.compiled(kind), payloads.validator(kind)
    generated = fastjsonschema.compile(without_dollars(written_out(schema)), use_default=False)
    return {
        "jsonschema-rs": lambda records: [bare.is_valid(one) for one in records],
        "jsonschema": lambda records: [slow.is_valid(one) for one in records],
        "fastjsonschema": lambda records: [accepted(generated, one) for one in records],
        "this package, is_valid": lambda records: [ours.is_valid(one) for one in records],
        "this package, 16 at once": lambda records: in_batches(ours.of_list(), records),
    }


def in_batches(all_valid: Callable[[Sequence[Json]], bool], records: Sequence[Json]) -> list[bool]:
    """Verdicts as the command line finds them: of sixteen at once, and of each where not all are valid."""
    verdicts: list[bool] = []
    for start in range(0, len(records), 16):
        some = records[start : start + 16]
        verdicts += [True] * len(some) if all_valid(some) else [all_valid([one]) for one in some]
    return verdicts


def explaining_of(kind: str) -> dict[str, Callable[[Sequence[Json]], Any]]:
    """Those that tell every error of a payload."""
    slow, ours = jsonschema.Draft202012Validator(payloads.schema(kind)), payloads.validator(kind)
    return {
        "jsonschema, all errors": lambda records: [list(slow.iter_errors(one)) for one in records],
        "this package, with remedies": lambda records: [ours(one) for one in records],
    }


def accepted(generated: Callable[[Json], Any], value: Json) -> bool:
    try:
        generated(value)
    except fastjsonschema.JsonSchemaException:
        return False
    return True


def written_out(schema: dict[str, Any]) -> Json:
    """The schema with what its references stand for in their place."""

    def of(node: Json, document: dict[str, Any]) -> Json:
        if isinstance(node, list):
            return [of(part, document) for part in node]
        if not isinstance(node, dict):
            return node
        document = node if "$id" in node else document
        kept = {key: of(part, document) for key, part in node.items() if key not in ("$id", "$schema", "$defs", "$ref")}
        if "$ref" not in node:
            return kept
        target, home = followed(node["$ref"], document, schema)
        return {**kept, "allOf": [*kept.get("allOf", ()), of(target, home)]}

    return of(schema, schema)


def without_dollars(node: Json) -> Json:
    """The schema whose patterns have ``\\x24`` in the place of every ``$`` that is not at their end."""
    if isinstance(node, list):
        return [without_dollars(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: re.sub(r"\$(?!$)", r"\\x24", part) if key == "pattern" and isinstance(part, str) else without_dollars(part)
        for key, part in node.items()
    }


def followed(reference: str, document: dict[str, Any], whole: dict[str, Any]) -> tuple[Json, dict[str, Any]]:
    if reference.startswith("#"):
        found: Json = document
        for part in reference.split("/")[1:]:
            found = found[part]
        return found, document
    target = whole["$defs"][reference.removesuffix(".schema.json")]
    return target, target


def timer(judge: Callable[[Sequence[Json]], Any], records: Sequence[Json]) -> Callable[[], float]:
    def seconds() -> float:
        begun = time.process_time()
        judge(records)
        return time.process_time() - begun

    return seconds


@contextmanager
def node() -> Iterator[Callable[..., Json]]:
    """What asks ajv, in a process of Node.js, with the package fetched by npm."""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "package.json").write_text('{"private": true}')
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", AJV], cwd=folder, check=True
        )
        with subprocess.Popen(
            ["node", "-e", DRIVER], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            yield lambda order, given=None: asked(process, order, given)
    finally:
        shutil.rmtree(folder)


def asked(process: subprocess.Popen[str], order: str, given: Json) -> Json:
    assert process.stdin
    assert process.stdout
    print(json.dumps([order, given]), file=process.stdin, flush=True)
    return json.loads(process.stdout.readline() or sys.exit("ajv ended"))


if __name__ == "__main__":
    main()
