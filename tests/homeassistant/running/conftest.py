"""A real Home Assistant on a real broker with only the rights that Nix made; the real services, a simulated evcc."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from support.home_assistant import HASS
from support.household import Household
from support.household import household as everything

NO_HASS = f"!!! NO HOME ASSISTANT HERE ({HASS}): make hass !!!"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def household(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Household]:
    """One for all tests of a module: each leaves everything available."""
    if not HASS.exists():
        pytest.skip(NO_HASS)
    async with everything(tmp_path_factory.mktemp("household")) as made:
        yield made
