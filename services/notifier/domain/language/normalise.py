"""The many ways to type the same characters, made one."""

import re
import unicodedata

_FRACTIONS = {"½": "5", "¼": "25", "¾": "75"}
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("’‘‛´`ʼ′", "'"),  # noqa: RUF001  what they write
        **dict.fromkeys('“”„‟«»″"', " "),
        **dict.fromkeys("‐‑‒–—―−", "-"),  # noqa: RUF001
        **dict.fromkeys("→⇒➔➜➡►▶⟶", ">"),
        **dict.fromkeys("\n\r\v\f\u2028\u2029", ";"),
        **dict.fromkeys("⁄∕", "/"),  # noqa: RUF001
        "…": ";",
        **dict.fromkeys("٪℅", "%"),
        "≥": " mindestens ",
        "≤": " höchstens ",
        "≈": " circa ",
        "~": " circa ",
        "@": " at ",
    }
)
_TYPED_FRACTION = re.compile(r"(?<![\d/])([13])/([24])(?=\s?(?:h\b|hour|std|stunde))", re.IGNORECASE)
_SUPERSCRIPT = re.compile(r"(?<!\d)(\d{1,2})([⁰¹²³⁴⁵⁶⁷⁸⁹]{2})")
"""7³⁰ Uhr."""
_SHORT = (
    (re.compile(r"(?<!\w)v\.\s?h\.", re.IGNORECASE), "%"),
    (re.compile(r"(?<!\w)2(?:moro|morow|morrow)(?!\w)", re.IGNORECASE), "tomorrow"),
    (re.compile(r"(?<!\w)2(?:nite|night)(?!\w)", re.IGNORECASE), "tonight"),
)
"""Words with figures or dots in them, and what they are short for."""
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Me", "Sk", "So"})
"""Controls, joiners, emoji and what modifies them."""
_KEPT = frozenset("°")
"""It looks like a symbol, but changes what a number means."""
_SELECTORS = frozenset("\ufe0e\ufe0f")


def normalise(text: str) -> str:
    """``text`` with composed letters, plain digits, spaces and signs, and without emoji; a new line is a semicolon."""
    plain = text.replace("💯", " 100% ")
    for sign, digits in _FRACTIONS.items():
        plain = re.sub(rf"(\d)\s?{sign}", rf"\g<1>,{digits}", plain).replace(sign, f"0,{digits}")
    plain = _SUPERSCRIPT.sub(lambda m: f"{m[1]}:{unicodedata.normalize('NFKC', m[2])}", plain)
    plain = plain.translate(_SIGNS)
    plain = unicodedata.normalize("NFKC", plain).translate(_SIGNS)
    for short, whole in _SHORT:
        plain = short.sub(whole, plain)
    plain = _TYPED_FRACTION.sub(lambda m: f"{int(m[1]) / int(m[2])}", plain)
    return " ".join("".join(map(_visible, plain)).split())


def _visible(character: str) -> str:
    if character in _SELECTORS:
        return ""
    category = unicodedata.category(character)
    if category in {"Zs", "Cc"}:
        return " "
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Cf":
        return ""
    return " " if category in _INVISIBLE and character not in _KEPT else character
