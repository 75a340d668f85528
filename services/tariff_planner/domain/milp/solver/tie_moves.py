"""Who could charge when instead, with fewer starts: what a relaxation does not see, in which a start is spread out.

Nothing here knows what a plan costs: each proposal is tried, and taken where it costs no more.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

type Pattern = tuple[bool | None, ...]
"""By step whether a device is on; None where it is not asked, because it may take any power or none."""

_RUNS = 8
"""A device with more runs than this has reasons."""


def starts(patterns: Sequence[Pattern]) -> int:
    """How often any of them is switched on."""
    return sum(len(runs(pattern)) for pattern in patterns)


def runs(pattern: Pattern) -> list[range]:
    """The stretches in which a device is on."""
    found: list[range] = []
    for t, on in enumerate(pattern):
        if on and found and found[-1].stop == t:
            found[-1] = range(found[-1].start, t + 1)
        elif on:
            found.append(range(t, t + 1))
    return found


def with_fewer_starts(patterns: Sequence[Pattern]) -> Iterator[tuple[Pattern, ...]]:
    """Proposals: two that take turns less often; a run that stands alone beside the next or the last one.

    Those first in which what is on in the first step stays on: what can be had now may not come later.
    """

    def puts_off(proposal: Sequence[Pattern]) -> bool:
        return any(was[:1] == (True,) != then[:1] for was, then in zip(patterns, proposal, strict=True))

    now = starts(patterns)
    for proposal in sorted((*_in_turn(patterns), *_moved(patterns)), key=puts_off):
        if starts(proposal) < now:
            yield proposal


def _in_turn(patterns: Sequence[Pattern]) -> Iterator[tuple[Pattern, ...]]:
    """Where now one and now another of two is on without a break, two neighbouring turns are exchanged."""
    on = [_bits(pattern, value=True) for pattern in patterns]
    off = [_bits(pattern, value=False) for pattern in patterns]
    for p, q in combinations(range(len(patterns)), 2):
        # Of fifty cars there are a thousand pairs, nearly all of which never take turns.
        p_alone, q_alone = on[p] & off[q], on[q] & off[p]
        if not (p_alone << 1 & q_alone or q_alone << 1 & p_alone):
            continue
        only_p = tuple(a is True and b is False for a, b in zip(patterns[p], patterns[q], strict=True))
        only_q = tuple(a is False and b is True for a, b in zip(patterns[p], patterns[q], strict=True))
        turns = sorted([(r, p, q) for r in runs(only_p)] + [(r, q, p) for r in runs(only_q)], key=lambda t: t[0].start)
        for (one, first, second), (other, *_) in pairwise(turns):
            if one.stop == other.start:
                early = {*range(one.start, one.start + len(other))}
                late = {*range(one.start + len(other), other.stop)}
                yield _with(_with(patterns, second, early, late), first, late, early)


def _bits(pattern: Pattern, *, value: bool) -> int:
    """The steps in which it is ``value``, a bit each."""
    return sum(1 << t for t, on in enumerate(pattern) if on is value)


def _moved(patterns: Sequence[Pattern]) -> Iterator[tuple[Pattern, ...]]:
    for n, pattern in enumerate(patterns):
        stretches = runs(pattern)
        if not 1 < len(stretches) <= _RUNS:
            continue
        for one, other in pairwise(stretches):
            yield _with(patterns, n, {*range(other.start - len(one), other.start)}, {*one})
            yield _with(patterns, n, {*range(one.stop, one.stop + len(other))}, {*other})


def _with(patterns: Sequence[Pattern], n: int, on: set[int], off: set[int]) -> tuple[Pattern, ...]:
    """The same, but ``n`` is on and off in these steps; on outweighs off."""
    changed = tuple(was if was is None else t in on or (was and t not in off) for t, was in enumerate(patterns[n]))
    return tuple(changed if i == n else pattern for i, pattern in enumerate(patterns))
