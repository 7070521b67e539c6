"""Reads YAML and JSON documents strictly: what a person might overlook is refused, with file and line.

Refused are duplicate keys, anchors and aliases (a page of them can expand to gigabytes), numbers that are not
finite, tags that would build objects, and nesting beyond `MAX_DEPTH`.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any

import yaml

from intercom_reference import _data
from intercom_reference.errors import DocumentError

__all__ = ["MAX_DEPTH", "MAX_SIZE", "load_document", "parse", "parse_json", "parse_yaml"]

MAX_DEPTH = 64
MAX_SIZE = 16 * 1024 * 1024
"""Characters that a document may have; a specification of that size is a mistake or an attack."""


@cache
def load_document(relative: str) -> Any:
    """The content of a data file, by its path such as ``spec/api.yaml``; callers must not change it."""
    return parse(_data.read_text(relative), relative)


def parse(text: str, path: str) -> Any:
    """The plain values of a text, by its path's ending: JSON for ``.json``, YAML for everything else."""
    return parse_json(text, path) if path.endswith(".json") else parse_yaml(text, path)


def parse_yaml(text: str, path: str = "<text>") -> Any:
    """The plain values of a YAML text.

    Raises:
        DocumentError: the text is not YAML, or holds something this loader refuses.
    """
    _refuse_size(text, path)
    try:
        _refuse_aliases_and_depth(text, path)
        return yaml.load(text, Loader=_loader(path))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise DocumentError(path, line, str(error.problem), "Correct the YAML at this line.") from None
    except yaml.YAMLError as error:
        raise DocumentError(path, 1, str(error).splitlines()[0], "Save the file as plain UTF-8 YAML.") from None


def parse_json(text: str, path: str = "<text>") -> Any:
    """The plain values of a JSON text; `DocumentError` if it is malformed or holds duplicate keys or NaN."""
    _refuse_size(text, path)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(items)
        if len(result) != len(items):
            keys = [key for key, _ in items]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise DocumentError(path, 1, f"the key {twice!r} stands twice in one object", "Keep one of them.")
        return result

    def constant(name: str) -> Any:
        raise DocumentError(path, 1, f"{name} is not JSON", "Write a finite number.")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise DocumentError(
            path, error.lineno, error.msg.removesuffix(" starting at"), "Correct the JSON at this line."
        ) from None
    except RecursionError:
        raise DocumentError(path, 1, "the nesting is too deep", f"Keep below {MAX_DEPTH} levels.") from None


def _refuse_size(text: str, path: str) -> None:
    if len(text) > MAX_SIZE:
        raise DocumentError(path, 1, f"{len(text)} characters are too many", f"Keep below {MAX_SIZE}.")


def _refuse_aliases_and_depth(text: str, path: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_base()):
        line = getattr(event.start_mark, "line", 0) + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise DocumentError(path, line, "anchors and aliases are not allowed", "Write the value out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise DocumentError(path, line, "the nesting is too deep", f"Keep below {MAX_DEPTH} levels.")


@cache
def _base() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _loader(path: str) -> Any:
    """A safe loader for one document: strict mappings, finite numbers, and dates left as the text they are."""

    class Loader(_base()):  # type: ignore[misc]
        pass

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = loader.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise DocumentError(path, line, f"the key {key!r} is not text", "Put the key into quotes.")
            if key in seen:
                raise DocumentError(path, line, f"the key {key!r} stands twice", "Keep one of them.")
            seen.add(key)
        return loader.construct_mapping(node, deep=True)  # type: ignore[no-any-return]

    def number(loader: Any, node: Any) -> float:
        value = float(loader.construct_yaml_float(node))
        if not math.isfinite(value):
            line = node.start_mark.line + 1
            raise DocumentError(path, line, f"{node.value} is not a finite number", "Write a finite number.")
        return value

    surprising = {f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "bool", "float")}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if tag not in surprising]
        for first, resolvers in Loader.yaml_implicit_resolvers.items()
    }
    # YAML 1.1 reads `on`, `off`, `yes` and `no` as booleans; a specification uses them as words.
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    # Its numbers lack JSON's 1e3 and know 190:20:30; here a number is what JSON takes for one, or not finite.
    finite = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"
    number_like = rf"^(?:{finite}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(number_like), list("-+0123456789."))
    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    Loader.add_constructor("tag:yaml.org,2002:float", number)
    return Loader
