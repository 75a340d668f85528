"""What a learner knows better: kW to add to the expected net load, as seen at one slot."""

from typing import Protocol

from ems.forecast.history_grid import Floats


class Correction(Protocol):
    """Corrects the expected net load of the slots ahead.

    Causal and pure: what it says at a slot depends on nothing that was measured at that slot or later, and the same
    question has the same answer.
    """

    def ahead_kw(self, slot: int, expected_kw: Floats) -> Floats:
        """What to add in kW to the expected net load of ``slot`` and of the slots after it.

        Args:
            slot: of the past's grid, at whose start is decided.
            expected_kw: net load as foreseen at that moment, one value a slot, the first one for ``slot``.

        Returns:
            One finite value a slot; 0 where there is nothing to correct.
        """
        ...
