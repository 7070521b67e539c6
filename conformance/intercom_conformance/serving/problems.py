"""What the service refuses, as values: RFC 9457's problem details, each with a remedy."""

from __future__ import annotations

from typing import Any

import attrs

from intercom_reference.errors import KitError

__all__ = ["Problem", "conflict", "too_many", "unprocessable"]

_PLACE = "https://intercom-conformance.dev/problems/"


@attrs.frozen(str=False)
class Problem(KitError):
    """A request that is not served: the HTTP status, a slug for programs, what is wrong, and what to do."""

    status: int
    kind: str
    detail: str
    remedy: str
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.detail}. {self.remedy}"

    def document(self) -> dict[str, Any]:
        """The problem in the shape that ``Problem`` has in the service's description."""
        return {
            "type": f"{_PLACE}{self.kind}",
            "title": self.kind.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "remedy": self.remedy,
        }


def unprocessable(detail: str, remedy: str) -> Problem:
    """JSON that is not what was asked for."""
    return Problem(422, "not-as-described", detail, remedy)


def conflict(kind: str, detail: str, remedy: str) -> Problem:
    """Something that cannot be done to this session as it is now."""
    return Problem(409, kind, detail, remedy)


def too_many(detail: str, remedy: str, after: float | None = None) -> Problem:
    """More than the limits allow; `after` are the seconds in which that may have changed."""
    headers = () if after is None else (("Retry-After", str(max(1, round(after)))),)
    return Problem(429, "limit-reached", detail, remedy, headers)
