"""What can be asked of the service, as a table: every transport, and the description, are made of it.

An operation is found over HTTP by its method and path, and over a line by its name; either way `Service.perform` is
given one object beside the name of the session. It checks that object against the schema that the description shows,
so that what is described and what is served cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from intercom_conformance._version import __version__
from intercom_conformance.oracle import Oracle
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem, unprocessable
from intercom_conformance.serving.registry import Record, Registry
from intercom_conformance.serving.schemas import Checks
from intercom_conformance.serving.sessions import Session, Setting
from intercom_conformance.specification import closest

__all__ = ["BY_NAME", "OPERATIONS", "Operation", "Service"]

Params = Mapping[str, Any]


@attrs.frozen
class Operation:
    """One thing that can be asked.

    Shapes:
        name: its name on a line, and in the description.
        method, path: how HTTP asks for it.
        run: does it, given the session's name and what was sent; what it gives is the answer's body.
        body: the schema of what is sent, if anything is; `needed` unless all of it may be left out.
        query: the schemas of the query's parameters.
        result: the schema of the answer; None if there is nothing to tell.
        status: of the answer when all is well.
        refusals: the statuses of its problems, besides those that any operation may have.
    """

    name: str
    method: str
    path: str
    summary: str
    description: str
    run: Callable[[Service, str, Params], Any]
    body: str | None = None
    needed: bool = True
    query: Mapping[str, dict[str, Any]] = attrs.field(factory=dict)
    result: str | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()

    @property
    def of_session(self) -> bool:
        """Whether it is asked of one session."""
        return "{session}" in self.path


class Service:
    """What stands behind every transport.

    Args:
        oracle: of the specification that is served.
        registry: the sessions.
        limits: the bounds, which `health` tells.

    `description` is what `describe` gives.
    """

    description: Any = None

    def __init__(self, oracle: Oracle, registry: Registry, limits: Limits) -> None:
        self.oracle, self.registry, self.limits = oracle, registry, limits
        self.checks = Checks(oracle.model.spec, limits)

    def perform(self, operation: Operation, session: str, given: Any) -> Any:
        """The answer to an operation on a session, or on none; `Problem` if it is refused."""
        self._refuse_unknown_names(operation, given)
        if operation.body is None:
            self.checks.check_query(operation.name, operation.query, given)
        else:
            self.checks.check(operation.body, given)
        return operation.run(self, session, given)

    def _refuse_unknown_names(self, operation: Operation, given: Any) -> None:
        """Tells of a misspelt name before a schema does, and better."""
        spec = self.oracle.model.spec
        methods, events = spec.api.by_any_name, spec.chart["environment"]
        known = {"method": methods, "event": events, **({"name": (*methods, *events)} if operation.query else {})}
        step = given.get("step", given) if isinstance(given, Mapping) else {}
        for key in known.keys() & step.keys() if isinstance(step, Mapping) else ():
            name = step[key]
            if isinstance(name, str) and name not in known[key]:
                raise _misspelt(key, name[:100], known[key])

    def about(self, record: Record, session: Session) -> dict[str, Any]:
        """A session as ``Session`` describes it."""
        return {
            "session": record.id,
            **record.setting.document(),
            "created": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "steps": session.steps,
            "bytes": record.size,
            "now": session.seconds,
            "undecided": session.undecided,
            "idle_seconds": self.limits.idle,
        }


def _misspelt(kind: str, name: str, known: Iterable[str]) -> Problem:
    near = closest(name, known)
    remedy = f"Did you mean {near!r}?" if near else f"Use one of: {', '.join(known)}."
    return unprocessable(f"There is no {kind} {name!r}", remedy)


def _health(service: Service, session: str, given: Params) -> Any:
    spec = service.oracle.model.spec
    return {
        "status": "ok",
        "version": __version__,
        "specification": {"name": spec.name, "version": spec.version, "digest": spec.digest},
        "stand_in": service.registry.stands_in,
        "sessions": len(service.registry),
        "limits": attrs.asdict(service.limits),
    }


def _begin(service: Service, session: str, given: Params) -> Any:
    setting = Setting(
        stand_in=given.get("stand_in", service.registry.stands_in),
        style=given.get("style", "callbacks"),
        choices={name: int(place) for name, place in given.get("choices", {}).items()},
    )
    record = service.registry.begin(setting)
    return service.about(*service.registry.find(record.id))


def _show(service: Service, session: str, given: Params) -> Any:
    return service.about(*service.registry.find(session))


def _end(service: Service, session: str, given: Params) -> Any:
    service.registry.end(session)
    return None


def _reset(service: Service, session: str, given: Params) -> Any:
    record = service.registry.clear(session)
    return service.about(*service.registry.find(record.id))


def _step(kind: str) -> Callable[[Service, str, Params], Any]:
    def take(service: Service, session: str, given: Params) -> Any:
        return service.registry.take(session, kind, given).outcome

    return take


def _judge(service: Service, session: str, given: Params) -> Any:
    question = {"step": given["step"], "observed": given["observed"]}
    if given.get("keep"):
        outcome = service.registry.take(session, "judged", question).outcome
        return {key: value for key, value in outcome.items() if key != "step"}
    _, found = service.registry.find(session)
    return found.ask(question)


def _ask(service: Service, session: str, given: Params) -> Any:
    _, found = service.registry.find(session)
    return {"step": given, **found.allowed(given)}


def _list_allowed(service: Service, session: str, given: Params) -> Any:
    _, found = service.registry.find(session)
    states = found.states()
    steps = _alphabet(service, given.get("name"))
    return {"states": states, "steps": [{"step": step, **found.allowed(step)} for step in steps]}


def _alphabet(service: Service, name: str | None) -> list[dict[str, Any]]:
    """The examples of every method and event, or of the one that has this name."""
    spec = service.oracle.model.spec
    methods, world = spec.api.by_any_name, spec.chart["environment"]
    named = [*spec.api.methods, *world] if name is None else [name]
    calls = [
        {"method": one, "arguments": list(given)} for one in named if one in methods for given in methods[one].examples
    ]
    events = [
        {"event": one, "arguments": list(given)}
        for one in named
        if one in world
        for given in world[one].get("examples", [[]])
    ]
    return [*calls, *events]


def _workspace(service: Service, session: str, given: Params) -> Any:
    _, found = service.registry.find(session)
    return found.snapshot()


def _history(service: Service, session: str, given: Params) -> Any:
    _, found = service.registry.find(session)
    after, limit = given.get("after", 0), given.get("limit", _PAGE)
    end = min(after + limit, found.steps)
    return {"entries": found.history(after, end), "steps": found.steps, "next": end if end < found.steps else None}


_PAGE: Final = 100
_WITH_SESSION = (404, 410)


def _describe(service: Service, session: str, given: Params) -> Any:
    return service.description


OPERATIONS: Final = (
    Operation(
        "health", "GET", "/health", "Whether the service is well",
        "Tells the specification that is served, whether an SDK stands in, the number of sessions, and the limits.",
        _health, result="Health",
    ),
    Operation(
        "describe", "GET", "/openapi.json", "What can be asked",
        "This description, an OpenAPI 3.1 document.",
        _describe, result="Description",
    ),
    Operation(
        "beginSession", "POST", "/sessions", "Begin a session",
        "A freshly installed app with an empty workspace, of which nobody else knows. Its name is needed for all else.",
        _begin, body="NewSession", needed=False, result="Session", status=201, refusals=(409, 429, 503),
    ),
    Operation(
        "showSession", "GET", "/sessions/{session}", "What a session is",
        "Its setting, its size, and how far its clock is.",
        _show, result="Session", refusals=_WITH_SESSION,
    ),
    Operation(
        "endSession", "DELETE", "/sessions/{session}", "End a session",
        "Everything that it held is gone.",
        _end, status=204, refusals=(404, 503),
    ),
    Operation(
        "call", "POST", "/sessions/{session}/calls", "Call a method of the SDK",
        "The stand-in answers as the specification says. Arguments that are not valid are no problem of the request: "
        "the SDK reports them, as it would report them to an app. A call that waits for the network settles in a "
        "later step.",
        _step("call"), body="Call", result="Outcome", refusals=(*_WITH_SESSION, 409, 429, 503),
    ),
    Operation(
        "happen", "POST", "/sessions/{session}/events", "Let something happen in the world",
        "Faults of the network, messages that arrive, settings of the workspace: whatever is no call of the app.",
        _step("event"), body="Event", result="Outcome", refusals=(*_WITH_SESSION, 409, 429, 503),
    ),
    Operation(
        "advance", "POST", "/sessions/{session}/clock", "Move the clock",
        "Time stands still until it is moved; what falls due on the way happens, such as retries.",
        _step("clock"), body="Clock", result="Outcome", refusals=(*_WITH_SESSION, 409, 429, 503),
    ),
    Operation(
        "resetSession", "POST", "/sessions/{session}/reset", "Begin a session anew",
        "A freshly installed app again, and an empty workspace; history and clock begin anew.",
        _reset, result="Session", refusals=(*_WITH_SESSION, 503),
    ),
    Operation(
        "listAllowed", "GET", "/sessions/{session}/allowed", "What is allowed next",
        "For every example of every method and event: what an SDK may do, were it the next step after this history.",
        _list_allowed, query={"name": {"$ref": "#/components/schemas/StepName"}},
        result="AllowedList", refusals=(*_WITH_SESSION, 409),
    ),
    Operation(
        "askAllowed", "POST", "/sessions/{session}/allowed", "What is allowed in one step",
        "What an SDK may do, were this call or event the next step after this history. Nothing happens.",
        _ask, body="Step", result="Allowed", refusals=(*_WITH_SESSION, 409),
    ),
    Operation(
        "judge", "POST", "/sessions/{session}/judge", "Judge an observation",
        "Tells whether an SDK may do what was seen, and if not, which requirement it breaks. With keep, an allowed "
        "observation becomes part of the history of a session without a stand-in.",
        _judge, body="Question", result="Judgement", refusals=(*_WITH_SESSION, 409, 429, 503),
    ),
    Operation(
        "showWorkspace", "GET", "/sessions/{session}/workspace", "What the stand-in holds",
        "States, records and registers, as spec/README.md describes a snapshot. Nothing is masked: it is what the "
        "holder of this session has put there.",
        _workspace, result="Snapshot", refusals=(*_WITH_SESSION, 409),
    ),
    Operation(
        "showHistory", "GET", "/sessions/{session}/history", "What has happened",
        "Every step with its outcome, in order, in pages.",
        _history,
        query={
            "after": {"description": "The step before the page.", "type": "integer", "minimum": 0, "maximum": 2**31},
            "limit": {"description": "Steps in a page, else 100.", "type": "integer", "minimum": 1, "maximum": 1000},
        },
        result="History", refusals=_WITH_SESSION,
    ),
)  # fmt: skip
"""Everything that can be asked."""

BY_NAME: Final[Mapping[str, Operation]] = {one.name: one for one in OPERATIONS}
