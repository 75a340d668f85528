"""Finds a person's wish in what evcc told of its changes while we wrote: we may have overwritten it unseen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ems.contract.site import AlwaysCharge, LoadpointMode
from evcc_poller.domain.control.loadpoint.state import LoadpointTarget, WriteWindow
from evcc_poller.domain.observation import ToldChange
from evcc_poller.domain.parsing.loadpoint import SMART, mode_of


@dataclass(frozen=True, slots=True)
class OverwrittenWish:
    """What a person set and we overwrote; None where they set nothing, or where it stands."""

    mode: LoadpointMode | None = None
    always_charge: AlwaysCharge | None = None
    limit_soc_pct: int | None = None

    def on(self, ours: LoadpointTarget) -> LoadpointTarget:
        """What a person wants of a loadpoint that has ``ours``."""
        wanted = ours if self.mode is None else replace(ours, mode=self.mode, always_charge=self.always_charge)
        return wanted if self.limit_soc_pct is None else replace(wanted, limit_soc_pct=self.limit_soc_pct)


def overwritten(
    window: WriteWindow, told: Iterable[ToldChange], loadpoint: int, shows: LoadpointTarget
) -> OverwrittenWish | None:
    """What a person set for a moment in ``window``, while evcc now ``shows`` ours; None when all of it can be ours.

    Each source tells in evcc's own order, so that each is followed for itself: what is told last still stands.
    """
    changes = [change for change in told if change.loadpoint == loadpoint and change.at >= window.began]
    for source in dict.fromkeys(change.source for change in changes):
        wish = _followed(window, [change for change in changes if change.source == source], shows)
        if wish != OverwrittenWish():
            return wish
    return None


def _followed(window: WriteWindow, changes: Sequence[ToldChange], shows: LoadpointTarget) -> OverwrittenWish:
    had, wish = window.shows, OverwrittenWish()
    smart = had.always_charge is not None and had.mode in {LoadpointMode.PV, LoadpointMode.MINPV}
    word = SMART if smart else had.mode.value
    for change in changes:
        match change.setting:
            case "mode":
                word = change.value
            case "alwaysCharge" if change.value in set(AlwaysCharge):
                had = replace(had, always_charge=AlwaysCharge(change.value))
            case "limitSoc" if change.value.isdigit():
                had = replace(had, limit_soc_pct=min(int(change.value), 100))
        mode = mode_of(word, had.always_charge)
        if mode is None:
            continue  # evcc empties what it had told when it starts.
        had = replace(had, mode=mode)
        once = mode is LoadpointMode.MINPV and had.always_charge not in window.always_charge
        if (mode not in window.modes or once) and not had.mode_is_in(shows):
            wish = replace(wish, mode=mode, always_charge=had.always_charge)
        if had.limit_soc_pct not in window.limits and had.limit_soc_pct != shows.limit_soc_pct:
            wish = replace(wish, limit_soc_pct=had.limit_soc_pct)
    if had.mode not in window.modes:
        wish = replace(wish, mode=None, always_charge=None)
    return wish if had.limit_soc_pct in window.limits else replace(wish, limit_soc_pct=None)
