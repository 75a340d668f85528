"""Jinja programs for Home Assistant that are too long for a row of a table: a file each in ``templates/``."""

from functools import cache
from importlib.resources import files
from string import Template


def template(name: str, **values: object) -> str:
    """The program in ``templates/NAME.jinja`` on one line, its ``${...}`` replaced by ``values``.

    Raises:
        KeyError: the program asks for a value that is not given.
    """
    return _program(name).substitute(values)


@cache
def _program(name: str) -> Template:
    lines = (
        files("ems.homeassistant.discovery")
        .joinpath(f"templates/{name}.jinja")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    # Line breaks and indentation are for whoever reads the file; Home Assistant would keep them as text.
    return Template("".join(line.strip() for line in lines))
