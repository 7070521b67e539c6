"""The API as values: every method of ``spec/api.yaml`` with its parameters and its other names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

import attrs

from intercom_reference.errors import KitError
from intercom_reference.loading import load_document

__all__ = [
    "Alias",
    "Method",
    "Parameter",
    "UnknownMethodError",
    "aliases",
    "method_named",
    "methods",
    "snake_case",
]


@attrs.frozen(str=False)
class UnknownMethodError(KitError):
    """No method or alias of the API has this name."""

    name: str

    def __str__(self) -> str:
        near = get_close_matches(self.name, (*methods(), *aliases()), n=1)
        advice = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(methods())}."
        return f"the API has no method {self.name!r}. {advice}"


@attrs.frozen
class Parameter:
    """A parameter: its name in the guide and in Python, and the payload schema of its values."""

    name: str
    python_name: str
    schema: str
    optional: bool
    ignored: bool


@attrs.frozen
class Alias:
    """Another name of a method, and the revision in which it became deprecated, if it did."""

    name: str
    method: str
    deprecated: str | None


@attrs.frozen
class Method:
    """A method of the API: the event that a call of it is, its parameters, whether it returns its result."""

    name: str
    event: str
    parameters: tuple[Parameter, ...]
    aliases: tuple[Alias, ...]
    returned: bool


@cache
def methods() -> Mapping[str, Method]:
    """Every method by its name in the guide."""
    document = load_document("spec/api.yaml")
    return {name: _method(name, body) for name, body in document["methods"].items()}


@cache
def aliases() -> Mapping[str, Alias]:
    """Every alias by its name."""
    return {alias.name: alias for method in methods().values() for alias in method.aliases}


def method_named(name: str) -> Method:
    """The method with this name or alias.

    Raises:
        UnknownMethodError: there is none.
    """
    alias = aliases().get(name)
    method = methods().get(alias.method if alias else name)
    if method is None:
        raise UnknownMethodError(name)
    return method


@cache
def snake_case(name: str) -> str:
    """A name of the guide as Python spells names: ``event_name`` for ``eventName``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _method(name: str, body: Mapping[str, Any]) -> Method:
    return Method(
        name=name,
        event=body["event"],
        parameters=tuple(map(_parameter, body["parameters"])),
        aliases=tuple(Alias(one["name"], name, one.get("deprecated")) for one in body.get("aliases", ())),
        returned=bool(body.get("result", {}).get("returned")),
    )


def _parameter(body: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=body["name"],
        python_name=snake_case(body["name"]),
        schema=body["schema"],
        optional=bool(body.get("optional")),
        ignored=bool(body.get("ignored")),
    )
