"""Jinja programs from files."""

import pytest

from ems.homeassistant.discovery.template import template


def test_a_program_is_one_line_with_its_values_in_place() -> None:
    program = template("explanations", language="de", max_of_one=7, max_characters=70)
    assert "\n" not in program
    assert "  " not in program
    assert "e.text.de | default(e.text.en)" in program
    assert "{% if ns.signs <= 70 %}{% set ns.rows = ns.rows + [row] %}{% endif %}" in program
    assert "$" not in program


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="max_of_one"):
        template("explanations", language="de")
