"""Who may ask: anybody on this machine, or whoever has the token; and never a page that a browser has from elsewhere.

A service on the loopback address is within reach of every page that is open in a browser of the same machine. So the
`Host` of a request has to be this machine (a name that was made to point here is not), and an `Origin`, which browsers
add, has to be the service itself.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping

import attrs

from intercom_conformance.exits import UsageProblem
from intercom_conformance.serving.problems import Problem

__all__ = ["ENVIRONMENT", "Access", "is_loopback"]

ENVIRONMENT = "INTERCOM_CONFORMANCE_TOKEN"
_SHORTEST = 16
_ASKED = (("WWW-Authenticate", "Bearer"),)


@attrs.frozen
class Access:
    """Lets requests in, or not: by the token, if there is one, and for a loopback address by `Host`."""

    loopback: bool
    token: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, host: str, token: str | None) -> Access:
        """The access to a host; `UsageProblem` if the host needs a token, or the token is too short."""
        loopback = is_loopback(host)
        if token is None and not loopback:
            remedy = f"Set {ENVIRONMENT} (or --token) to a secret of your own, or serve on 127.0.0.1."
            raise UsageProblem(f"Without a token, {host} would let anybody in who can reach it", remedy)
        if token is not None and len(token) < _SHORTEST:
            remedy = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe())'"
            raise UsageProblem(f"The token has fewer than {_SHORTEST} characters", remedy)
        return cls(loopback, token)

    def admits(self, token: object) -> bool:
        """Whether somebody with this token may ask; takes the same time for every wrong one."""
        if self.token is None:
            return True
        given = token if isinstance(token, str) else ""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode("utf-8", "replace"))

    def check_place(self, headers: Mapping[str, str]) -> None:
        """Raises `Problem` (403) if a request is for another host, or comes from a page that is not the service's."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.loopback and not is_loopback(_without_port(host)):
            detail = "The request is for another host than this machine"
            raise Problem(403, "wrong-host", detail, "Ask for 127.0.0.1 or localhost.")
        if origin is not None and origin.partition("://")[2] != host:
            detail = "The request comes from a page of another origin"
            raise Problem(403, "wrong-origin", detail, "Ask from a program, not from a page in a browser.")

    def check_token(self, headers: Mapping[str, str]) -> None:
        """Raises `Problem` (401) if a request lacks the token."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not self.admits(token.strip() if scheme.lower() == "bearer" else None):
            raise unauthorised("Send the header Authorization: Bearer TOKEN.")


def unauthorised(remedy: str) -> Problem:
    """The problem of a request without the token."""
    return Problem(401, "token-needed", "The service asks for its token", remedy, _ASKED)


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine for itself alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0]
    return host.partition(":")[0]
