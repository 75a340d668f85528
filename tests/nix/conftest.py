"""The copies of the flake go when the tests have ended."""

import shutil
from collections.abc import Iterator

import pytest

from nix import flake


@pytest.fixture(scope="session", autouse=True)
def _tidy() -> Iterator[None]:
    yield
    if flake.flake.cache_info().currsize:
        shutil.rmtree(flake.flake().home, ignore_errors=True)
