"""Each single change to the specification makes a wrong SDK that the suite kills, or one proved to be allowed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import attrs
import pytest

from intercom_conformance import cli
from intercom_conformance.kit import oracle_of
from intercom_conformance.mutants import OPERATORS, Mutant, Prover, UnknownMutant, driver_of, mutant_named, mutants_of
from intercom_conformance.mutants.ammunition import Shot, recorded
from intercom_conformance.mutants.choosing import covering, nth_choices
from intercom_conformance.mutants.crew import Hunt
from intercom_conformance.mutants.effects import Effects
from intercom_conformance.mutants.hunting import EQUIVALENT, KILLED, SURVIVED, Fate, Hunter
from intercom_conformance.mutants.mutant import GONE, Changed, Edit
from intercom_conformance.player import Played, Player
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step, Trace
from intercom_reference.documents import embedded

SPEC = load_specification()
GARAGE = Path(__file__).parents[1] / "second_spec"

WRONG = {
    "output": "output/logout/error",
    "early": "early/request-answer-held/success",
    "late": "late/update",
    "count": "count/logout/twice",
    "target": "target/logout/stays",
    "initial": "initial/launcher/launcher_visible",
    "missing": "missing/identify-anonymous/forget_anonymous_contact",
    "extra": "extra/update-anonymous/leave",
    "order": "order/identify-anonymous/forget_anonymous_contact-first",
    "guard": "guard/user-needed/arguments/negated",
    "retry": "retry/network_up/never",
    "payload": "payload/identity/anyOf/1/required",
}
"""A mutant of each operator that is wrong."""


def player_of(mutant: Mutant) -> Player:
    player = Player(SPEC, oracle_of(SPEC), lambda native: driver_of(mutant, SPEC, native), None)
    player.start()
    return player


def shots() -> list[Shot]:
    """A small suite: a short way to each transition, and one to what an anonymous user did before signing up."""
    ways = [Shot(f"transition/{slug}", way, frozenset([slug])) for slug, way in explore(SPEC).transitions.items()]
    steps = ("loginUnidentifiedUser", {}), ("logEvent", "e"), ("loginUserWithUserAttributes", {"userId": "1"})
    signing_up = tuple(Step(name, (argument,)) for name, argument in steps)
    return [*ways, Shot("scenario/signing-up", signing_up, frozenset(["identify-anonymous"]))]


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover(SPEC)


# Making them --------------------------------------------------------------------------------------


def test_ids_are_stable_and_each_its_own() -> None:
    """An id is made of slugs, so that it can be cited; there are no two alike, and a second reading gives the same."""
    ids = [one.id for one in mutants_of(SPEC)]
    assert len(set(ids)) == len(ids) > 4000
    assert [one.id for operator in OPERATORS.values() for one in operator(_chart())] == ids
    assert set(WRONG.values()) <= set(ids)
    assert not [one for one in ids if " " in one]


def _chart() -> Any:
    from intercom_conformance.mutants.sites import Chart

    return Chart(SPEC)


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_operator_makes_one_change(operator: str) -> None:
    """A mutant differs from the original in what it is, and what it does not name is the original's very own."""
    made = [one for one in mutants_of(SPEC) if one.operator == operator]
    assert made
    for mutant in made[:: max(len(made) // 40, 1)]:
        changed = [
            one
            for one in mutant.edits
            if Changed(embedded(), [one]).load(one.document) != embedded().load(one.document)
        ]
        assert changed or mutant.delivery or mutant.tries, mutant.id


def test_a_changed_document_shares_the_rest() -> None:
    """A change is a new value: the original stays as it was, and parts that are not on the way are not copied."""
    edit = Edit("spec/session.yaml", ("transitions", 0, "code"), GONE)
    before = json.dumps(embedded().load("spec/session.yaml"))
    changed = Changed(embedded(), [edit]).load("spec/session.yaml")
    assert "code" not in changed["transitions"][0]
    assert changed["transitions"][1] is embedded().load("spec/session.yaml")["transitions"][1]
    assert json.dumps(embedded().load("spec/session.yaml")) == before


def test_the_second_specification_has_mutants_and_proofs() -> None:
    """The operators are functions of documents: a garage is mutated like any SDK, and what is proved of it is sound."""
    garage = load_specification(str(GARAGE))
    made = {one.id: one for one in mutants_of(garage)}
    assert {one.operator for one in made.values()} == set(OPERATORS) - {"order"}, "no step has two effects"
    prover = Prover(garage)
    assert prover.proof(made["target/enter/paid"]) is None
    assert prover.proof(made["output/pay-in-cash.1/success"]) is None
    assert prover.proof(made["extra/enter/requeue"]), "nothing is ever remembered in a garage"


# Killing them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_mutant_of_each_operator_is_seen(operator: str, prover: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong SDK of each operator is killed by a short trace, and is not proved to be allowed."""
    mutant = mutant_named(SPEC, WRONG[operator])
    assert prover.proof(mutant) is None
    monkeypatch.setattr("intercom_conformance.mutants.hunting.catalogue", lambda _: ())
    fate = Hunter(SPEC, shots(), Settings()).hunt(mutant)
    assert (fate.verdict, fate.operator) == (KILLED, operator)
    assert fate.sequence
    assert fate.requirement in SPEC.requirements


def test_what_a_choice_breaks_by_itself_kills_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace on which an SDK fails with these choices and without the change tells nothing of the change."""
    monkeypatch.setattr("intercom_conformance.mutants.hunting.catalogue", lambda _: ())
    trace = (Step("loginUserWithUserAttributes", ({"userId": "a"},)), Step("logout"))
    mutant = attrs.evolve(mutant_named(SPEC, WRONG["output"]), choices=(("request-while-user-changes", 1),))
    hunter = Hunter(SPEC, [Shot("given", trace, mutant.transitions)], Settings())
    assert hunter.hunt(mutant).verdict == KILLED
    monkeypatch.setattr(Hunter, "_unchanged", lambda *_: player_of(mutant))
    assert hunter.hunt(mutant).verdict == SURVIVED


def test_the_original_survives() -> None:
    """No change is no fault: whatever kills a mutant, it is the change."""
    player = player_of(Mutant("original", "", ""))
    assert all(isinstance(player.play(shot.trace), Played) for shot in shots())


@pytest.mark.parametrize("number", [1, 10**6])
def test_the_original_survives_by_other_choices(number: int) -> None:
    """Whichever of its choices the reference makes, it conforms: what kills a mutant that makes them is the change."""
    every = shots_of("transition/request-while-user-changes", "transition/login-request-lost")
    player = player_of(Mutant("original", "", "", choices=nth_choices(SPEC, number)))
    for shot in every:
        outcome = player.play(shot.trace)
        assert isinstance(outcome, Played), outcome
        assert not outcome.formal, outcome.formal


@cache
def shots_of(*checks: str) -> tuple[Shot, ...]:
    """What some checks of the default suite play."""
    chosen = tuple(one for one in catalogue(SPEC) if one.id in checks)
    assert len(chosen) == len(checks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intercom_conformance.mutants.ammunition.catalogue", lambda _: chosen)
        return tuple(recorded(SPEC, Settings(shrink=False)))


def hunted_by(check: str, name: str) -> Fate:
    """What becomes of a mutant that meets a single check."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intercom_conformance.mutants.hunting.catalogue", lambda _: ())
        return Hunter(SPEC, shots_of(check), Settings(shrink=False)).hunt(mutant_named(SPEC, name))


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("extra/launcher-unknown-visibility/drop", "everywhere/logged_out+failed+flaky"),
        ("extra/launcher-unknown-visibility/requeue", "everywhere/logged_out+failed+flaky"),
        ("guard/login_asks/any.2/all/without-0", "everywhere/identified+failed+flaky"),
        ("extra/fetch-attributes/enforce_verification", "transition/fetch-attributes"),
        ("extra/time-passes/enforce_verification", "transition/hide"),
        ("extra/email-taken/ignore_new_attributes", "transition/email-taken"),
        ("target/login-after-failure/stays", "transition/login-after-failure"),
        ("target/login-request-fails.2/idle", "everywhere/identified+failed+down"),
        ("extra/is-logged-in/drop", "everywhere/identified+failed+down"),
        ("target/call-after-failed-login-held.0/failed", "everywhere/unidentified+failed+held"),
        ("extra/login-with-invalid-attributes.2/enforce_verification", "transition/login-with-invalid-attributes"),
        ("guard/login-with-invalid-attributes.2/not/negated", "transition/email-taken"),
        ("guard/login-with-invalid-attributes.5/not/less-email_taken", "transition/another-user"),
        ("guard/login-with-invalid-attributes.5/in/network-more-down", "transition/login-request-fails"),
        ("missing/login-with-invalid-attributes.5/cancel", "everywhere/identified+idle+up"),
        ("payload/company/type", "payload/loginUserWithUserAttributes/attributes/type"),
        ("payload/company/properties/name/$ref", "payload/updateUser/attributes/type"),
        ("payload/event-metadata/type", "payload/logEvent/metaData/type"),
        ("payload/event-metadata/$defs/rich-link/type", "payload/logEvent/metaData/anyOf"),
        ("payload/event-metadata/$defs/monetary/properties/currency/minLength", "payload/logEvent/metaData/anyOf"),
        ("payload/user-attributes/properties/languageOverride/$ref", "payload/updateUser/attributes/type"),
        ("payload/company/properties/plan/$ref", "payload/updateUser/attributes/type"),
        ("extra/update-with-unknown-attribute.2/take_attributes", "transition/update-with-unknown-attribute"),
        ("extra/update-with-idless-company.2/take_identity_once", "transition/update-with-idless-company"),
        ("extra/login-with-invalid-attributes.4/open_user_contact", "transition/same-user-again"),
        ("retry/network_held/never", "everywhere/identified+failed+down"),
        ("extra/login-request-fails.2/drop", "overlap/loginUserWithUserAttributes"),
        ("guard/email-taken/in/login-less-failed", "everywhere/logged_out+failed+up"),
        ("guard/logout-forgets-the-login/from/less-failed", "everywhere/logged_out+failed+held"),
        ("extra/login-request-lost.2/remember", "everywhere/identified+failed+flaky"),
        ("extra/login-request-lost.2/cancel", "everywhere/identified+failed+flaky"),
        ("target/login-retry-answered.0/failed", "scenario/email-of-a-waiting-login"),
        ("guard/invalid-login-after-another.2/not/less-hash_refused", "everywhere/identified+waiting+up"),
        ("target/anonymous-login-while-identified.2/logged_out", "transition/anonymous-login-while-identified"),
    ],
)
def test_one_check_shows_it_by_itself(name: str, check: str) -> None:
    """What a step keeps to itself, a wrong part where it matters, what is said of much at once: each has its check."""
    fate = hunted_by(check, name)
    assert (fate.verdict, fate.check) == (KILLED, check)


def test_every_two_choices_are_made_together_by_some_implementation() -> None:
    """Of any two transitions that leave a choice, each pair of choices stands in one of the sets, which are few."""
    sets = [dict(choices) for choices in covering(SPEC)]
    choices = {name: {one[name] for one in sets} for name in sets[0]}
    assert len(sets) < 40
    assert choices["login-with-invalid-attributes"] == set(range(6)), "each alternative is among them"
    assert choices["request-while-user-changes"] == {0, 1}, "where success carries anything, nothing tells what to give"
    for one, other in combinations(choices, 2):
        assert {(some[one], some[other]) for some in sets} == set(product(choices[one], choices[other]))


@pytest.mark.parametrize("state", ["identified", "unidentified"])
def test_what_may_be_does_not_excuse_a_move(state: str) -> None:
    """A session that moves when the world changes is a failure, though the change itself stands under a MAY."""
    every = shots_of("transition/new-attributes-are-ignored")
    fate = Hunter(SPEC, every, Settings(shrink=False)).hunt(
        mutant_named(SPEC, f"target/new-attributes-are-ignored/{state}")
    )
    assert fate.verdict == KILLED
    assert SPEC.requirements[fate.requirement].binding


# Proving ------------------------------------------------------------------------------------------


def walks(mutant: Mutant, chance: random.Random, count: int, steps: int = 25) -> Iterator[Trace]:
    """Random walks that begin where a changed transition is taken."""
    letters = alphabet(SPEC)
    ways = [explore(SPEC).transitions.get(one, ()) for one in mutant.transitions] or [()]
    for _ in range(count):
        begun = ways[0][: chance.randrange(len(ways[0]) + 1)]
        yield (*begun, *(chance.choice(letters) for _ in range(steps)))


def test_what_is_proved_never_differs(prover: Prover) -> None:
    """Brute force agrees: random walks about the change find nothing wrong with what is proved to be allowed."""
    chance = random.Random(5)
    candidates = [one for one in mutants_of(SPEC) if one.operator not in ("count", "initial")]
    proved = 0
    for mutant in chance.sample(candidates, 150):
        if prover.proof(mutant) is None:
            continue
        proved += 1
        player = player_of(mutant)
        for walk in walks(mutant, chance, 6):
            outcome = player.play(walk)
            assert isinstance(outcome, Played), (mutant.id, outcome)
            assert not outcome.formal, (mutant.id, outcome.formal)
    assert proved > 5


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("output/logout-anonymous/error", "either callback is allowed"),
        ("extra/anonymous-login/drop", "no login is remembered where it would matter"),
        ("missing/hide/change_screen", "what the composer showed is left open"),
        ("early/request-lost.2/error", "an implementation may give up at once"),
        ("retry/tries/once", "how often is left open, if there is an end"),
        ("retry/network_down/last", "the last try may come early"),
        ("extra/push-token/remember", "what is remembered is replaced before it is taken up"),
        ("extra/update/forget_anonymous_contact", "nobody was the user before, within this step"),
        ("extra/identified-login/forget_anonymous_contact", "nobody was the user before a first login"),
        ("extra/message-for-nobody/count_message", "nobody has no messages to count"),
        ("extra/identify-anonymous/count_message", "how many are unread is open then"),
        ("guard/push-token/in/network-more-down", "an earlier rule is about that already"),
    ],
)
def test_what_the_sources_leave_open_is_proved(prover: Prover, name: str, why: str) -> None:
    """An implementation-defined choice that is narrowed is no fault."""
    assert prover.proof(mutant_named(SPEC, name)), why


@pytest.mark.parametrize(
    "name",
    [
        "extra/fetch-attributes/remember",
        "extra/launcher-unknown-visibility/drop",
        "extra/is-logged-in/requeue",
        "guard/push-token/condition/dropped",
        "extra/identify-anonymous/leave",
    ],
)
def test_what_has_a_consequence_is_not_proved(prover: Prover, name: str) -> None:
    """A call that is wrongly remembered, forgotten or taken up is no equivalent, where a login may have failed."""
    mutant = mutant_named(SPEC, name)
    assert prover.proof(mutant) is None
    assert prover.refuted(mutant), "it is told where"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("payload/content/if/required", "another rule asks for the same"),
        (
            "payload/user-hash/pattern",
            "a malformed hash may be remembered, and after a login its call may fail as well",
        ),
        ("payload/bottom-padding/minimum", "a padding below nought may be taken"),
        ("payload/message/type", "the composer may open whatever it is given"),
        ("payload/user-attributes/properties/custom_attributes/$ref", "it is read under its main spelling"),
        ("payload/company/properties/custom_attributes/$ref", "so it is inside a company, where an effect looks"),
    ],
)
def test_a_payload_rule_that_nobody_is_held_to_is_proved(prover: Prover, name: str, why: str) -> None:
    """An SDK may take what the specification calls invalid where it may do with that what it does with the valid."""
    assert prover.proof(mutant_named(SPEC, name)), why


def schema_edit(schema: str, *path: str, value: Any = GONE) -> Mutant:
    return Mutant("payload/by-hand", "payload", "by hand", (Edit(f"schemas/{schema}.schema.json", path, value),))


@pytest.mark.parametrize(
    ("mutant", "why"),
    [
        (mutant_named(SPEC, "payload/user-attributes/properties/customAttributes/$ref"), "the main spelling is read"),
        (mutant_named(SPEC, "payload/company/properties/customAttributes/$ref"), "and so it is inside a company"),
        (mutant_named(SPEC, "payload/push-token/minLength"), "an empty token is an error"),
        (mutant_named(SPEC, "payload/visibility/enum"), "what is not documented is an error"),
        (
            mutant_named(SPEC, "payload/company/$defs/text/type"),
            "an effect keeps companies that are valid, and no others",
        ),
        (schema_edit("user-hash", "maxLength", value=3), "what is valid is refused"),
        (schema_edit("bottom-padding", "maximum", value=3), "what is valid is refused, though it might be ignored"),
        (schema_edit("user-attributes", "properties", "custom_attributes", "x-alias-of"), "a spelling means nothing"),
        (schema_edit("companies", "items", "$ref"), "spellings inside it are left as they are"),
    ],
    ids=lambda one: one.id if isinstance(one, Mutant) else "",
)
def test_a_payload_rule_that_shows_is_not_proved(prover: Prover, mutant: Mutant, why: str) -> None:
    """What changes how valid calls fare, or is an error whatever the SDK makes of it, is no equivalent."""
    assert prover.proof(mutant) is None, why


def test_effects_are_compared_by_what_can_be_seen() -> None:
    """What is forgotten may be anything, until it is set again or another record is chosen."""
    effects = Effects.of(
        {
            "registers": {"shown": {}, "hidden": {"internal": True}},
            "effects": {
                "open": {"do": [{"forget_registers": ["shown"]}]},
                "open_hidden": {"do": [{"forget_registers": ["hidden"]}]},
                "set": {"do": [{"assign": {"shown": 1}}]},
                "set_hidden": {"do": [{"assign": {"hidden": 1}}]},
                "choose": {"do": [{"select": {}}]},
                "rename": {"do": [{"set": {"name": ["argument", "x"]}}]},
                "open_name": {"do": [{"forget": ["name"]}]},
                "go": {"do": [{"leave": {}}]},
            },
        }
    )
    assert effects.alike(["set"], ["open"])
    assert effects.alike([], ["open"])
    assert not effects.alike(["set_hidden"], ["open_hidden"]), "a register that is hidden is never settled"
    assert not effects.alike(["open"], ["open", "set"])
    assert effects.alike(["rename"], ["open_name"])
    assert not effects.alike(["rename", "choose"], ["choose", "open_name"])
    assert effects.alike(["go", "rename"], ["go"])
    assert effects.alike(["set", "rename"], ["rename", "set"])
    assert not effects.alike(["choose", "rename"], ["rename", "choose"])


# The verb and the connector -----------------------------------------------------------------------


def run(*words: str) -> int:
    return cli.main(list(words))


def test_a_mutant_is_a_system_under_test(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`run` and `replay` take a mutant like any binding, and tell what is wrong with it."""
    trace = tmp_path / "trace.json"
    trace.write_text(json.dumps([{"loginUserWithUserAttributes": [{"userId": "1"}]}, {"logout": []}]))
    assert run("replay", str(trace), "mutant:target/logout/stays") == 1
    assert "logout-ends-session" in capsys.readouterr().out
    assert run("replay", str(trace), "mutant:missing/hide/change_screen") == 0
    assert run("run", "mutant:target/logout/stays", "-k", "transition/logout") == 1
    assert "logout-ends-session" in capsys.readouterr().out


def test_an_unknown_mutant_gets_the_closest_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt id is a fault of usage, and tells what was probably meant."""
    with pytest.raises(UnknownMutant, match="Did you mean 'target/logout/stays'"):
        mutant_named(SPEC, "target/logout/stay")
    assert run("run", "mutant:target/logout/stay") == 4
    assert "Did you mean 'target/logout/stays'?" in capsys.readouterr().err


def test_a_suite_that_is_too_weak_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the checks that would kill it a mutant survives, and that is said first."""
    weak = [Shot("callbacks/hide", (Step("hideIntercom"),), frozenset(["hide"]))]
    monkeypatch.setattr("intercom_conformance.mutants.crew.recorded", lambda *_: weak)
    monkeypatch.setattr("intercom_conformance.mutants.hunting.catalogue", lambda _: ())
    assert run("mutants", "-k", "target/logout/stays", "--workers", "1") == 1
    told = capsys.readouterr().out
    assert told.startswith("SURVIVED  target/logout/stays")
    assert "0 of 1 wrong SDKs killed, 1 survived" in told
    monkeypatch.setattr("intercom_conformance.mutants.crew.recorded", lambda *_: shots())
    assert run("mutants", "-k", "target/logout/stays", "--workers", "1") == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--operator", "targets"), "Did you mean 'target'?"),
        (("-k", "logot"), "Did you mean 'logout'?"),
        (("--spec", str(GARAGE), "-k", "target/enter/paid"), "the reference is none of parking-garage"),
    ],
)
def test_what_cannot_be_hunted_is_told(words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A selector that matches nothing is an error, as is a specification that nothing implements by its documents."""
    assert run("mutants", *words) in (4, 6)
    assert told in " ".join(capsys.readouterr().err.split())


def test_the_forms_of_the_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON, Markdown and text tell the same of the same mutants, and a sample says that it is one."""
    monkeypatch.setattr("intercom_conformance.mutants.crew.recorded", lambda *_: shots())
    chosen = ("--operator", "target", "-k", "target/hide/c", "--workers", "1")
    assert run("mutants", *chosen, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["killed"] == told["played"] == len(told["fates"]) < told["mutants"]
    assert run("mutants", *chosen, "--format", "markdown") == 0
    assert f"**{told['killed']} of {told['killed']} wrong SDKs killed" in capsys.readouterr().out
    assert run("mutants", *chosen, "--sample", "2", "-v") == 0
    text = capsys.readouterr().out
    assert "KILLED" in text
    assert f"These are 2 of {told['mutants']} mutants (seed 0), not all." in " ".join(text.split())
    assert run("mutants", *chosen, "--sample", "2", "--compare", "200") == 0
    compared = capsys.readouterr().out
    assert all(way in compared for way in ("transition tour", "random walks", "Hypothesis", "per 1,000 steps"))
    assert run("mutants", *chosen, "--list") == 0
    assert capsys.readouterr().out.count("target/hide/c") == told["played"]


def test_workers_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes share the mutants, and each fate comes once."""
    monkeypatch.setattr("intercom_conformance.mutants.crew.recorded", lambda *_: shots())
    chosen = tuple(one for one in mutants_of(SPEC) if one.id.startswith(("target/hide/c", "output/logout-anonymous")))
    one, two = ({f.mutant: f.verdict for f in Hunt(None, chosen, Settings(), size).fates()} for size in (1, 2))
    assert one == two
    assert set(one.values()) == {KILLED, EQUIVALENT} - {SURVIVED}
    assert len(one) == len(chosen)
