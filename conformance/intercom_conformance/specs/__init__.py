"""The specification itself under test: proved, compared with another, and written for other tools."""

from intercom_conformance.specs.diffing import Change, Difference, diff
from intercom_conformance.specs.exporting import FORMATS, export
from intercom_conformance.specs.faults import RULES, Fault
from intercom_conformance.specs.proving import Verdict, check

__all__ = ["FORMATS", "RULES", "Change", "Difference", "Fault", "Verdict", "check", "diff", "export"]
