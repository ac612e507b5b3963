"""The audit log and the tokens of programs, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from routing.requests.api_tokens import ApiTokens, NoRoom, TokenView
from routing.requests.audit import Audit, AuditFilter, AuditRow

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def row(number: int, who: str = "olga", what: str = "tokens.make", subject: str = "crm") -> AuditRow:
    return AuditRow(f"{number:04}", NOON + timedelta(hours=number), "hotline", who, what, subject, None,
                    {"number": number, "text": "да\0"})


def token(number: int, name: str, days: float = 1) -> TokenView:
    return TokenView(f"t{number}", name, "operator", NOON, "admin", NOON + timedelta(days=days), None, None, None)


def test_audit__pages_by_time_and_filters(engine: Engine) -> None:
    audit = Audit(engine)
    audit.add([row(0), row(1, who="anna"), row(2, what="tokens_x"), row(3, what="tokens.withdraw"),
               row(4, what="login", subject="")])
    first = audit.page(AuditFilter(), None, 2)
    assert [one.id for one in first.items] == ["0004", "0003"]
    assert first.items[0].after == {"number": 4, "text": "да\ufffd"}
    assert first.items[0].before is None
    assert [one.id for one in audit.page(AuditFilter(), first.next_cursor, 2).items] == ["0002", "0001"]
    for wanted, ids in ((AuditFilter(who="anna"), ["0001"]), (AuditFilter(what="tokens."), ["0003", "0001", "0000"]),
                        (AuditFilter(what="tokens"), []), (AuditFilter(what="login"), ["0004"]),
                        (AuditFilter(subject=""), ["0004"]), (AuditFilter(who="a\0"), []),
                        (AuditFilter(since=NOON + timedelta(hours=3)), ["0004", "0003"]),
                        (AuditFilter(until=NOON + timedelta(hours=1)), ["0000"]),
                        (AuditFilter(what="%."), [])):
        assert [one.id for one in audit.page(wanted).items] == ids, wanted
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit WHERE before IS NULL")) == 5


def test_audit__forgets_what_is_old(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.requests.audit.AT_ONCE", 2)
    audit = Audit(engine)
    audit.add([row(number) for number in range(7)])
    assert audit.forget(NOON + timedelta(hours=5)) == 5
    assert [one.id for one in audit.page(AuditFilter()).items] == ["0006", "0005"]


def test_tokens__hold_until_they_end(engine: Engine) -> None:
    tokens = ApiTokens(engine)
    tokens.make(token(1, "crm"), "hl_secret")
    assert tokens.find("hl_secret", NOON + timedelta(hours=23)) == token(1, "crm")
    assert tokens.find("hl_secret", NOON + timedelta(days=1)) is None
    assert tokens.find("hl_other", NOON) is None
    tokens.used("t1", NOON + timedelta(hours=1))
    tokens.withdraw("t1", "olga", NOON + timedelta(hours=2))
    tokens.withdraw("t1", "anna", NOON + timedelta(hours=3))
    assert tokens.find("hl_secret", NOON) is None
    kept = tokens.get("t1")
    assert kept is not None
    assert (kept.last_used_at, kept.withdrawn_at, kept.withdrawn_by) == (
        NOON + timedelta(hours=1), NOON + timedelta(hours=2), "olga")
    assert tokens.all() == (kept,)
    assert tokens.forget(NOON + timedelta(hours=2)) == 0
    assert tokens.forget(NOON + timedelta(hours=3)) == 1
    assert tokens.get("t1") is None


def test_tokens__one_of_a_name_and_so_many_in_all(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.requests.api_tokens.MOST", 2)
    tokens = ApiTokens(engine)
    tokens.make(token(1, "crm"), "hl_1")
    with pytest.raises(NoRoom):
        tokens.make(token(2, "crm"), "hl_2")
    tokens.make(token(2, "cti"), "hl_2")
    with pytest.raises(NoRoom):
        tokens.make(token(3, "bot"), "hl_3")
    tokens.withdraw("t1", "admin", NOON)
    tokens.make(token(3, "crm"), "hl_3")
