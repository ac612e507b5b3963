"""Which digest phones are asked for: the order is the admin's, and what is not asked for proves nothing."""

import pytest

from tests.sip.rig import ACCOUNTS, Rig, authorization, request, with_settings


def challenged(digests: tuple[str, ...]) -> tuple[Rig, list[str]]:
    rig = Rig(with_settings(accounts=ACCOUNTS, digests=digests))
    rig.receive(request("REGISTER", user="op1", uri="sip:198.51.100.1").replace("<sip:100@", "<sip:op1@"))
    (refused,) = rig.responses()
    found = [part.split("algorithm=")[1].split(",")[0] for part in refused.headers.all("WWW-Authenticate")]
    return rig, found


@pytest.mark.parametrize("digests", [("SHA-256", "MD5"), ("MD5", "SHA-256"), ("MD5",), ("SHA-256",)])
def test_digests_are_offered_in_the_order_given(digests: tuple[str, ...]) -> None:
    assert challenged(digests)[1] == list(digests)


@pytest.mark.parametrize(("digests", "status"), [(("SHA-256", "MD5"), 200), (("SHA-256",), 401)])
def test_an_answer_with_md5_counts_only_where_md5_is_taken(digests: tuple[str, ...], status: int) -> None:
    rig, _ = challenged(digests)
    first = rig.responses()[0]
    values = [value.replace("SHA-256", "MD5") for value in first.headers.all("WWW-Authenticate")][-1:]
    first.headers.set("WWW-Authenticate", values[0])
    again = request("REGISTER", user="op1", uri="sip:198.51.100.1").replace("<sip:100@", "<sip:op1@")
    rig.receive(again.replace("CSeq: 1", "CSeq: 2").replace("c11REGISTER", "2").replace(
        "Content-Length", authorization(first, "op1", "secret", "MD5") + "Content-Length"))
    assert rig.statuses() == [401, status]
