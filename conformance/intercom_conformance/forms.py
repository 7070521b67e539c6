"""The forms in which records come; apart, so that the command line knows them before anything is read."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Form"]


class Form(StrEnum):
    """The form in which a source holds its records; a name or the first bytes tell, where it is not said."""

    AUTO = "auto"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"
