"""Goals as they are spoken of, and why words about them were not understood."""

from ems.contract.people import Goal
from notifier.domain.goal_rules import GoalRequest
from notifier.domain.language.understood import Unclear
from notifier.domain.wording.goals import GoalIs, GoalTaken
from notifier.domain.wording.remarks import Remark

UNCLEAR = {
    Unclear.NONSENSE: Remark.NOT_UNDERSTOOD,
    Unclear.PAST: Remark.MOMENT_PASSED,
    Unclear.TOO_FAR: Remark.TOO_FAR_AHEAD,
    Unclear.NOT_A_SOC: Remark.NOT_A_SOC,
    Unclear.RECURRING: Remark.NOT_EVERY_WEEK,
    Unclear.NOT_A_RANGE: Remark.NOT_A_RANGE,
}
"""What is said of words that mean nothing."""


def goal_is(car: str, goal: Goal | None) -> GoalIs:
    """What a car's goal is now."""
    return GoalIs(car) if goal is None else GoalIs(car, goal.soc_pct, goal.departure, goal.asked_by)


def goal_taken(car: str, request: GoalRequest, goal: Goal | None) -> GoalTaken:
    """What was understood; and what counts, when somebody else needs more or earlier."""
    mine = GoalIs(car, request.soc_pct, request.departure, request.asked_by)
    if goal is None or (goal.soc_pct, goal.departure) == (mine.soc_pct, mine.departure):
        return GoalTaken(mine)
    return GoalTaken(mine, goal_is(car, goal))
