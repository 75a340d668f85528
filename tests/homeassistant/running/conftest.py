"""A real Home Assistant on a real broker with only the rights that Nix made; the real services, a simulated evcc."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from support.home_assistant import HASS
from support.household import Household
from support.household import household as everything

NO_HASS = f"!!! NO HOME ASSISTANT HERE ({HASS}): make hass !!!"


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Household]:
    """One for all that a worker tries here: to start it takes longer than most of it together."""
    if not HASS.exists():
        pytest.skip(NO_HASS)
    async with everything(tmp_path_factory.mktemp("household")) as made:
        yield made


@pytest.fixture(scope="module")
def household(shared: Household) -> Household:
    """Each test leaves everything available; a module hears only complaints of its own time."""
    shared.hass.forget_complaints()
    shared.used.clear()
    return shared
