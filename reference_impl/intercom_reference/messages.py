"""What errors say: by the transition that reports one, by its code, or by what was wrong with an argument.

Texts are data, so that other stand-ins for the SDK say the same.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CANCELLED", "MESSAGES"]

CANCELLED = 401
"""The code with which a call ends whose user is gone before the answer."""

MESSAGES: Mapping[str, str] = {
    "wrong-hash": "The workspace verifies identities. Call setUserHash with the HMAC of this user before the login.",
    "fetch-unknown-collection": (
        "The Help Center has no such collection. fetchHelpCenterCollections tells the ids of those there are."
    ),
    "401": "Nobody is logged in, or not yet. Log in, wait for success, then call again.",
    "404": "The content is not live, so the end user sees an error. Set it live in Intercom first.",
    "409": "The email belongs to a user who has a userId. Log in with the userId, alone or beside the email.",
    "503": "The request failed. Call again when the network is up; a login is tried again by itself.",
    "3002": "Another user is logged in or about to be. Call logout first.",
    "cancelled": "The user changed or logged out before the answer came. Log in and call again.",
    "invalid": "{method}: {parameter} is not valid. {remedy} {tell}",
    "no-json": "{method}: {parameter} is not valid. Give text, numbers, booleans, null, lists or objects of them.",
    "refused": "The call is refused in this state. Look up the requirement {requirement!r} for the reason.",
}
"""Texts by the id of a transition or by a code; the last ones are for whatever has neither."""
