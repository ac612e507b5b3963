"""All rules of the check: a new one is a function of a Subject, a row here, and rows of `ivr.base.findings`."""

from ivr.base.errors import Fault
from ivr.menu.lint.copied_texts import menus_alike
from ivr.menu.lint.languages import titles_missing, unchosen_languages
from ivr.menu.lint.left_requests import odd_numbers, requests_to_nobody, requests_without_end, withheld_numbers
from ivr.menu.lint.named_keys import dead_keys, unnamed_options
from ivr.menu.lint.options import key_delays, short_times, too_many_options
from ivr.menu.lint.orders import orders_of_nobody, orders_of_strangers
from ivr.menu.lint.queues import failures_to_nobody, nobody_skilled, wrong_languages
from ivr.menu.lint.speaking_time import late_first_options, long_guarded_prompts, too_long_menus
from ivr.menu.lint.subject import Rule, Subject
from ivr.menu.lint.surveys import silent_ways_into_queues
from ivr.menu.lint.typed_ahead import secrets_typed_ahead
from ivr.menu.lint.unreached import unreachable_menus, unused_prompts
from ivr.menu.lint.ways_out import no_way_out, person_too_far

RULES: tuple[Rule, ...] = (
    unreachable_menus,
    unused_prompts,
    no_way_out,
    person_too_far,
    key_delays,
    too_many_options,
    short_times,
    too_long_menus,
    late_first_options,
    long_guarded_prompts,
    unnamed_options,
    dead_keys,
    menus_alike,
    wrong_languages,
    failures_to_nobody,
    nobody_skilled,
    unchosen_languages,
    titles_missing,
    orders_of_nobody,
    orders_of_strangers,
    secrets_typed_ahead,
    requests_to_nobody,
    requests_without_end,
    withheld_numbers,
    odd_numbers,
    silent_ways_into_queues,
)


def lint(subject: Subject) -> list[Fault]:
    """Every warning about a menu file, in the order of the file."""
    found = [fault for rule in RULES for fault in rule(subject)]
    return sorted(found, key=lambda fault: (fault.place, fault.code))
