"""Masks secrets in everything that a person or a file is given.

Secret is what the specification marks so, by parameter and by register, and whatever looks like an e-mail
address, a digest of 64 hexadecimal digits or a signed token, wherever it stands. Each value gets a label
with a number, the same for the same value throughout one finding, so that "expected one, observed another"
can still be read. What is no text keeps its value: that a null was given for a secret is no secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from intercom_conformance.specification import Specification

__all__ = ["LABEL", "Masker"]

LABEL = re.compile(r"<(?:secret|token|digest|email)-[0-9]+(?:, [0-9]+ characters)?>")
"""What stands where a value was masked."""

_PART = r"[A-Za-z0-9_-]"
# The first two parts of a signed token are JSON objects; base64url writes a brace as e and one of these.
_OBJECT = rf"e[w-z0-9_-]{_PART}{{4,}}"
# Looked for at the start of a word only, so that a long text costs no more than its length.
_LOCAL = r"[\w.!#$%&*+/=?^`{|}~-]"
_PATTERNS = (
    ("token", re.compile(rf"(?<!{_PART}){_OBJECT}\.{_OBJECT}\.{_PART}{{4,}}")),
    ("digest", re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])")),
    ("email", re.compile(rf"(?<!{_LOCAL}){_LOCAL}+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{{2,}}")),
)
_LONG, _KEPT = 6, 40


@attrs.define
class _Labels:
    """The labels given in one finding, by the text that they stand for."""

    given: dict[str, str] = attrs.field(factory=dict)

    def of(self, kind: str, value: str) -> str:
        if value not in self.given:
            number = 1 + sum(label.startswith(f"<{kind}-") for label in self.given.values())
            size = f", {len(value)} characters" if kind == "secret" else ""
            self.given[value] = f"<{kind}-{number}{size}>"
        return self.given[value]


@attrs.frozen
class Masker:
    """Masks texts, values and the documents of findings and checks.

    Args:
        parameters: the positions of secret parameters, by the name of the method.
        registers: the names of secret registers.
        show: lets everything through.
    """

    parameters: Mapping[str, frozenset[int]] = attrs.field(factory=dict)
    registers: frozenset[str] = frozenset()
    show: bool = False

    @classmethod
    def of(cls, spec: Specification, *, show: bool = False) -> Masker:
        """The masker of a specification; `show` is for a person who asked to see secrets."""
        positions = {
            name: frozenset(at for at, parameter in enumerate(method.parameters) if parameter.secret)
            for name, method in spec.api.by_any_name.items()
        }
        secret = {name for name, body in spec.chart["registers"].items() if body.get("secret")}
        return cls({name: at for name, at in positions.items() if at}, frozenset(secret), show)

    def text(self, text: str) -> str:
        """A text on its own, such as the end of a log."""
        return text if self.show else self._text(text, _Labels())

    def messages(self) -> Callable[[str], str]:
        """Masks lines of the wire, one after another: what one of them tells to be secret, none that follows shows."""
        labels = _Labels()

        def masked(line: str) -> str:
            if self.show:
                return line
            self._trace(_calls_in(line), labels)
            return self._text(line, labels)

        return masked

    def trace(self, trace: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """A list of step documents."""
        return [self._step(step, _Labels()) for step in trace] if self.show else self._trace(trace, _Labels())

    def check(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document of a check, with all of its findings."""
        findings = [self.finding(finding) for finding in document["findings"]]
        return {**document, "findings": findings, "message": self.text(document["message"])}

    def finding(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document of a finding: its trace, its steps, and what was expected and observed."""
        if self.show:
            return dict(document)
        labels = _Labels()
        trace = self._trace(document["trace"], labels)
        steps = self._steps(document["trace"], trace, document["steps"], labels)
        told: dict[str, Any] = {key: self._text(document[key], labels) for key in ("expected", "observed")}
        if "orders" in document:
            told["orders"] = [self._text(one, labels) for one in document["orders"]]
        return {**document, "trace": trace, "steps": steps, **told}

    def steps(self, trace: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """Steps in words, of a trace as step documents."""
        labels = _Labels()
        if self.show:
            return [dict(step) for step in steps]
        return self._steps(trace, self._trace(trace, labels), steps, labels)

    def _steps(
        self,
        trace: Sequence[Mapping[str, Any]],
        masked: Sequence[Mapping[str, Any]],
        steps: Sequence[Mapping[str, str]],
        labels: _Labels,
    ) -> list[dict[str, str]]:
        """The steps, each call that is written as its step would be written anew, of the masked step.

        A long argument is shown shortened, so that its text alone would not be recognised.
        """
        shown = [dict(step) for step in steps]
        for step, before, after in zip(shown, trace, masked, strict=False):
            if step["call"] == _rendered(before):
                step["call"] = _rendered(after)
        return [self._told(step, labels) for step in shown]

    def _told(self, step: Mapping[str, Any], labels: _Labels) -> dict[str, Any]:
        """What is told of a step; the arguments of native calls are masked as those of the methods of that name."""
        told = {key: self._text(value, labels) if isinstance(value, str) else value for key, value in step.items()}
        if "native" in step:
            told["native"] = [
                {**one, "call": self._handed_on(one["call"], labels), "answer": self._text(one["answer"], labels)}
                for one in step["native"]
            ]
        return told

    def _handed_on(self, call: Mapping[str, Any], labels: _Labels) -> dict[str, Any]:
        """A native call: what is secret of it, and any secret of the trace that is passed to another method."""
        ((method, arguments),) = self._step(call, labels).items()
        return {method: self._passed(arguments, labels)}

    def _passed(self, value: Any, labels: _Labels) -> Any:
        if isinstance(value, str):
            return labels.given.get(value) or self._text(value, labels)
        if isinstance(value, Mapping):
            return {self._text(str(key), labels): self._passed(one, labels) for key, one in value.items()}
        return [self._passed(one, labels) for one in value] if isinstance(value, list) else value

    def _trace(self, trace: Iterable[Mapping[str, Any]], labels: _Labels) -> list[dict[str, Any]]:
        return [self._step(step, labels) for step in trace]

    def _step(self, step: Mapping[str, Any], labels: _Labels) -> dict[str, Any]:
        if self.show:
            return dict(step)
        name = next(iter(step))
        secret = self.parameters.get(name, frozenset())
        arguments = [
            self._secret(value, labels) if at in secret else self._value(value, labels)
            for at, value in enumerate(step[name])
        ]
        return {**step, name: arguments}

    def _secret(self, value: Any, labels: _Labels) -> Any:
        if isinstance(value, str):
            return labels.of("secret", value) if value else value
        return self._nested(value, labels, self._secret)

    def _value(self, value: Any, labels: _Labels) -> Any:
        if isinstance(value, str):
            return self._patterns(value, labels)
        return self._nested(value, labels, self._value)

    def _nested(self, value: Any, labels: _Labels, one: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._patterns(str(key), labels): one(member, labels) for key, member in value.items()}
        return [one(item, labels) for item in value] if isinstance(value, list) else value

    def _text(self, text: str, labels: _Labels) -> str:
        for value, label in list(labels.given.items()):
            text = _replaced(text, value, label)
        for register in self.registers:
            text = _after(register).sub(lambda found: found[1] + labels.of("secret", found[3]), text)
        return self._patterns(text, labels)

    def _patterns(self, text: str, labels: _Labels) -> str:
        for kind, pattern in _PATTERNS:
            text = pattern.sub(partial(_label, labels, kind), text)
        return text


def _calls_in(line: str) -> list[dict[str, Any]]:
    """The call in a line of the wire, as a step document, if there is one."""
    try:
        params = json.loads(line)["params"]
        return [{str(params["method"]): list(params["arguments"])}]
    except (ValueError, LookupError, TypeError, RecursionError):
        return []


def _label(labels: _Labels, kind: str, found: re.Match[str]) -> str:
    return labels.of(kind, found[0])


def _rendered(step: Mapping[str, Any]) -> str:
    from intercom_conformance.trace import of_document, render_step

    return render_step(of_document(step))


def _replaced(text: str, value: str, label: str) -> str:
    """The text without a secret: wherever it stands if it is long, only in quotes if it may be a word."""
    for quoted in {json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)}:
        text = text.replace(quoted, label)
    if len(value) > _KEPT:
        return re.sub(re.escape(value[:_KEPT]) + r"[^\s'\"]*", lambda _: label, text)
    return text.replace(value, label) if len(value) >= _LONG else text


def _after(register: str) -> re.Pattern[str]:
    """The quoted text that a register is said to hold; its name may be a key, in quotes itself."""
    return re.compile(rf"(\b{re.escape(register)}\b['\"]?[^'\"\n<]{{0,20}})(['\"])((?:\\.|(?!\2).)+)\2")
