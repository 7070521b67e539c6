"""Stand-ins for the SDK that apps use in their tests, generated from the specification.

`files` gives a folder as the text of each file by its path, `write` puts it somewhere, and `stale` tells how a folder
differs from what the specification gives. The programs in it are data and know no rule: all rules stand in
``machine.json``, which `machine` makes of the documents.
"""

from intercom_conformance.fakes.files import files, languages, stale, write
from intercom_conformance.fakes.machine import UnknownKeyword, machine

__all__ = ["UnknownKeyword", "files", "languages", "machine", "stale", "write"]
