"""Shards of a run are joined into one, and nothing that only looks like one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from report_streams import BINDING, SPEC, every_verdict, finding, result, stream, without_seconds, written

from intercom_conformance import cli, events
from intercom_conformance.events import Stream
from intercom_conformance.exits import UsageProblem
from intercom_conformance.merging import merge
from intercom_conformance.suite import catalogue

IDS = [check.id for check in catalogue(SPEC)]
ONE, TWO = result("scenario/a"), result("scenario/b", "failed", finding())


def joined(*shards: Stream) -> Stream:
    """The whole, of shards with short names."""
    return merge({f"{number}.ndjson": shard for number, shard in enumerate(shards, 1)}, SPEC, IDS)


def test_the_shards_of_a_real_run_are_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two halves come to the same checks and verdicts as the whole, and the report is written as a stream."""
    monkeypatch.chdir(tmp_path)
    base = ["run", "--examples", "2", "--events"]
    assert cli.main([*base, "whole.ndjson", "-k", "logout-ends", "-k", "hide-closes"]) == 0
    assert cli.main([*base, "one.ndjson", "-k", "logout-ends"]) == 0
    assert cli.main([*base, "two.ndjson", "-k", "hide-closes"]) == 0
    assert cli.main(["report", "merge", "one.ndjson", "two.ndjson", "-o", "joined.ndjson"]) == 0
    whole, both = events.read("whole.ndjson"), events.read("joined.ndjson")
    assert whole.footer is not None
    assert both.footer is not None
    for name in ("checks", "requirements", "transitions", "steps", "exit_code"):
        assert both.footer[name] == whole.footer[name]
    assert [one["id"] for one in both.results] == [one["id"] for one in whole.results]


def test_the_verdict_of_the_whole_is_found_anew() -> None:
    """What passed in one shard and failed in another has failed."""
    whole = joined(stream((ONE,)), stream((TWO,), exit_code=1))
    assert whole.footer is not None
    assert whole.footer["requirements"]["logout-ends-session"]["verdict"] == "failed"
    assert whole.footer["exit_code"] == 1
    events.validate(whole.footer)
    events.validate(whole.header)


def test_a_check_in_two_shards_counts_once_if_it_is_told_the_same() -> None:
    """Only the time that it took may differ."""
    whole = joined(stream((ONE, TWO)), stream(without_seconds((TWO,))))
    assert [one["id"] for one in whole.results] == ["scenario/a", "scenario/b"]
    assert whole.header["planned"] == 2


def test_a_check_that_is_told_in_two_ways_is_refused() -> None:
    """A flaky check cannot hide behind a shard in which it passed."""
    with pytest.raises(UsageProblem, match=r"2\.ndjson tells of 'scenario/b' otherwise than a shard before it"):
        joined(stream((TWO,)), stream((result("scenario/b"),)))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 7}, "seed"),
        ({"examples": 7}, "examples"),
        ({"strict": True}, "strict"),
        ({"connector": "py:other:Toy"}, "connector"),
        ({"binding": attrs.evolve(BINDING, version="2")}, "binding"),
        ({"acknowledged": ("callbacks",)}, "acknowledged"),
    ],
)
def test_what_is_not_of_one_run_is_refused(change: dict[str, Any], named: str) -> None:
    """Another binding or another plan makes no shard."""
    with pytest.raises(UsageProblem, match=f"are not shards of one run: they differ in {named}"):
        joined(stream((ONE,)), stream((TWO,), **change))


def test_another_specification_is_refused() -> None:
    """Verdicts of another revision are not added to those of this one."""
    other = stream((TWO,))
    named = {**other.header["specification"], "digest": "0" * 16}
    with pytest.raises(UsageProblem, match="differ in specification"):
        joined(stream((ONE,)), attrs.evolve(other, header={**other.header, "specification": named}))
    with pytest.raises(UsageProblem, match=r"The stream is of .* not "):
        joined(attrs.evolve(other, header={**other.header, "specification": named}))


def test_one_shard_without_an_end_leaves_the_whole_without_one(tmp_path: Path) -> None:
    """What was found is joined, the footer is not written, and the exit code is that of an interrupted run."""
    files = [tmp_path / "one.ndjson", tmp_path / "two.ndjson"]
    for file, shard in zip(files, [stream((ONE,)), stream((TWO,), complete=False)], strict=True):
        file.write_text(written(shard), encoding="utf-8")
    out = tmp_path / "whole.ndjson"
    assert cli.main(["report", "merge", *map(str, files), "-o", str(out)]) == 2
    whole = events.read(out)
    assert not whole.complete
    assert len(whole.results) == 2
    assert whole.header["planned"] == 3


def test_all_verdicts_survive() -> None:
    """Checks come back as they were, whatever became of them."""
    one = stream(every_verdict(), exit_code=1)
    assert sorted(map(str, joined(one).results)) == sorted(map(str, one.results))


def test_a_whole_that_lacks_what_every_binding_has_is_no_success() -> None:
    """Shards that each pass do not make a success of a binding without the mandatory capabilities."""
    assert any(body.get("mandatory") for body in SPEC.capabilities.values())
    poor = attrs.evolve(BINDING, capabilities=frozenset(["hide"]))
    whole = joined(stream((ONE,), binding=poor))
    assert whole.footer is not None
    assert whole.footer["exit_code"] == 5
