"""The fakes are the specification: nothing in them drifts, and a rule that changes there changes here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from referencing.jsonschema import EMPTY_REGISTRY

from intercom_conformance import cli
from intercom_conformance.bindings import Package, install
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.fakes import UnknownKeyword, files, machine, write
from intercom_conformance.fakes.machine import KEYWORDS
from intercom_conformance.generation import from_schema, hostile_values, near_misses
from intercom_conformance.oracle.expressions import same
from intercom_conformance.specification import load_specification
from intercom_reference import payloads
from intercom_reference.fake import Fake

ROOT = Path(__file__).parents[2]
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript fake of the embedded specification."""
    folder = tmp_path_factory.mktemp("fake")
    write(files("javascript", load_specification()), folder)
    return folder


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the specification, to be changed."""
    for part in ("spec", "schemas"):
        shutil.copytree(ROOT / part, tmp_path / "changed" / part)
    return tmp_path / "changed"


def told(folder: Path, script: str) -> Any:
    """What a script in Node.js gives, in which `app` is the fake's React Native side."""
    whole = f"const app = require('./react-native.js'); ({script})().then((it) => console.log(JSON.stringify(it)))"
    done = subprocess.run(
        [find_program("node"), "-e", whole], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def replace(folder: Path, document: str, old: str, new: str) -> None:
    path = folder / document
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_same_specification_gives_the_same_bytes() -> None:
    """The folder is a function of the specification: what is written twice is the same."""
    assert files("javascript", load_specification()) == files("javascript", load_specification(str(ROOT)))


def test_the_rules_are_the_specification_itself(fake: Path) -> None:
    """The statechart and the schemas travel as they are; the programs beside them speak of no rule."""
    document = json.loads((fake / "machine.json").read_text(encoding="utf-8"))
    spec = load_specification()
    assert document["chart"] == json.loads(json.dumps(spec.chart))
    assert document["specification"]["digest"] == spec.digest
    slugs = {one["id"] for one in spec.chart["transitions"]} | set(spec.chart["effects"]) | set(spec.chart["facts"])
    words = {slug for slug in slugs if re.search(r"[-_]", slug)}
    for program in (fake / "lib").glob("*.js"):
        assert not words & set(re.findall(r"[\w-]+", program.read_text(encoding="utf-8"))), program.name


def test_check_tells_a_stale_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In CI, a folder that somebody changed, or that an older specification wrote, is told by its file."""
    out = tmp_path / "fake"
    assert cli.main(["init", "fake", "--out", str(out)]) == 0
    assert cli.main(["init", "fake", "--out", str(out), "--check"]) == 0
    replace(out, "machine.json", '"logged_out"', '"signed_out"')
    assert cli.main(["init", "fake", "--out", str(out), "--check"]) == 1
    assert "machine.json. Write it anew with --force." in capsys.readouterr().out


def test_nothing_is_written_over_unless_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with such files in it is left alone without --force, and a language that there is not is told."""
    assert cli.main(["init", "fake", "--out", str(tmp_path), "--language", "pythn"]) == 4
    assert "Did you mean 'python'?" in capsys.readouterr().err
    assert cli.main(["init", "fake", "--out", str(tmp_path), "--language", "python"]) == 0
    assert cli.main(["init", "fake", "--out", str(tmp_path), "--language", "python"]) == 4
    assert "has README.md, test_intercom_fake.py already" in capsys.readouterr().err


def test_a_changed_rule_changes_the_fake(changed: Path, tmp_path: Path) -> None:
    """A transition that ends otherwise in a copy of the specification ends otherwise in the fake that it gives."""
    script = "async () => { await app.default.loginUnidentifiedUser(); return app.fake.contacts[0].kind; }"
    write(files("javascript", load_specification()), tmp_path / "before")
    assert told(tmp_path / "before", script) == "anonymous"
    replace(changed, "spec/session.yaml", "values: {kind: anonymous}", "values: {kind: stranger}")
    write(files("javascript", load_specification(str(changed))), tmp_path / "after")
    assert told(tmp_path / "after", script) == "stranger"


def test_a_changed_schema_changes_the_fake(changed: Path, tmp_path: Path) -> None:
    """A payload that the schemas refuse from now on is refused by the fake."""
    script = """async () => {
      await app.default.loginUnidentifiedUser();
      return app.default.logEvent('ab').catch(({ code, message }) => [code, message]);
    }"""
    write(files("javascript", load_specification()), tmp_path / "before")
    assert told(tmp_path / "before", script) is True
    replace(changed, "schemas/event-name.schema.json", '"minLength": 1', '"minLength": 3')
    write(files("javascript", load_specification(str(changed))), tmp_path / "after")
    code, message = told(tmp_path / "after", script)
    assert code == "400"
    assert message.startswith("logEvent: eventName is not valid. Give text that is not empty")


def test_a_keyword_that_the_fake_does_not_understand_is_refused(changed: Path) -> None:
    """A schema that the fake could not follow is told, not followed in part."""
    replace(changed, "schemas/event-name.schema.json", '"minLength": 1', '"format": "email"')
    with pytest.raises(UnknownKeyword, match=r"'format', in schemas/event-name\.schema\.json"):
        machine(load_specification(str(changed)))


def test_both_sides_name_the_same_keywords(fake: Path) -> None:
    """What the generator lets pass, the interpreter understands."""
    script = """async () => {
      const { ANNOTATIONS, KEYWORDS } = require('./lib/schemas.js');
      return [...ANNOTATIONS, ...Object.keys(KEYWORDS)];
    }"""
    assert set(told(fake, script)) == KEYWORDS


def test_the_fake_offers_what_the_reference_offers(fake: Path) -> None:
    """The drivers declare every capability but what the real API has not: callbacks and aliases of React Native."""
    document = json.loads((fake / "machine.json").read_text(encoding="utf-8"))
    assert document["capabilities"] == Fake().binding["capabilities"]
    lacking = re.search(r"LACKING = \[(.*)\]", (fake / "conformance" / "react-native.js").read_text(encoding="utf-8"))
    assert lacking is not None
    assert lacking[1] == "'aliases', 'callbacks'"


@pytest.mark.parametrize("version", ["9.1.1", "10.2.0", "12.1.0"])
def test_the_cordova_fake_has_every_name_of_the_plugin(fake: Path, version: str) -> None:
    """An app written for any of these versions finds its functions and constants in the fake."""
    plugin = install(Package("cordova-plugin-intercom", version)) / "www" / "intercom.js"
    script = f"""async () => {{
      const [theirs, ours] = [require({json.dumps(str(plugin))}), require('./cordova.js').intercom];
      return [Object.keys(theirs), Object.keys(theirs).filter((name) => typeof theirs[name] !== typeof ours[name])];
    }}"""
    names, lacking = told(fake, script)
    assert len(names) > 20
    assert lacking == []


def test_the_fake_validates_as_the_schemas_say(fake: Path) -> None:
    """The fake's validator agrees with jsonschema-rs on valid, nearly valid and hostile payloads of every schema."""
    made = [(name, value) for name in payloads.schema_names() for value in (*payloads_of(name), *hostile_values())]
    asked = [(name, value) for name, value in made if sendable(value)]
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    command = [find_program("node"), str(Path(__file__).parent / "differential.js"), str(fake)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120, check=True)
    answers = [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]
    verdicts = {True: 0, False: 0}
    for (name, value), (valid, canonical) in zip(asked, answers, strict=True):
        assert valid == payloads.is_valid(name, value), (name, value)
        assert not valid or same(canonical, payloads.canonical(name, value)), (name, value)
        verdicts[valid] += 1
    assert min(verdicts.values()) > 500


def payloads_of(name: str) -> list[Any]:
    """Valid payloads by a schema, each with some that break one rule of it; of its examples, with all that do."""
    schema = payloads.schema(name)
    found = [
        payload
        for example in schema["examples"]
        for payload in (example, *(miss.payload for miss in near_misses(schema, EMPTY_REGISTRY, example)))
    ]

    @given(from_schema(schema, EMPTY_REGISTRY))
    @settings(EXAMPLES)
    def collect(value: Any) -> None:
        found.append(value)
        found.extend(miss.payload for miss in islice(near_misses(schema, EMPTY_REGISTRY, value), 20))

    collect()
    return found


def sendable(value: Any) -> bool:
    """Whether JSON carries a value to JavaScript unharmed: whole numbers beyond 2**53 it does not."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return all(abs(int(number)) < 2**53 for number in re.findall(r"-?\d{16,}", text))
