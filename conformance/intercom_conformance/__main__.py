"""``python -m intercom_conformance`` is the command `intercom-conformance`."""

import sys

from intercom_conformance.cli import main

if __name__ == "__main__":
    sys.exit(main())
