"""The reference behaviour oracle: what a history allows, and whether an observation is among it."""

from intercom_conformance.oracle.configuration import Branch, Call, Configuration, Happening, Undecidable
from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN
from intercom_conformance.oracle.judge import (
    FORMAL,
    Accepted,
    Broken,
    Observation,
    Oracle,
    Rejected,
    Settlement,
)
from intercom_conformance.oracle.model import Model, Unanswered

__all__ = [
    "ABSENT",
    "FORMAL",
    "UNCERTAIN",
    "Accepted",
    "Branch",
    "Broken",
    "Call",
    "Configuration",
    "Happening",
    "Model",
    "Observation",
    "Oracle",
    "Rejected",
    "Settlement",
    "Unanswered",
    "Undecidable",
]
