"""What is stretched for a fast clock."""

from ems.demo.pace import Pace


def test_at_real_speed_nothing_is_stretched_and_at_high_speed_real_delays_are_allowed_for() -> None:
    real, fast = Pace(1), Pace(288)
    assert (real.lease_s, real.stale_s, real.planner_stale_s) == (60, 60, 120)
    assert fast.lease_s == 576
    assert fast.lease_s > 30 + fast.stale_s, "a refresh may come as late as a poll"
