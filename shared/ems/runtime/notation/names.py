"""Keys for topics and entities, made of the names that people give."""

import re
import unicodedata

from ems.contract.units import NAME_PATTERN

MAX_CHARACTERS = 64
"""Longest name on the bus, in characters."""
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe"})


def name_of(words: str) -> str:
    """``Jörgs Zoé 2`` as a name on the bus: ``joergs_zoe_2``; empty when nothing of it can stand in one."""
    if re.fullmatch(NAME_PATTERN, words):
        return words
    composed = unicodedata.normalize("NFC", words).lower().translate(_SPELT_OUT)
    plain = "".join(c for c in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9-]+", "_", plain).strip("_-")[:MAX_CHARACTERS].rstrip("_-")
