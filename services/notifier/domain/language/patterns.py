"""Rules over rows of tokens, written as words: ``at number oclock?``."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifier.domain.language.facts import Fact
from notifier.domain.language.tokens import Kind, Token

_LETTERS = {kind: chr(0x4E00 + number) for number, kind in enumerate(Kind)}
"""Each kind is one character, so that a row of tokens is a text that a regular expression reads."""
_GROUPS = {
    "num": (Kind.NUMBER, Kind.DOTTED),
    "val": (Kind.NUMBER, Kind.DOTTED, Kind.DECIMAL),
    "nth": (Kind.NUMBER, Kind.DOTTED, Kind.ORDINAL),
    "a": (Kind.ONE,),
    "byx": (Kind.BY, Kind.VOR),
}


@dataclass(frozen=True, slots=True)
class Row:
    """The tokens that a rule covers, and those beside them."""

    tokens: tuple[Token, ...]
    before: Token | None
    after: Token | None

    def of(self, *kinds: Kind) -> tuple[Token, ...]:
        """The covered tokens of these kinds, in order."""
        return tuple(t for t in self.tokens if t.kind in kinds)

    def has(self, *kinds: Kind) -> bool:
        """Whether one of these kinds is covered."""
        return any(t.kind in kinds for t in self.tokens)

    def follows(self, *kinds: Kind) -> bool:
        """Whether a token of these kinds comes right after."""
        return self.after is not None and self.after.kind in kinds and not self.after.parted

    def preceded(self, *kinds: Kind) -> bool:
        """Whether a token of these kinds comes right before."""
        return self.before is not None and self.before.kind in kinds


type Build = Callable[[Row], Sequence[Fact] | None]
"""The facts that a row says; None: the rule does not hold here after all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a row of certain kinds means."""

    pattern: re.Pattern[str]
    build: Build


def rule(words: str, build: Build) -> Rule:
    """A rule from its words: names of kinds or groups, alternatives with ``|``, a ``?`` behind what may be missing."""

    def characters(word: str) -> str:
        optional = word.endswith("?")
        kinds = [k for name in word.rstrip("?").split("|") for k in _GROUPS.get(name) or (Kind(name),)]
        return f"[{''.join(_LETTERS[k] for k in kinds)}]{'?' if optional else ''}"

    return Rule(re.compile("".join(map(characters, words.split()))), build)


def read(tokens: Sequence[Token], rules: Sequence[Rule], alone: Build) -> list[Fact]:
    """The facts of ``tokens``: at each place the longest rule that holds, and ``alone`` where none does."""
    text = "".join(_LETTERS[t.kind] for t in tokens)
    facts: list[Fact] = []
    at = 0
    while at < len(tokens):
        matches = [(m.end(), r.build) for r in rules if (m := r.pattern.match(text, at))]
        for end, build in [*sorted(matches, key=lambda match: -match[0]), (at + 1, alone)]:
            row = Row(tuple(tokens[at:end]), tokens[at - 1] if at else None, tokens[end] if end < len(tokens) else None)
            found = build(row)
            if found is not None:
                facts += found
                at = end
                break
        else:
            at += 1
    return facts
