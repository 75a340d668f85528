"""Providers that others add, and those that are not installed."""

import pytest

from ems.contract.vehicle import ProblemKind
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from vehicle_soc.adapters.provider import problem, provider_kind
from vehicle_soc.domain.wording.problems import InOwnWords


def test_a_plug_in_that_knows_only_the_two_errors_is_understood() -> None:
    assert problem(TransientError("later"))[0] is ProblemKind.TRANSIENT
    kind, reason = problem(PermanentError("mend it"))
    assert (kind, reason) == (ProblemKind.PERMANENT, InOwnWords.untranslated("mend it"))


def test_a_provider_that_is_not_installed_is_told_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="did you mean 'manual'"):
        provider_kind("manuel")
