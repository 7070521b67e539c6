"""Validation of files: every form of input, hostile records, several processes, and what is reported."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_conformance import cli
from intercom_conformance.generation import from_schema
from intercom_conformance.validation import Judge, Settings, Tally
from intercom_conformance.validation.records import Block, Record, TooLong, elements, lines
from intercom_reference import payloads
from intercom_reference.loading import load_document

GOOD = '{"userId": "1", "customAttributes": {"plan": "pro"}}'
HOSTILE: dict[str, tuple[bytes, str]] = {
    "a name twice": (b'{"userId": "1", "userId": "2"}', "the key 'userId' stands twice"),
    "a name twice, hidden": (b'{"userId": "1", "userId": "\\u003a"}', "stands twice"),
    "a name twice below": (b'{"userId": "1", "customAttributes": {"a": 1, "a" : 2}}', "stands twice"),
    "NaN": (b'{"userId": "1", "a": NaN}', "NaN is not JSON"),
    "infinity by size": (b'{"userId": "1", "signedUpAt": 1e999}', "found inf"),
    "a huge number": (b'{"userId": "1", "signedUpAt": ' + b"9" * 5000 + b"}", "thousands of digits"),
    "no UTF-8": (b'{"userId": "\xff"}', "no UTF-8, from byte 12"),
    "half a character": (b'{"userId": "\\ud800"}', "half a character"),
    "a depth bomb": (b'{"userId": "1", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nesting is too deep"),
    "a little too deep": (b'{"userId": "1", "a": ' + b"[" * 65 + b"]" * 65 + b"}", "more than 64 levels"),
    "deep for the fast parser": (b'{"userId": "1", "a": ' + b"[" * 600 + b"]" * 600 + b"}", "more than 64 levels"),
    "two in one line": (b'{"userId": "1"},{"userId": "2"}', "Extra data"),
    "the start of an array": (b'[{"userId": "1"}', "no JSON"),
    "the end of an array": (b'{"userId": "1"}]', "Extra data"),
    "an open text": (b'{"userId": "1', "no JSON"),
    "no object": (b"7", "found 7"),
}

PEAK = """
import re, sys
print(re.search("VmHWM:\\\\s*([0-9]+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""
"""Tells the most memory that a process has had, in kilobytes; what getrusage tells counts its parent's too."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def validated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(["validate", *arguments])
    return code, capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(validated(capsys, *arguments, "--format", "json")[1])
    return document


def places(document: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["line"], one["requirement"]) for one in document["findings"]]


# Hostile records ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("record", "found"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_record_costs_itself_a_finding(
    record: bytes, found: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told what is wrong with the line, and the lines around it are judged as ever."""
    (here / "a.ndjson").write_bytes(b"\n".join([GOOD.encode(), record, b'{"userId": 1}', GOOD.encode()]))
    document = told(capsys, "login", "a.ndjson", "--errors-only")
    assert (document["records"], document["invalid"]) == (4, 2)
    assert {one["line"] for one in document["findings"]} == {2, 3}
    assert found in validated(capsys, "login", "a.ndjson")[1]


def test_records_cannot_join_hands() -> None:
    """Lines that make as many records together as they are, but are none themselves, are all refused."""
    text = b'{},{}\n{"a":[{}\n{}]}'
    tally = Judge(Settings("anything")).piece("x", Block(1, text))
    assert (tally.records, tally.invalid) == (3, 3)


@pytest.mark.parametrize("broken", [b'"', b"\\", b"[", b"]", b"}", b",,", b"[]]]]", b'["\\', b"[[[{", b"[1 2]"])
def test_a_broken_array_ends_in_a_finding(broken: bytes) -> None:
    """Whatever follows an element, it is a record that is told to be no payload; the element before is fine."""
    judge = Judge(Settings("login"))
    found = [judge.piece("x", piece) for piece in elements(io.BytesIO(b'[{"userId":"1"},' + broken))]
    assert [tally.invalid for tally in found][:1] == [0]
    assert sum(tally.invalid for tally in found) == len(found) - 1 >= (broken not in (b"]", b",,", b"}"))


def pools() -> Iterator[bytes]:
    yield from (record for record, _ in HOSTILE.values() if len(record) < 3000)
    yield from (b"{}", b"", b"  ", b"2]}", b'{"a":[1', b'{"userId":"1","a":":{["}', b'{"userId" : "\\u003a"}')
    yield from (b'{"userId":"1","customAttributes":{"A":1,"a":2}}', b'{"userId":"1","customAttributes":{"A":1}}')
    yield GOOD.encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.booleans())
def test_a_batch_is_judged_as_its_records_one_by_one(data: st.DataObject, only_errors: bool) -> None:
    """The fast way tells what the strict parser and jsonschema tell, of any lines in any company."""
    valid = from_schema(payloads.schema("login", strict=True)).map(lambda one: json.dumps(one).encode())
    some = data.draw(st.lists(st.one_of(st.sampled_from([*pools()]), valid), min_size=1, max_size=20))
    block = Block(1, b"\n".join(some))
    fast, slow = Judge(Settings("login", only_errors=only_errors)), Judge(Settings("login", only_errors=only_errors))
    assert fast._fast is not None
    vars(slow)["_fast"] = None
    assert fast.piece("x", block) == slow.piece("x", block)


def test_a_line_without_end_fills_no_memory(here: Path) -> None:
    """A line of 100 MB and the records around it: judged in a fraction of that memory."""
    code = (
        "import sys\nfrom intercom_conformance import cli\n"
        f"code = cli.main(['validate', 'login', '-', '--format', 'json'])\n{PEAK}sys.exit(code)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.write(GOOD.encode() + b'\n{"userId":"')
    for _ in range(100):
        child.stdin.write(b"x" * 1_000_000)
    out, error = child.communicate(b'"}\n{"userId": 1}\n')
    assert (child.returncode, places(json.loads(out))[0]) == (1, (2, "payload-is-json"))
    assert "100,000,013 bytes" in out.decode()
    assert json.loads(out)["records"] == 3
    assert int(error) // 1024 < 150


def test_memory_does_not_grow_with_the_file(here: Path) -> None:
    """Ten times the records take the memory of the first tenth."""
    line = (GOOD + "\n").encode()
    peaks = []
    for megabytes in (2, 20):
        (here / "a.ndjson").write_bytes(line * (megabytes * 1_000_000 // len(line)))
        code = f"from intercom_conformance import cli\ncli.main(['validate', 'login', 'a.ndjson'])\n{PEAK}"
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        peaks.append(int(shown.stderr) // 1024)
    assert peaks[1] - peaks[0] < 8, peaks


# Forms of input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("portion", [1, 2, 7, 1000])
def test_lines_and_elements_do_not_depend_on_portions(portion: int) -> None:
    """However the bytes arrive, the records and their lines are the same; what is too long is passed over."""
    text = b'{"a": "x"}\n\n{"b": 1}\n' + b"y" * 50 + b"\nlast"
    found = list(lines(io.BytesIO(text), portion, 40))
    assert [(one.line, one.size) for one in found if isinstance(one, TooLong)] == ([] if portion > 50 else [(4, 50)])
    kept = b"".join(one.data for one in found if isinstance(one, Block))
    assert kept.replace(b"y" * 50 + b"\n", b"") == text.replace(b"y" * 50 + b"\n", b"")
    array = b'[ {"a": "],\\"["},\n\n [1, {"b": 2}] ,3, "' + b"z" * 50 + b'"\n]'
    pieces = list(elements(io.BytesIO(array), portion, 40))
    assert [(one.line, one.data.strip()) for one in pieces if isinstance(one, Record)] == [
        (1, b'{"a": "],\\"["}'),
        (3, b'[1, {"b": 2}]'),
        (3, b"3"),
    ]
    assert [(one.line, one.size) for one in pieces if isinstance(one, TooLong)] == [(3, 53)]


def test_one_record_may_take_many_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pretty-printed payload is one record, and a finding has the line of the member."""
    (here / "a.json").write_text(
        '{\n  "userId": "1",\n  "customAttributes": {\n    "a": [1]\n  }\n}\n', encoding="utf-8"
    )
    document = told(capsys, "login", "a.json")
    assert (document["records"], places(document)) == (1, [(4, "custom-attributes-are-flat")])


def test_an_array_holds_records(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each element is a record, unless a payload of the kind is an array itself."""
    (here / "a.json").write_text('[{"id": "1"},\n {"id": 2},\n {"id": "3"}]', encoding="utf-8")
    assert places(told(capsys, "company", "a.json")) == [(2, "company-needs-id")]
    whole = told(capsys, "companies", "a.json")
    assert (whole["records"], places(whole)) == (1, [(2, "company-needs-id")])


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_packed_files(suffix: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """gzip and zstd are told by their first bytes, whatever the name; several sources are one run."""
    import zstandard

    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[suffix]
    text = f"{GOOD}\n" * 5000 + '{"userId": 1}\n'
    (here / f"a.ndjson{suffix}").write_bytes(pack(text.encode()))
    (here / "b.json").write_text(GOOD, encoding="utf-8")
    document = told(capsys, "login", f"a.ndjson{suffix}", "b.json", "--errors-only")
    assert (document["records"], document["invalid"]) == (5002, 1)
    assert {one["line"] for one in document["findings"]} == {5001}


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_file_that_breaks_off(suffix: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What came before the end counts, and the end is a finding."""
    import zstandard

    pack = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[suffix]
    text = "".join(f'{{"userId": "{number * 7919 % 100_003}"}}\n' for number in range(200_000))
    packed = pack(text.encode())
    (here / "a").write_bytes(packed[: len(packed) // 2])
    document = told(capsys, "login", "a", "--input", "ndjson")
    assert document["invalid"] == 1
    assert document["records"] > 1
    assert "breaks off" in document["findings"][-1]["found"]


CSV = """name,metadata.price.amount,metadata.price.currency,metadata.note
bought,19.99,usd,"a, b"
,5,usd,
bought,500,eur,
"oops
"""


def test_csv(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns with dots are objects, empty cells are nothing, numbers are numbers, and a broken row is one finding."""
    (here / "events.csv").write_text(CSV, encoding="utf-8")
    document = told(capsys, "event", "events.csv")
    assert places(document) == [(2, "monetary-shape"), (3, "event-name-is-text"), (5, "payload-is-json")]
    assert "Write 1999: cents." in document["findings"][0]["remedy"]
    (here / "ids.csv").write_text("userId,signedUpAt\n12345,1621844451\n", encoding="utf-8")
    assert told(capsys, "login", "ids.csv")["findings"] == []


@pytest.mark.parametrize("header", ["a,a", "a,a.b"])
def test_csv_with_columns_that_clash(header: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A header that cannot be one record is refused before any row."""
    (here / "a.csv").write_text(f"{header}\n1,2\n", encoding="utf-8")
    assert cli.main(["validate", "event", "a.csv"]) == 4
    assert "column" in capsys.readouterr().err


def test_parquet_and_urls(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of Parquet are records without their nulls, from a file and from a URL."""
    import pyarrow
    from pyarrow import parquet

    rows = [
        {"name": "bought", "metadata": {"order_date": 1392036272000, "note": None}},
        {"name": None, "metadata": {"order_date": None, "note": "x" * 256}},
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), here / "events.parquet")
    for name in ("events.parquet", (here / "events.parquet").as_uri()):
        assert sorted(places(told(capsys, "event", name))) == [
            (1, "dates-are-not-milliseconds"),
            (2, "event-metadata-string-length"),
            (2, "event-name-is-text"),
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["login", "missing.json"], 4, "missing.json cannot be read"),
        (["lgin", "a.json"], 4, 'Did you mean "login"?'),
        (["login", "a.json", "--profile", "flutr"], 4, 'Did you mean "flutter"?'),
        (["login", "a.json", "--limit", "x"], 4, "NAME=NUMBER"),
        (["event", "a.json", "--limit", "event-metadata-key=3"], 4, 'Did you mean "event-metadata-keys"?'),
        (["login", "nothing://x"], 4, "nothing://x cannot be read"),
        (["login", "a.json", "--input", "parquet"], 4, "no Parquet"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    arguments: list[str], code: int, message: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong name, kind, profile or limit ends with the code for usage, and says what to do."""
    (here / "a.json").write_text(GOOD, encoding="utf-8")
    assert cli.main(["validate", *arguments]) == code
    shown = capsys.readouterr().err
    assert message in shown
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("zstandard", "a.zst", "data"), ("pyarrow", "a.parquet", "data"), ("fsspec", "file:///a", "data")],
)
def test_a_missing_extra_is_named(module: str, name: str, extra: str, here: Path) -> None:
    """Without the library behind a form, one line says what to install."""
    import zstandard

    (here / name.rpartition("/")[2]).write_bytes(zstandard.ZstdCompressor().compress(b"{}"))
    code = f"import sys; sys.modules[{module!r}] = None\nfrom intercom_conformance import cli\nsys.exit(cli.main())"
    command = [sys.executable, "-c", code, "validate", "login", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (4, 1)
    assert f"intercom-conformance[{extra}]" in done.stderr


def test_without_the_fast_parser_nothing_changes(here: Path) -> None:
    """orjson is an extra: without it validation is slower and says the same."""
    (here / "a.ndjson").write_bytes(b"\n".join([record for record, _ in HOSTILE.values()] + [GOOD.encode()] * 3))
    start = "import sys\nfrom intercom_conformance import cli\n"
    end = "sys.exit(cli.main(['validate', 'login', 'a.ndjson']))"
    shown = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        for code in (start + end, start + "sys.modules['orjson'] = None\n" + end)
    ]
    assert shown[0].stdout == shown[1].stdout != ""
    assert [one.returncode for one in shown] == [1, 1]


def test_nothing_to_read_is_no_success(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No record at all has a code of its own."""
    (here / "a.ndjson").write_bytes(b"\n \n")
    assert cli.main(["validate", "login", "a.ndjson"]) == 5


# What is reported ---------------------------------------------------------------------------------


def many(here: Path, count: int = 30_000) -> str:
    every = ['{"userId": 1}', '{"userId": "a@b.c"}', '{"userId": "1", "userId": "1"}', *[GOOD] * 997]
    text = "\n".join(every[number % len(every)] for number in range(count))
    (here / "many.ndjson").write_text(text, encoding="utf-8")
    return "many.ndjson"


def test_several_processes_find_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two workers give the report of one, findings, lines, counts and examples alike."""
    name = many(here)
    alone = validated(capsys, "login", name, "--format", "json")
    assert validated(capsys, "login", name, "--format", "json", "--workers", "2") == alone
    assert json.loads(alone[1])["records"] == 30_000


def test_all_are_counted_and_some_are_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary has every rule with its count and its first lines, however few findings are shown."""
    code, text = validated(capsys, "login", many(here), "--max-findings", "2")
    assert code == 1
    assert "… and 118 more; --max-findings shows more of them." in text
    assert "30,000 records: 29,910 fine, 30 with warnings only, 60 with errors" in text
    assert "MUST    payload-is-json                  30   many.ndjson:3, many.ndjson:1003, many.ndjson:2003" in text


def test_json_obeys_its_schema(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document that programs read is the one that is published."""
    schema = load_document("schemas/documents/validation.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told(capsys, "login", many(here)), schema)


SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs", "$schema"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": {"type": "object", "required": ["text"]},
                                                "help": {"type": "object", "required": ["text"]},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {"uri": {"pattern": "^[^ <>]+$"}},
                                                    },
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}},
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0 demands of the parts that are used."""


def test_sarif(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is a result at its line, under a rule with the requirement's sentence."""
    (here / "my users.ndjson").write_text('{"userId": 1}\n{"userId": "ada@example.com"}\n', encoding="utf-8")
    document = json.loads(validated(capsys, "login", "my users.ndjson", "--format", "sarif")[1])
    jsonschema.validate(document, SARIF)
    [run] = document["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in results)
    assert [(one["level"], one["locations"][0]["physicalLocation"]["region"]["startLine"]) for one in results] == [
        ("error", 1),
        ("error", 1),
        ("warning", 2),
    ]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20users.ndjson"
    assert rules[-1]["shortDescription"]["text"].startswith("A userId should not be an email address")
    assert "ada@example.com" not in json.dumps(document)


def test_a_profile_and_a_limit_on_the_command_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Payloads are judged in the profile's spelling, and by the maxima that were given."""
    (here / "a.json").write_text('{"external_id": 5, "userId": "1"}', encoding="utf-8")
    document = told(capsys, "user-attributes", "a.json", "--profile", "rest")
    assert [one["pointer"] for one in document["findings"]] == ["/external_id", "/userId"]
    (here / "e.json").write_text('{"name": "a", "metadata": {"b": 1, "c": 2}}', encoding="utf-8")
    assert cli.main(["validate", "event", "e.json"]) == 0
    assert cli.main(["validate", "event", "e.json", "--limit", "event-metadata-keys=1"]) == 1


def test_strictness(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning fails a run with --strict only, and is not even told with --errors-only."""
    (here / "a.json").write_text('{"userId": "a@b.c"}', encoding="utf-8")
    assert [cli.main(["validate", "login", "a.json", *more]) for more in ([], ["--strict"], ["--errors-only"])] == [
        0,
        1,
        0,
    ]
    assert capsys.readouterr().out.count("user-id-is-not-an-email at /userId") == 2


def test_tallies_add_up() -> None:
    """What was counted in parts is what would have been counted in one, in any grouping."""
    judge = Judge(Settings("login", keep=3))
    parts = [judge.piece("x", Block(number, b'{"userId": 1}')) for number in range(1, 6)]
    whole, left, right = Tally(3), Tally(3), Tally(3)
    for part in parts:
        whole.merge(part)
    for part in parts[:2]:
        left.merge(part)
    for part in parts[2:]:
        right.merge(part)
    left.merge(right)
    assert left == whole
    assert (whole.records, whole.invalid, whole.total, len(whole.findings)) == (5, 5, 10, 3)
