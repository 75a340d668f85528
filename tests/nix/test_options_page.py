"""docs/nixos-options.md is what the modules say. To write it anew: python tests/nix/test_options_page.py"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # when it is run as a program

from nix.flake import ROOT, flake

PAGE = ROOT / "docs" / "nixos-options.md"
EVER = Path(__file__).with_name("option-names.txt")
"""Every name that an option has had since the first page of them; names are added, never taken away."""


def page() -> str:
    text: str = flake().evaluate("lib.options.page")
    return text


def same_numbers(text: str) -> str:
    """Versions of Nix write a float with more or fewer digits: 0.05, 0.050000, 0.05000000000000001."""
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.6g}", text)


def test_versions_of_nix_agree_on_a_number() -> None:
    assert same_numbers("0.05 0.050000 0.05000000000000001") == "0.05 0.05 0.05"


def test_the_page_is_what_the_modules_say() -> None:
    assert same_numbers(PAGE.read_text(encoding="utf-8")) == same_numbers(page()), (
        "python tests/nix/test_options_page.py writes it anew"
    )


def test_every_option_is_described() -> None:
    sections = page().split("\n### ")[1:]
    assert len(sections) > 100
    for section in sections:
        name, _, rest = section.partition("\n\n")
        assert not rest.startswith("Type:"), name


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    shown = (name for name, is_shown in flake().evaluate("lib.options.names").items() if is_shown)
    EVER.write_text("\n".join(sorted({*EVER.read_text().split(), *shown})) + "\n", encoding="utf-8")
