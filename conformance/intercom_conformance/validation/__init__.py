"""Validates payloads of any number: from a file, a pipe or a URL to what is wrong with each record.

1. `sources` opens what was named, unpacks it, and counts the bytes for the progress bar.
2. `records` cuts it: lines of NDJSON go on in blocks of raw bytes; elements of an array, rows of a table one by one.
3. `judging` judges a block: a batch at a time while all is well, record by record where it is not.
4. `workers` does the same in several processes, and gives the verdicts in the order of the blocks.
5. `tally` adds up: how many records, which rules were broken how often, and the first findings in full.

Whatever stands in a record, it costs that record a finding and the others nothing. Memory is bounded by the size
of a block and of the longest record that is read, `records.MAX_RECORD`.
"""

from intercom_conformance.validation.judging import Judge, Settings
from intercom_conformance.validation.tally import Finding, Tally
from intercom_conformance.validation.validating import validated

__all__ = ["Finding", "Judge", "Settings", "Tally", "validated"]
