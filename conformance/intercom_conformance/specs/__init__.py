"""The specification itself under test: proved, compared with another, and written for other tools."""

from intercom_conformance.specs.faults import RULES, Fault
from intercom_conformance.specs.proving import Verdict, check

__all__ = ["RULES", "Fault", "Verdict", "check"]
