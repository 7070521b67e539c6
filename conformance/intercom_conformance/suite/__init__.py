"""The suite: one catalogue of checks for every binding, derived from a specification."""

from intercom_conformance.suite.catalogue import catalogue
from intercom_conformance.suite.checks import Check, Settings, replay, run_check

__all__ = ["Check", "Settings", "catalogue", "replay", "run_check"]
