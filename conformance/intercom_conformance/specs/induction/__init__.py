"""Invariants proved by induction with z3, for any number of users, contacts and calls that wait."""

from intercom_conformance.specs.induction.induction import Induction, Proved, Unproved

__all__ = ["Induction", "Proved", "Unproved"]
