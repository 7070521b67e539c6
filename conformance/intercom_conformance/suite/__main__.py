"""Prints what belongs into ``ways.json`` beside this file: the exploration of the embedded specification."""

from __future__ import annotations

from intercom_conformance.specification import load_specification
from intercom_conformance.suite.explore import walked
from intercom_conformance.suite.ways import written


def main() -> None:
    """Explores, which takes some seconds, and prints."""
    spec = load_specification()
    print(written(spec, walked(spec)), end="")


if __name__ == "__main__":
    main()
