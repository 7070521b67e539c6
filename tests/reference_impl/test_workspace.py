"""The workspace: each effect and each question by itself."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercom_reference import facts
from intercom_reference.loading import load_document
from intercom_reference.workspace import Contact, Event, Workspace

EMPTY = Workspace.initial()
BOB = EMPTY.open_user_contact({"userId": "bob", "email": "bob@example.com"})
ANONYMOUS = EMPTY.open_anonymous_contact()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["userId", "email", "id", "ids", "type"]), inner)
    ),
    max_leaves=6,
)


def user(workspace: Workspace) -> Contact:
    """The contact who is logged in."""
    assert workspace.user is not None
    return workspace.user


# Who it is ----------------------------------------------------------------------------------------


def test_a_login_opens_one_contact_for_each_identity() -> None:
    """The same userId finds its contact again, whatever the email, and another one does not."""
    again = BOB.leave().open_user_contact({"userId": "bob", "email": "new@example.com"})
    assert [contact.email for contact in again.contacts] == ["new@example.com"]
    assert len(again.leave().open_user_contact({"userId": "eve"}).contacts) == 2


def test_an_email_alone_finds_its_contact() -> None:
    """A login that gives a new userId beside it is one of somebody else."""
    known = EMPTY.open_user_contact({"email": "ann@example.com"}).leave()
    found = known.open_user_contact({"email": "ann@example.com"})
    assert len(found.contacts) == 1
    assert len(known.open_user_contact({"userId": "ann", "email": "ann@example.com"}).contacts) == 2


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_identity_is_none_at_all(nothing: str | None) -> None:
    """An empty userId beside an email neither selects a contact nor is stored."""
    workspace = BOB.leave().open_user_contact({"userId": nothing, "email": "bob@example.com"})
    assert (user(workspace).user_id, user(workspace).email) == ("bob", "bob@example.com")
    assert user(workspace.take_identity_once({"email": nothing})).email == "bob@example.com"


def test_anonymous_activity_moves_to_the_user_and_the_contact_is_gone() -> None:
    """Events follow those of the user; what both have stays the user's."""
    known = EMPTY.open_user_contact({"userId": "ann"}).take_attributes({"name": "Ann"}).leave()
    visitor = known.open_anonymous_contact().record_event("looked", None, 5.0).count_message()
    visitor = visitor.take_attributes({"name": "?", "phone": "1", "companies": [{"id": "navy"}]})
    merged = visitor.open_user_contact({"userId": "ann"}).absorb_anonymous_activity().forget_anonymous_contact()
    assert merged.contacts == (
        Contact(
            "identified",
            "ann",
            attributes={"name": "Ann", "phone": "1"},
            companies={"navy": {"id": "navy"}},
            events=(Event("looked", {}, 5.0),),
            unread=1,
        ),
    )
    assert merged.current == 0


def test_absorbing_when_nobody_was_there_changes_nothing() -> None:
    """The first login has nothing to absorb."""
    assert BOB.absorb_anonymous_activity().forget_anonymous_contact() == BOB


def test_leaving_keeps_the_contact_and_nothing_of_it_on_the_device() -> None:
    """After a logout hash, composer and unread count are gone."""
    left = BOB.remember_hash("ab").count_message().prefill_composer("Hi").leave()
    assert (left.user, left.user_hash, left.composer_text, left.unread) == (None, None, None, 0)
    assert [contact.unread for contact in left.contacts] == [1]


def test_the_unread_count_belongs_to_the_user() -> None:
    """Another user has a count of their own, and the first finds theirs again."""
    other = BOB.count_message().leave().open_user_contact({"userId": "eve"})
    assert other.unread == 0
    assert other.leave().open_user_contact({"userId": "bob"}).unread == 1


# What is known of the user ------------------------------------------------------------------------


def test_attributes_are_merged_and_null_removes() -> None:
    """Identity, companies and custom attributes have places of their own."""
    workspace = BOB.take_attributes({"name": "Bob", "phone": "1", "customAttributes": {"a": 1, "b": 2}})
    workspace = workspace.take_attributes(
        {"phone": None, "userId": "x", "email": "y", "customAttributes": {"a": None, "c": 3}}
    )
    assert user(workspace).attributes == {"name": "Bob"}
    assert user(workspace).custom_attributes == {"b": 2, "c": 3}
    assert (user(workspace).user_id, user(workspace).email) == ("bob", "bob@example.com")


def test_a_company_is_changed_and_not_added_again() -> None:
    """By its id, also within one list and deep inside."""
    first = {"id": "navy", "name": "Navy", "customAttributes": {"city": "X", "size": 1}}
    second = {"id": "navy", "plan": "gold", "customAttributes": {"city": None}}
    at_once = BOB.take_attributes({"companies": [first, second]})
    in_turn = BOB.take_attributes({"companies": [first]}).take_attributes({"companies": [second]})
    expected = {"id": "navy", "name": "Navy", "plan": "gold", "customAttributes": {"size": 1}}
    assert user(at_once).companies == user(in_turn).companies == {"navy": expected}


@pytest.mark.parametrize("companies", [None, 5, [5], [{}], [{"id": ""}], [{"id": 5}], [{"name": "Navy"}]])
def test_a_company_without_an_id_is_never_stored(companies: Any) -> None:
    """Nor is anything else that is no company."""
    assert user(BOB.take_attributes({"companies": companies})).companies == {}


def test_a_user_id_is_set_once() -> None:
    """An email may change."""
    ann = EMPTY.open_user_contact({"email": "ann@example.com"}).take_identity_once({"userId": "ann"})
    assert user(ann.take_identity_once({"userId": "eve", "email": "new@example.com"})) == Contact(
        "identified", "ann", "new@example.com"
    )


def test_new_custom_attributes_are_created_until_the_workspace_ignores_them() -> None:
    """Those that are defined are always taken."""
    given = {"customAttributes": {"paid_subscriber": True, "shoe_size": 42}}
    assert user(BOB.take_attributes(given)).custom_attributes == given["customAttributes"]
    strict = BOB.ignore_new_attributes()
    assert user(strict.take_attributes(given)).custom_attributes == {"paid_subscriber": True}
    assert facts.unknown_attribute(strict, given)
    assert not facts.unknown_attribute(BOB, given)
    assert not facts.unknown_attribute(strict, {"customAttributes": {"team_mates": 1}})


def test_what_a_refused_call_gave_is_not_taken() -> None:
    """And of one that is accepted, though not all is valid, only what is."""
    half = {"name": "Bob", "phone": 5, "email": "new@example.com", "companies": "none"}
    assert BOB.perhaps_take_attributes(half, accepted=False) == BOB
    assert user(BOB.perhaps_take_attributes(half, accepted=True)).attributes == {"name": "Bob"}
    assert user(BOB.perhaps_take_email(half, accepted=True)).email == "new@example.com"
    assert BOB.perhaps_take_email({"email": 5}, accepted=True) == BOB
    assert BOB.perhaps_remember_hash("short", accepted=True) == BOB
    assert BOB.perhaps_remember_token("token", accepted=True).device_token == "token"
    assert BOB.perhaps_remember_padding(-1, accepted=True) == BOB
    recorded = BOB.perhaps_record_event("e", {"a": 1, "b": {"no": 1}}, accepted=True, now=2.0)
    assert user(recorded).events == (Event("e", {"a": 1}, 2.0),)


def test_an_anonymous_contact_never_takes_an_identity_from_an_update() -> None:
    """Identity comes with a login."""
    assert ANONYMOUS.perhaps_take_identity() == ANONYMOUS


@pytest.mark.parametrize(
    "effect",
    [
        lambda w: w.take_attributes({"name": "x"}),
        lambda w: w.take_identity_once({"userId": "x"}),
        lambda w: w.record_event("e", None, 0.0),
        lambda w: w.count_message(),
        lambda w: w.perhaps_read(accepted=True),
    ],
)
def test_without_a_user_nothing_is_stored(effect: Any) -> None:
    """No effect invents a contact."""
    assert effect(EMPTY) == EMPTY


# Questions ----------------------------------------------------------------------------------------


def signature(identity: str) -> str:
    """What a server that knows the workspace's secret computes."""
    return hmac.new(b"conformance-secret", identity.encode(), hashlib.sha256).hexdigest()


def test_the_user_hash_is_the_hmac_of_the_identity() -> None:
    """The same bytes as the standard library's, and as the example in the API document."""
    example = load_document("spec/api.yaml")["methods"]["setUserHash"]["examples"][0][0]
    assert facts.user_hash(EMPTY.secret, "ada") == signature("ada")
    assert example in {signature(name) for name in ("ada", "grace")}


@pytest.mark.parametrize(
    ("shown", "attributes", "refused"),
    [
        (signature("bob"), {"userId": "bob"}, False),
        (signature("bob").upper(), {"userId": "bob"}, False),
        (signature("bob"), {"userId": "bob", "email": "eve@example.com"}, False),
        (signature("bob@example.com"), {"email": "bob@example.com"}, False),
        (signature("bob@example.com"), {"userId": "bob", "email": "bob@example.com"}, True),
        (signature("bob"), {"userId": "eve"}, True),
        (signature("bob")[:-1], {"userId": "bob"}, True),
        (None, {"userId": "bob"}, True),
        (signature(""), {}, True),
    ],
)
def test_a_hash_is_asked_for_once_verification_is_enforced(
    shown: str | None, attributes: dict[str, str], refused: bool
) -> None:
    """It must be that of the userId, or of the email where that is all there is."""
    workspace = attrs.evolve(EMPTY, user_hash=shown)
    assert not facts.hash_refused(workspace, attributes)
    assert facts.hash_refused(workspace.enforce_verification(), attributes) is refused


@pytest.mark.parametrize(
    ("attributes", "same"),
    [
        ({"userId": "bob"}, True),
        ({"userId": "bob", "email": "other@example.com"}, True),
        ({"email": "bob@example.com"}, True),
        ({"userId": "", "email": "bob@example.com"}, True),
        ({"userId": "eve", "email": "bob@example.com"}, False),
        ({"email": "eve@example.com"}, False),
        ({}, False),
    ],
)
def test_the_user_id_decides_who_it_is_and_the_email_where_there_is_none(
    attributes: dict[str, str], same: bool
) -> None:
    """Nobody is the same user as nobody."""
    assert facts.same_user(BOB, attributes) is same
    assert not facts.same_user(BOB.leave(), attributes)
    assert not facts.same_user(ANONYMOUS, attributes)


def test_an_email_is_taken_only_by_a_contact_with_a_user_id() -> None:
    """And only a login without a userId asks."""
    assert facts.email_taken(BOB.leave(), {"email": "bob@example.com"})
    assert not facts.email_taken(BOB.leave(), {"userId": "bob", "email": "bob@example.com"})
    by_email = EMPTY.open_user_contact({"email": "ann@example.com"}).leave()
    assert not facts.email_taken(by_email, {"email": "ann@example.com"})


@pytest.mark.parametrize(
    ("content", "live"),
    [
        ({"type": "ARTICLE", "id": "5678"}, True),
        ({"type": "ARTICLE", "id": "draft-article"}, False),
        ({"type": "CAROUSEL", "id": "paused-carousel"}, False),
        ({"type": "SURVEY", "id": "1"}, False),
        ({"type": "HELP_CENTER_COLLECTIONS", "ids": ["23434", "7676"]}, True),
        ({"type": "HELP_CENTER_COLLECTIONS", "ids": ["23434", "1"]}, False),
        ({"type": "HELP_CENTER_COLLECTIONS", "ids": []}, True),
        ({"type": "ARTICLE", "id": "5678", "ids": [5]}, False),
    ],
)
def test_everything_that_is_presented_must_be_live(content: dict[str, Any], live: bool) -> None:
    """One piece that is not is enough."""
    assert facts.live(EMPTY, content) is live


def test_content_can_be_paused_without_touching_other_workspaces() -> None:
    """The initial workspace is shared."""
    paused = EMPTY.pause_content("ARTICLE", "5678")
    assert not facts.live(paused, {"type": "ARTICLE", "id": "5678"})
    assert facts.live(Workspace.initial(), {"type": "ARTICLE", "id": "5678"})


@given(json_values)
def test_questions_can_be_asked_of_any_argument(value: Any) -> None:
    """Arguments need not be valid, and every answer is yes or no."""
    questions = set(facts.__all__) - {"is_given", "member", "user_hash"}
    for workspace in (EMPTY, BOB.enforce_verification().ignore_new_attributes(), ANONYMOUS):
        assert {type(getattr(facts, name)(workspace, value)) for name in questions} == {bool}


# The Help Center ----------------------------------------------------------------------------------


def test_a_search_finds_titles_in_any_case() -> None:
    """Of articles and of their collections; nothing found is an empty list."""
    assert [found["articleId"] for found in EMPTY.search("SIGN")] == ["5678"]
    assert [found["articleId"] for found in EMPTY.search("billing")] == ["91"]
    assert len(EMPTY.search("")) == 2
    assert EMPTY.search("zzz") == EMPTY.search(None) == []
