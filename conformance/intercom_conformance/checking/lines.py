"""Reads the lines of a trace; ``schemas/documents/trace.schema.json`` describes them, spec/README.md explains them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

import attrs

from intercom_conformance.exits import missing_extra
from intercom_conformance.validation.records import MAX_RECORD, Block, Record, TooLong

try:
    import msgspec
except ImportError:
    raise missing_extra("traces", "Checking traces") from None

if TYPE_CHECKING:
    from intercom_conformance.validation.judging import Piece

__all__ = [
    "END",
    "LOST",
    "NOTHING",
    "RESET",
    "UNSET",
    "Brief",
    "BriefReader",
    "Line",
    "Raw",
    "Unreadable",
    "brief_reader",
    "decoded",
    "read_block",
    "read_line",
    "whole",
    "whose",
    "without_blanks",
]

Outcome = Literal["success", "error", "pending", "none"]

RESET, END, LOST = "reset", "end", "lost"
"""What may happen to a session besides what the specification's world does: its app is new, nothing more comes, and
something of it is not on record."""

Raw = msgspec.Raw
UNSET = msgspec.UNSET
NOTHING = Raw(b"")
"""A part that a line does not have."""


class Line(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One line of a trace: a call, a callback that came later, or something that happened."""

    session: str
    seq: int | None = None
    call: str | None = None
    outcome: Outcome | None = None
    arguments: Raw = NOTHING
    code: int | str | None = None
    value: Raw = NOTHING
    id: str | None = None
    device: str | None = None
    time: int | float | str | None = None
    settled: str | None = None
    happening: str | None = None
    redacted: list[str] | None = None
    callbacks: list[Literal["success", "error"]] | None = None
    observed: Raw = NOTHING
    returned: Raw = NOTHING
    thrown: str | None = None
    unheard: list[str] | None = None
    kept: dict[str, str] | list[str] | None = None
    unasked: list[str] | None = None
    world: Literal["open", "told"] | None = None
    style: Literal["callbacks", "promises", "none"] | None = None
    note: Raw = NOTHING

    @property
    def problem(self) -> str:
        """What keeps the line from being one call, one callback or one happening; empty if nothing does."""
        if (self.call is None) + (self.settled is None) + (self.happening is None) != 2:
            return "not one of call, settled and happening, but none or several"
        if self.settled is not None and self.outcome not in ("success", "error"):
            return "a callback that came without being success or error"
        if self.arguments is not NOTHING and bytes(self.arguments)[:1] != b"[":
            return "arguments that are no list"
        return ""


@attrs.frozen
class Unreadable:
    """A line of which nothing could be made: what is wrong with it, and what to do."""

    line: int
    found: str
    remedy: str
    who: tuple[str, str] = ("", "")
    """The session and the device, if they can be told."""


_decoder = msgspec.json.Decoder(Line)

Read = Iterator[tuple[int, Line | Unreadable]]


def read_block(data: bytes) -> list[Line] | None:
    """All lines of some whole lines at once, if each of them is one; None if they have to be read one by one."""
    return _at_once(_decoder, data)


def _at_once(decoder: msgspec.json.Decoder[Any], data: bytes) -> list[Any] | None:
    try:
        found: list[Any] = decoder.decode_lines(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    ends = data.count(b"\n") + (not data.endswith(b"\n"))
    return found if len(found) == ends else None


class Brief(Protocol):
    """A line of a call that tells no more than most logs do: whatever is a brief line is a `Line` too."""

    session: str
    seq: int | None
    call: str | None
    arguments: list[Raw] | msgspec.UnsetType
    outcome: Outcome | None
    code: int | str | None
    happening: str | None


BriefReader = Callable[[bytes], "list[Brief] | None"]


def brief_reader(methods: Iterable[str]) -> BriefReader:
    """Reads some whole lines at once, if each is brief and calls one of these methods; None if one is not.

    A struct of few members is read in half the time, and each name of a method is one and the same text.
    """
    fields: list[Any] = [
        ("session", str),
        ("seq", int | None, None),
        ("call", Literal[(*methods, None)], None),
        ("arguments", list[Raw] | msgspec.UnsetType, UNSET),
        ("outcome", Literal[Outcome, None], None),
        ("code", int | str | None, None),
        ("happening", str | None, None),
    ]
    decoder = msgspec.json.Decoder(msgspec.defstruct("Brief", fields, gc=False, forbid_unknown_fields=True))
    return lambda data: _at_once(decoder, data)


def whole(brief: Brief) -> Line:
    """The line that a brief one is."""
    arguments = NOTHING if brief.arguments is UNSET else Raw(arguments_of(brief))
    return Line(brief.session, brief.seq, brief.call, brief.outcome, arguments, brief.code, happening=brief.happening)


def arguments_of(brief: Brief) -> bytes:
    """The arguments of a brief line as JSON."""
    return b"[%b]" % b",".join(brief.arguments)  # type: ignore[arg-type] # raw parts are buffers


class _Who(msgspec.Struct, gc=False):
    session: str = ""
    device: str | None = None


_who = msgspec.json.Decoder(_Who)
_BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def whose(texts: Sequence[bytes]) -> list[tuple[str, str]]:
    """The session and the device of each line; of none, for lines that tell of none."""
    try:
        found = _who.decode_lines(b"\n".join(texts))
    except _BROKEN:
        found = []
    if len(found) != len(texts):
        found = [_whose(text) for text in texts]
    return [(one.session, one.device or "") for one in found]


def _whose(text: bytes) -> _Who:
    try:
        return _who.decode(text)
    except _BROKEN:
        return _Who()


def without_blanks(first: int, data: bytes) -> tuple[list[int], list[bytes]]:
    """Some whole lines without those that are blank, and the number of each that is left."""
    texts = [(number, text) for number, text in enumerate(data.split(b"\n"), first) if text.strip(b" \t\r")]
    return [number for number, _ in texts], [text for _, text in texts]


def read_line(piece: Piece) -> Read:
    """The lines of a piece, one by one, each with its number; blank ones are left out."""
    if isinstance(piece, TooLong):
        yield piece.line, Unreadable(piece.line, f"{piece.size:,} bytes", f"Keep each line below {MAX_RECORD:,} bytes.")
        return
    data = piece.data.removesuffix(b"\n") if isinstance(piece, Block) else piece.data
    texts = [data] if isinstance(piece, Record) else data.split(b"\n")
    for number, text in enumerate(texts, piece.line):
        if text.strip(b" \t\r"):
            yield number, _one(number, text.removeprefix(b"\xef\xbb\xbf"))


def _one(number: int, text: bytes) -> Line | Unreadable:
    if len(text) > MAX_RECORD:
        return Unreadable(number, f"{len(text):,} bytes", f"Keep each line below {MAX_RECORD:,} bytes.")
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        return Unreadable(number, str(error), _REMEDY, whose([text])[0])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Unreadable(number, f"no JSON ({error})", "Write one JSON object a line, in UTF-8.")
    except RecursionError:
        return Unreadable(number, "brackets that nest too deep", "Nest values less deeply.")


_REMEDY = "schemas/documents/trace.schema.json describes each line."


def decoded(raw: Raw | bytes, otherwise: Callable[[], Any]) -> Any:
    """The value that a raw part of a line holds; `otherwise` gives it if no parser would."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return otherwise()
