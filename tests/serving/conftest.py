"""One server for the tests that need no special one: sessions do not see one another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers import GARAGE, Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the embedded specification."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def garage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a specification that no SDK implements."""
    with serving(tmp_path_factory.mktemp("garage"), "--spec", str(GARAGE)) as running:
        yield running
