"""``python -m intercom_reference``: the reference client as a driver, on the standard input and output."""

from __future__ import annotations

import sys

from intercom_reference.wire import serve


def main() -> int:
    """Serves the reference client until the input ends; the process's exit code."""
    from intercom_reference.client import Client

    try:
        serve(Client)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
