"""Keys made of names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.units import NAME_PATTERN
from ems.runtime.notation.names import name_of


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("zoe", "zoe"),
        ("Zoe", "zoe"),
        ("my_Twingo", "my_twingo"),
        ("Jörgs großer Škoda 2", "joergs_grosser_skoda_2"),
        ("Jo\u0308rg", "joerg"),
        ("  Kia EV9 (neu!) ", "kia_ev9_neu"),
        ("e-Golf", "e-golf"),
        ("db:7", "db_7"),
        ("🚗", ""),
        ("-", "-"),
        ("a" * 80, "a" * 64),
    ],
)
def test_a_name_becomes_a_key_that_can_be_recognised(written: str, name: str) -> None:
    assert name_of(written) == name


@given(st.text(max_size=100))
def test_a_key_is_always_allowed_on_the_bus_and_its_own_key(written: str) -> None:
    name = name_of(written)
    assert name == "" or re.fullmatch(NAME_PATTERN, name)
    assert name_of(name) == name
