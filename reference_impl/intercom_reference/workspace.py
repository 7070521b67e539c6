"""The workspace and the device: contacts, attributes, content, the Help Center, and what settings remain.

A `Workspace` is a frozen value; every *effect* of ``spec/session.yaml`` is a method of that name which
gives the next one. Methods take the arguments of the call at hand by the names of the API's parameters, and
two more if they ask for them: `now`, the time on the virtual clock, and `accepted`, whether the call
succeeds. Where the sources leave an effect open (``perhaps_…``), a call that is accepted takes what is
valid, and one that is refused takes nothing.

Values inside are shared between workspaces and never changed in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import attrs

from intercom_reference.facts import is_given, member
from intercom_reference.loading import load_document
from intercom_reference.payloads import Payloads, carried

__all__ = ["Contact", "Event", "Workspace", "samples"]

Json = Any
Object = Mapping[str, Json]

_NOT_ATTRIBUTES = frozenset(("userId", "email", "customAttributes", "companies"))
"""Keys of a user's attributes that are stored in a place of their own."""


@attrs.frozen
class Event:
    """Something that a user did, and when: seconds on the virtual clock."""

    name: str
    metadata: Object
    time: float


@attrs.frozen
class Contact:
    """What the workspace knows of one user; `kind` is ``anonymous`` or ``identified``."""

    kind: str
    user_id: str | None = None
    email: str | None = None
    attributes: Object = attrs.field(factory=dict)
    custom_attributes: Object = attrs.field(factory=dict)
    companies: Object = attrs.field(factory=dict)
    events: tuple[Event, ...] = ()
    unread: int = 0

    def shown(self) -> dict[str, Json]:
        """The contact as a record of a snapshot."""
        return {
            "kind": self.kind,
            "user_id": self.user_id,
            "email": self.email,
            "attributes": self.attributes,
            "custom_attributes": self.custom_attributes,
            "companies": self.companies,
            "events": [{"name": event.name, "metadata": event.metadata} for event in self.events],
        }


@attrs.frozen
class Workspace:
    """Everything that is kept beside the states of the session.

    `current` is the place of the user among the contacts, and `previous` that of the user before a login, during
    its step. `payloads` are the schemas by which it is decided what is valid.
    """

    content: Mapping[str, Mapping[str, str]]
    collections: tuple[Object, ...]
    collection_contents: Mapping[str, Object]
    defined_attributes: frozenset[str]
    secret: str
    contacts: tuple[Contact, ...] = ()
    current: int | None = None
    previous: int | None = None
    user_hash: str | None = None
    device_token: str | None = None
    bottom_padding: float = 0
    composer_text: str | None = None
    content_shown: Json = None
    payloads: Payloads = attrs.field(default=carried, eq=False, repr=False)
    verifies_identity: bool = False
    ignores_new_attributes: bool = False

    @classmethod
    @cache
    def initial(cls) -> Workspace:
        """The workspace that every session begins with, filled as ``spec/session.yaml`` says."""
        registers = load_document("spec/session.yaml")["registers"]
        first = {name: body["initial"] for name, body in registers.items()}
        return cls(
            content=first["content"],
            collections=tuple(first["collections"]),
            collection_contents=first["collection_contents"],
            defined_attributes=frozenset(first["defined_attributes"]),
            secret=first["secret"],
        )

    @property
    def user(self) -> Contact | None:
        """The contact who is logged in."""
        return None if self.current is None else self.contacts[self.current]

    @property
    def unread(self) -> int:
        """How many conversations the user has not read; 0 while nobody is logged in."""
        return 0 if self.user is None else self.user.unread

    def settled(self) -> Workspace:
        """The workspace after a step, in which nobody was the user before."""
        return self if self.previous is None else attrs.evolve(self, previous=None)

    def registers(self) -> dict[str, Json]:
        """What a snapshot shows beside states and contacts."""
        return {
            "user_hash": self.user_hash,
            "device_token": self.device_token,
            "bottom_padding": self.bottom_padding,
            "composer_text": self.composer_text,
            "content_shown": self.content_shown,
            "unread": self.unread,
        }

    # Who it is ------------------------------------------------------------------------------------

    def open_anonymous_contact(self) -> Workspace:
        """A new anonymous contact is the user."""
        return self._joined(Contact("anonymous"))

    def open_user_contact(self, attributes: Object) -> Workspace:
        """The contact with this userId, or with this email if no userId is given, is the user."""
        user_id, email = attributes.get("userId"), attributes.get("email")
        field, wanted = ("user_id", user_id) if is_given(user_id) else ("email", email)
        places = (place for place, one in enumerate(self.contacts) if getattr(one, field) == wanted)
        place = next(places, None)
        entered = self._joined(Contact("identified")) if place is None else self._entered(place)
        return entered._with_identity(user_id, email)

    def absorb_anonymous_activity(self) -> Workspace:
        """What the anonymous user did and said belongs to the user."""
        if self.previous is None or self.user is None or self.previous == self.current:
            return self
        former, user = self.contacts[self.previous], self.user
        return self._with_user(
            attributes={**former.attributes, **user.attributes},
            custom_attributes={**former.custom_attributes, **user.custom_attributes},
            companies={**former.companies, **user.companies},
            events=(*user.events, *former.events),
            unread=user.unread + former.unread,
        )

    def forget_anonymous_contact(self) -> Workspace:
        """The contact of the anonymous user is gone."""
        return self if self.previous == self.current else self._without_previous()

    def leave(self) -> Workspace:
        """Nobody is logged in, and the device keeps nothing of the user."""
        left = attrs.evolve(self, current=None, previous=None, user_hash=None)
        return left.change_screen()

    # What is known of the user --------------------------------------------------------------------

    def take_attributes(self, attributes: Object) -> Workspace:
        """The user's attributes, custom attributes and companies are updated; null removes an attribute."""
        if self.user is None:
            return self
        user, custom = self.user, self._defined(member(attributes, "customAttributes"))
        standard = {key: value for key, value in attributes.items() if key not in _NOT_ATTRIBUTES}
        return self._with_user(
            attributes=_merged(user.attributes, standard),
            custom_attributes=_merged(user.custom_attributes, custom),
            companies=self._with_companies(user.companies, member(attributes, "companies")),
        )

    def take_identity_once(self, attributes: Object) -> Workspace:
        """The email is updated, and the userId is set if the user has none."""
        if self.user is None:
            return self
        user_id = attributes.get("userId") if self.user.user_id is None else None
        return self._with_identity(user_id, attributes.get("email"))

    def perhaps_take_attributes(self, attributes: Json, accepted: bool) -> Workspace:
        """What is valid of the attributes is taken."""
        valid = self._valid_part("user-attributes", attributes) if accepted else {}
        return self.take_attributes(valid) if valid else self

    def perhaps_take_email(self, attributes: Json, accepted: bool) -> Workspace:
        """An email that is valid is taken."""
        email = member(attributes, "email")
        return self._with_identity(None, email) if accepted and isinstance(email, str) else self

    def perhaps_take_identity(self) -> Workspace:
        """An anonymous user stays without userId and email: identity comes with a login."""
        return self

    def record_event(self, event_name: str, meta_data: Object | None, now: float) -> Workspace:
        """The user did something."""
        if self.user is None:
            return self
        return self._with_user(events=(*self.user.events, Event(event_name, meta_data or {}, now)))

    def perhaps_record_event(self, event_name: str, meta_data: Json, accepted: bool, now: float) -> Workspace:
        """The event is recorded with what is valid of its metadata."""
        if not accepted:
            return self
        return self.record_event(event_name, self._valid_part("event-metadata", meta_data), now)

    def count_message(self) -> Workspace:
        """The user has one more conversation to read."""
        return self if self.user is None else self._with_user(unread=self.user.unread + 1)

    def perhaps_read(self, accepted: bool) -> Workspace:
        """Opening conversations reads them."""
        return self._with_user(unread=0) if accepted else self

    # What is set on the device --------------------------------------------------------------------

    def remember_hash(self, hash: str) -> Workspace:
        """The hash proves the identity of the user about to log in."""
        return attrs.evolve(self, user_hash=hash)

    def perhaps_remember_hash(self, hash: Json, accepted: bool) -> Workspace:
        """The hash is remembered if it is one."""
        return self.remember_hash(hash) if accepted and self.payloads.is_valid("user-hash", hash) else self

    def remember_token(self, token: str) -> Workspace:
        """Push notifications go to this token."""
        return attrs.evolve(self, device_token=token)

    def perhaps_remember_token(self, token: Json, accepted: bool) -> Workspace:
        """The token is remembered if it is one."""
        return self.remember_token(token) if accepted and self.payloads.is_valid("push-token", token) else self

    def remember_padding(self, padding: float) -> Workspace:
        """The launcher and in-app messages are lifted by so much."""
        return attrs.evolve(self, bottom_padding=padding)

    def perhaps_remember_padding(self, padding: Json, accepted: bool) -> Workspace:
        """The padding is set if it is one."""
        taken = accepted and self.payloads.is_valid("bottom-padding", padding)
        return self.remember_padding(padding) if taken else self

    def prefill_composer(self, message: str | None) -> Workspace:
        """The composer opens with this text."""
        return attrs.evolve(self, composer_text=message, content_shown=None)

    def show_content(self, content: Object) -> Workspace:
        """The messenger shows this piece of content."""
        return attrs.evolve(self, composer_text=None, content_shown=content)

    def change_screen(self) -> Workspace:
        """Neither a composer nor a piece of content is open any more."""
        return attrs.evolve(self, composer_text=None, content_shown=None)

    # What a teammate does -------------------------------------------------------------------------

    def enforce_verification(self) -> Workspace:
        """Logins have to be proved by a user hash."""
        return attrs.evolve(self, verifies_identity=True)

    def ignore_new_attributes(self) -> Workspace:
        """Custom attributes that are not defined are dropped."""
        return attrs.evolve(self, ignores_new_attributes=True)

    def pause_content(self, type: Json, id: Json) -> Workspace:
        """A piece of content is not live any more."""
        return self.with_content(type, id, "paused")

    def with_content(self, type: Json, id: Json, status: str) -> Workspace:
        """A piece of content is ``live``, ``draft`` or ``paused``."""
        return attrs.evolve(self, content={**self.content, type: {**self.content.get(type, {}), id: status}})

    # What can be asked for ------------------------------------------------------------------------

    def collection(self, id: str) -> Object | None:
        """A collection of the Help Center with its articles, None if there is none with this id."""
        return self.collection_contents.get(id)

    def search(self, term: Json) -> list[Object]:
        """The articles of the Help Center whose title, or whose collection's title, holds the term."""
        found: list[Object] = []
        if not isinstance(term, str):
            return found
        for collection in self.collection_contents.values():
            for article in collection["articles"]:
                if term.casefold() in f"{article['title']}\n{collection['title']}".casefold():
                    found.append(_search_result(article, collection))
        return found

    # Steps that effects share -----------------------------------------------------------------------

    def _joined(self, contact: Contact) -> Workspace:
        return attrs.evolve(self, contacts=(*self.contacts, contact))._entered(len(self.contacts))

    def _entered(self, place: int) -> Workspace:
        return attrs.evolve(self, current=place, previous=self.current)

    def _with_user(self, **changes: Any) -> Workspace:
        if self.current is None:
            return self
        contacts = list(self.contacts)
        contacts[self.current] = attrs.evolve(contacts[self.current], **changes)
        return attrs.evolve(self, contacts=tuple(contacts))

    def _with_identity(self, user_id: str | None, email: str | None) -> Workspace:
        given = {"user_id": user_id, "email": email}
        return self._with_user(**{field: value for field, value in given.items() if is_given(value)})

    def _without_previous(self) -> Workspace:
        gone, current = self.previous, self.current
        if gone is None or current is None:
            return self
        contacts = (*self.contacts[:gone], *self.contacts[gone + 1 :])
        return attrs.evolve(self, contacts=contacts, current=current - (gone < current), previous=None)

    def _with_companies(self, known: Object, companies: Json) -> Object:
        """The companies with those of the list that are valid, by id; one that is known already is changed."""
        if not isinstance(companies, list):
            return known
        return _merged_all(known, (one for one in companies if self.payloads.is_valid("company", one)))

    def _valid_part(self, schema: str, value: Json) -> dict[str, Json]:
        """The entries of an object that are valid by themselves."""
        if not isinstance(value, dict):
            return {}
        return {key: entry for key, entry in value.items() if self.payloads.is_valid(schema, {key: entry})}

    def _defined(self, custom: Json) -> Object:
        if not isinstance(custom, dict):
            return {}
        if not self.ignores_new_attributes:
            return custom
        return {key: value for key, value in custom.items() if key in self.defined_attributes}


def _merged(old: Object, new: Object, *, deep: bool = False) -> Object:
    """The object with new values for some keys; null removes a key. Deep ones are merged in their turn."""
    if not new:
        return old
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif deep and isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value, deep=True)
        else:
            result[key] = value
    return result


def _merged_all(known: Object, companies: Iterable[Object]) -> Object:
    for company in companies:
        known = _merged(known, {company["id"]: company}, deep=True)
    return known


def _search_result(article: Object, collection: Object) -> Object:
    return {
        "articleId": article["id"],
        "title": article["title"],
        "summary": collection["title"],
        "matchingSnippet": article["title"],
    }


@cache
def samples() -> tuple[Workspace, Workspace]:
    """A workspace in which everything has a value, and one whose user has none, to try effects on."""
    blank = attrs.evolve(Workspace.initial(), current=0, contacts=(Contact("identified"),))
    some = {"a": "b"}
    user = Contact("identified", "u", "e", some, some, {"c": {"id": "c"}}, (Event("e", some, 0),), unread=1)
    screen = attrs.evolve(blank, composer_text="x", content_shown=some, bottom_padding=1)
    return attrs.evolve(screen, contacts=(user,), user_hash="h", device_token="t"), blank
