"""Who may call from the page without a login, in virtual time."""

import pytest

from desk.phone.try_limit import ADDRESSES, SOCKETS, TryLimit
from ivr.base.config import Config
from ivr.base.config_checks import check


def limit(**web: object) -> TryLimit:
    return TryLimit(Config.model_validate({
        "lines": [{"numbers": ["100", "101"], "menu": "bank.yaml"}, {"numbers": ["200"], "menu": "bank.yaml"}],
        "web": web, "operators": {"anna": {}}, "queues": {"cards": {"operators": ["anna"]}}}))


@pytest.mark.parametrize(("web", "host", "is_open"), [
    ({}, "127.0.0.1:8080", True), ({}, "localhost:8080", True), ({}, "[::1]:8080", True),
    ({}, "hotline.example", False), ({}, "", False), ({}, "[", False), ({}, "127.0.0.1.evil.example", False),
    ({"behind_proxy": True}, "127.0.0.1:8080", False), ({"listen": "10.0.0.1:8080"}, "10.0.0.1:8080", False),
    ({"listen": "10.0.0.1:8080", "try_page": {"open_to": "anybody"}}, "hotline.example", True),
    ({"try_page": {"open_to": "nobody"}}, "127.0.0.1:8080", False)])
def test_open__to_this_machine_unless_somebody_says_otherwise(web: dict[str, object], host: str, is_open: bool) -> None:
    assert limit(**web).is_open(host) is is_open


def test_calls__of_one_address_within_a_minute() -> None:
    tried = limit(try_page={"calls_per_minute": 3})
    assert [tried.obstacle("10.0.0.1", "100", 0, 10.0) for _ in range(3)] == [None] * 3
    code, _ = tried.obstacle("10.0.0.1", "100", 0, 11.0) or ("", "")
    assert code == "too_often"
    assert tried.obstacle("10.0.0.2", "100", 0, 11.0) is None
    assert tried.obstacle("10.0.0.1", "100", 0, 31.0) is None
    assert [tried.obstacle(f"2001:db8::{number:x}", "100", 0, 40.0) is None for number in range(4)] == [
        True, True, True, False]


def test_calls__at_one_time_and_to_lines_alone() -> None:
    tried = limit(try_page={"max_calls": 2})
    assert tried.lines == ("100", "200")
    assert (tried.obstacle("10.0.0.1", "100", 2, 0.0) or [""])[0] == "too_many_calls"
    assert (tried.obstacle("10.0.0.1", "anna", 0, 0.0) or [""])[0] == "not_a_line"
    assert tried.obstacle("10.0.0.1", "101", 0, 0.0) is None
    named = limit(try_page={"lines": "200"})
    assert (named.obstacle("10.0.0.1", "100", 0, 0.0) or [""])[0] == "not_a_line"
    assert named.obstacle("10.0.0.1", "200", 0, 0.0) is None


def test_config__lines_that_are_none() -> None:
    (fault,) = [found for found in check(Config.model_validate({
        "lines": [{"numbers": ["100"], "menu": "bank.yaml"}], "web": {"try_page": {"lines": ["100", "999"]}},
        "operators": {"anna": {}}, "queues": {"cards": {"operators": ["anna"]}}})) if found.code == "line-unknown"]
    assert (fault.path, fault.message) == (("web", "try_page", "lines", 1), "there is no line 999")


def test_sockets__of_one_address_and_what_is_kept() -> None:
    tried = limit()
    assert [tried.enter("10.0.0.1") for _ in range(SOCKETS + 1)] == [True] * SOCKETS + [False]
    tried.leave("10.0.0.1")
    assert tried.enter("10.0.0.1")
    for number in range(ADDRESSES + 10):
        tried.obstacle(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "100", 0, 0.0)
    assert len(tried._calls) == ADDRESSES
