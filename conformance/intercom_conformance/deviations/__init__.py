"""Known deviations of a binding: a file in its repository, whose entries are still tested and go stale loudly."""

from intercom_conformance.deviations.ledger import Ledger
from intercom_conformance.deviations.reading import BadDeviations, Deviation, DeviationsFile, read

__all__ = ["BadDeviations", "Deviation", "DeviationsFile", "Ledger", "read"]
