"""What the session's rules ask about a call and the workspace, each question as a function of its name.

A function takes the workspace and, by the names of the API's parameters, the arguments that it looks at.
Arguments need not be valid. ``spec/session.yaml`` says under ``facts`` what each one means; this is the
reference's own reading of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intercom_reference.workspace import Workspace

__all__ = [
    "changes_user_id",
    "email_taken",
    "hash_refused",
    "identity_usable",
    "is_given",
    "known_collection",
    "live",
    "member",
    "names_identity",
    "only_companies_invalid",
    "same_user",
    "unknown_attribute",
    "user_hash",
]

Json = Any


def member(value: Json, key: str) -> Json:
    """The entry of an object, None if there is none or the value is no object."""
    return value.get(key) if isinstance(value, dict) else None


def is_given(value: Json) -> bool:
    """Whether a value says anything: neither None nor an empty text."""
    return value is not None and value != ""


def user_hash(secret: str, identity: str) -> str:
    """The HMAC-SHA256 of a user's identity under the workspace's secret, in hexadecimal."""
    return hmac.new(secret.encode(), identity.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def identity_usable(workspace: Workspace, attributes: Json) -> bool:
    """Whether a login has a userId or an email, and what it has of both is text."""
    identities = [member(attributes, "userId"), member(attributes, "email")]
    given = [identity for identity in identities if is_given(identity)]
    return bool(given) and all(isinstance(identity, str) for identity in given)


def same_user(workspace: Workspace, attributes: Json) -> bool:
    """Whether a login names the user who is logged in: by userId if it gives one, otherwise by email."""
    user, user_id, email = workspace.user, member(attributes, "userId"), member(attributes, "email")
    if user is None:
        return False
    if is_given(user_id):
        return _equal(user_id, user.user_id)
    return email is not None and _equal(email, user.email)


def email_taken(workspace: Workspace, attributes: Json) -> bool:
    """Whether a login gives nothing but an email, and a contact with a userId has it."""
    email = member(attributes, "email")
    if is_given(member(attributes, "userId")) or email is None:
        return False
    return any(_equal(email, contact.email) and is_given(contact.user_id) for contact in workspace.contacts)


def hash_refused(workspace: Workspace, attributes: Json) -> bool:
    """Whether the workspace asks for a user hash and has not been given the one of the user who logs in."""
    if not workspace.verifies_identity:
        return False
    identities = (member(attributes, "userId"), member(attributes, "email"))
    identity = next(filter(is_given, identities), None)
    shown = workspace.user_hash
    if not isinstance(identity, str) or not isinstance(shown, str):
        return True
    expected = user_hash(workspace.secret, identity)
    return not hmac.compare_digest(expected.encode(), shown.lower().encode("utf-8", "surrogatepass"))


def changes_user_id(workspace: Workspace, attributes: Json) -> bool:
    """Whether an update gives another userId than the one that the user has."""
    user, user_id = workspace.user, member(attributes, "userId")
    if user is None or not is_given(user.user_id):
        return False
    return is_given(user_id) and not _equal(user_id, user.user_id)


def names_identity(workspace: Workspace, attributes: Json) -> bool:
    """Whether an update gives a userId or an email."""
    return is_given(member(attributes, "userId")) or is_given(member(attributes, "email"))


def only_companies_invalid(workspace: Workspace, attributes: Json) -> bool:
    """Whether an update would be valid without its companies."""
    if not isinstance(attributes, dict):
        return False
    return workspace.payloads.is_valid("user-attributes", {k: v for k, v in attributes.items() if k != "companies"})


def unknown_attribute(workspace: Workspace, attributes: Json) -> bool:
    """Whether the workspace ignores new custom attributes and the call holds one."""
    given = member(attributes, "customAttributes")
    if not workspace.ignores_new_attributes or not isinstance(given, dict):
        return False
    return not given.keys() <= workspace.defined_attributes


def live(workspace: Workspace, content: Json) -> bool:
    """Whether everything that is to be presented is live."""
    kind = member(content, "type")
    known = workspace.content.get(kind, {}) if isinstance(kind, str) else {}
    return all(isinstance(one, str) and known.get(one) == "live" for one in _content_ids(content))


def known_collection(workspace: Workspace, id: Json) -> bool:
    """Whether the Help Center has the collection."""
    return isinstance(id, str) and id in workspace.collection_contents


def _content_ids(content: Json) -> Iterator[Json]:
    for key in ("id", "ids"):
        value = member(content, key)
        if isinstance(value, list):
            yield from value
        elif is_given(value):
            yield value


def _equal(one: Json, other: Json) -> bool:
    return type(one) is type(other) and bool(one == other)
