"""``python -m intercom_conformance`` is the command `intercom-conformance`."""

from intercom_conformance.cli import main

if __name__ == "__main__":
    main()
