"""What English words mean to the grammar. An underscore is a space between two words of one phrase."""

from notifier.domain.language.facts import Offset, Part
from notifier.domain.language.tokens import Kind
from notifier.domain.language.understood import Intent, Unclear

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PARTS = {
    Part.MORNING: "morning in_the_morning early_morning early_in_the_morning first_thing first_thing_in_the_morning "
    "early",
    Part.FORENOON: "forenoon in_the_forenoon late_morning",
    Part.NOON: "noon midday mid_day at_noon at_midday high_noon 12_noon",
    Part.AFTERNOON: "afternoon in_the_afternoon",
    Part.EVENING: "evening in_the_evening",
    Part.NIGHT: "night at_night in_the_night in_the_middle_of_the_night",
}

_FULL = (
    "full fully as_full_as_possible fully_charged full_charge "
    "full_battery completely_full all_the_way all_the_way_up charge_fully "
    "topped_up completely fill_it_up fill_her_up fill_up fill_it to_the_brim to_the_max top_it_up top_up "
    "full_tank brimmed"
)
_HALF_FULL = "half_full half_charge half_charged half_a_charge halfway"

WORDS: dict[Kind, dict[str, object]] = {
    Kind.WEEKDAY: {
        **{name: number for number, name in enumerate(_WEEKDAYS)},
        **{name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
        "tues": 1,
        "weds": 2,
        "thur": 3,
        "thurs": 3,
    },
    Kind.MONTH: {
        "january": 1,
        "jan": 1,
        "february": 2,
        "feb": 2,
        "march": 3,
        "mar": 3,
        "apr": 4,
        "may": 5,
        "june": 6,
        "jun": 6,
        "july": 7,
        "jul": 7,
        "aug": 8,
        "sep": 9,
        "sept": 9,
        "october": 10,
        "oct": 10,
        "nov": 11,
        "december": 12,
        "dec": 12,
    },
    Kind.PART: {
        **{word: part for part, words in _PARTS.items() for word in words.split()},
        "tonight": Part.TONIGHT,
        "tonite": Part.TONIGHT,
    },
    Kind.AHEAD: {
        "today": 0,
        **dict.fromkeys(("tomorrow", "tmrw", "tmr", "tomoz", "tmw"), 1),
        **dict.fromkeys(("day_after_tomorrow", "overmorrow"), 2),
    },
    Kind.FULL: dict.fromkeys(_FULL.split(), 100),
    Kind.SOC: {
        **dict.fromkeys(_HALF_FULL.split(), 50),
        **dict.fromkeys(("quarter_full", "a_quarter_full"), 25),
        **dict.fromkeys(("three_quarters_full", "three_quarter_full"), 75),
    },
    Kind.SPAN: {},
    Kind.OFFSET: {"summer_time": Offset(fold=0), "winter_time": Offset(fold=1)},
}

KINDS: dict[Kind, str] = {
    Kind.ONE: "a an",
    Kind.AT: "at around about roughly approximately approx at_around at_about round at_roughly around_about from_about",
    Kind.BY: "by until till til before by_around by_about no_later_than not_later_than by_latest up_until "
    "by_no_later_than at_the_latest_by at_the_latest_at latest_by latest_at not_after",
    Kind.TO: "to up_to upto into",
    Kind.ON: "on the on_the by_the for_the until_the till_the before_the",
    Kind.IN: "in within in_about in_around in_approximately",
    Kind.FROM: "from",
    Kind.INSTEAD: "instead_of rather_than",
    Kind.CUE: "at_least at_most minimum_of maximum_of min_of no_more_than not_more_than no_less_than not_less_than "
    "target goal with battery charge_level level to_at_least up_to_at_least to_about to_around to_at_most "
    "to_max up_to_about state_of_charge target_soc set_to",
    Kind.ONLY: "only just",
    Kind.ENOUGH: "is_enough are_enough enough is_fine are_fine suffices is_sufficient will_do would_do "
    "would_be_enough is_plenty will_be_enough should_be_enough is_ok is_okay would_be_fine is_good "
    "is_all_i_need will_suffice does_it is_good_enough that's_enough sufficient plenty should_do_it "
    "should_do would_be_plenty will_be_fine",
    Kind.PERCENT: "percent per_cent pct perc pc",
    Kind.OCLOCK: "o'clock oclock o_clock hundred_hours",
    Kind.HOURS: "hour hours hr hrs",
    Kind.MINUTES: "minute minutes min mins",
    Kind.DAYS: "day days",
    Kind.WEEKS: "week weeks",
    Kind.NACH: "past",
    Kind.OR: "or",
    Kind.AND: "and",
    Kind.HALF: "half",
    Kind.QUARTER: "quarter a_quarter",
    Kind.QUARTERS3: "three_quarters three_quarter",
    Kind.WEEKEND: "weekend this_weekend the_weekend at_the_weekend on_the_weekend over_the_weekend for_the_weekend "
    "by_the_weekend",
    Kind.NEXTWEEK: "next_week of_next_week",
    Kind.NEXT: "next",
    Kind.THIS: "this coming this_coming the_coming upcoming",
    Kind.MIDNIGHT: "midnight at_midnight 12_midnight",
}

WISHES: dict[Intent, str] = {
    Intent.YES: "yes yeah yep yup sure okay alright all_right fine yes_please right correct",
    Intent.NO: "no nope nah no_thanks no_thank_you not_now",
    Intent.CANCEL: "cancel abort stop off forget_it forget_about_it never_mind nevermind no_goal delete delete_goal "
    "remove none undo clear don't_charge do_not_charge dont_charge don't stop_charging no_charging "
    "scrap_that cancel_it cancel_that",
    Intent.NO_HURRY: "no_hurry no_rush not_in_a_hurry whenever any_time anytime doesn't_matter does_not_matter "
    "don't_care i_don't_care some_time sometime no_stress no_deadline no_departure don't_mind any "
    "it_doesn't_matter whenever_you_like whenever_it's_cheap whenever_it_is_cheap when_it's_cheap "
    "when_it_is_cheap take_your_time there's_no_rush there_is_no_rush there_is_no_hurry i'm_not_in_a_hurry "
    "in_no_hurry in_no_rush i_don't_mind don't_know i_don't_know not_sure",
    Intent.NOW: "asap now right_now immediately as_soon_as_possible right_away straight_away at_once charge_now "
    "as_fast_as_possible as_quickly_as_possible quickly",
    Intent.STATUS: "status what's_the_status what_is_the_status how_full how_full_is_it how_full_is_the_car state "
    "show_status how_full_is_my_car current_status",
    Intent.HELP: "help what_can_you_do what_can_i_say help_me commands how_does_this_work",
}

BLOCKS: dict[Unclear, str] = {
    Unclear.RECURRING: "every each daily always weekdays weekday mondays tuesdays wednesdays thursdays fridays "
    "saturdays sundays weekly usually weeknights everyday",
    Unclear.NOT_A_RANGE: "km kms kilometers kilometres mile miles range kwh kw euro euros dollars dollar cents "
    "degrees amps",
    Unclear.PAST: "yesterday was were had ago last",
    Unclear.NONSENSE: "not never after without except unless if once after after_work when between one_night almost "
    "nearly less more later soon earlier shortly empty back home return arrive arriving arrival currently "
    "is it_is it's_at has million thousand few a_few several couple a_couple than but shortly_before "
    "just_before just_after a_couple_of a_bit",
}

FILLER = (
    "i'm_off we're_off please pls plz thanks thank_you thx ta "
    "cheers hello hi hey good_morning good_evening good_afternoon dear "
    "regards kindly i we you he she it me us my our your his her its i'd i'll we'll we'd i'm we're let's need "
    "needs need_it need_to needed want wants want_it want_to wanted would should could can can_you could_you "
    "would_you would_like i'd_like like will_be shall must have_to have_it have_the_car have_my_car have_the "
    "have_her got_to gotta gonna going going_to will be to_be should_be needs_to_be has_to_be must_be ready "
    "charge charged charging recharge juice power top car vehicle ev auto battery_to fill filled get make_it "
    "make sure make_sure set put give aim leave leaves leaving leave_at depart departs departing departure "
    "departure_at departure_time head heading off_to drive driving go going_out set_off heading_out head_out "
    "heading_off take_off out pick pickup use using take taking trip work to_work for_work "
    "school airport to_the_airport for_the_airport the_airport station office to_the_office town for that's "
    "this_time is_needed time actually really rather maybe then so just_about well ok_then there and_then also "
    "latest at_the_latest the_latest sharp exactly on_the_dot prompt from_now from_now_on if_possible "
    "if_you_can would_be_great would_be_nice would_be_good would_be_perfect would_be_lovely great nice perfect "
    "good lovely much very as of sec by_then it_to it_up it_at up do_it do finish finished finishing done "
    "complete completed available by_departure that do_that have_it_ready have_it_at have_it_charged gets "
    "getting we_need i_need these three_ish"
)
