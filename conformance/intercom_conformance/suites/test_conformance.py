"""One test for each check of the suite, named after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from intercom_conformance.plugin import checks_of
from intercom_conformance.suite import Check


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    checks = checks_of(metafunc.config)
    metafunc.parametrize("intercom_check", checks, ids=[check.id for check in checks])


def test_conformance(intercom_check: Check, intercom_run: Callable[[Check], None]) -> None:
    """The binding does in this respect what the specification says."""
    intercom_run(intercom_check)
