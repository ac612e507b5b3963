"""Digest: the RFCs' own numbers, our client against our server, replays, old nonces."""

import random
from collections.abc import Mapping

import pytest

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.sip.message import digest
from ivr.sip.message.digest import DigestServer, Outcome, Verdict, answer_challenge, authorize, ha1_md5, ha1_sha256
from ivr.sip.message.headers import parse_auth
from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import parse_uri

REALM = "hotline"
STORED = {("anna", "MD5"): ha1_md5("anna", REALM, "geheim"), ("anna", "SHA-256"): ha1_sha256("anna", REALM, "geheim")}


class FixedIds(Ids):
    """Hands out one token: for the examples of the RFCs, which name their cnonce."""

    def __init__(self, token: str) -> None:
        super().__init__(random.Random(1).randbytes)
        self._token = token

    def token(self, size: int = 8) -> str:
        return self._token


def ids() -> Ids:
    return Ids(random.Random(7).randbytes)


def ha1_of(username: str, algorithm: str) -> str | None:
    return STORED.get((username, algorithm))


def request(*fields: tuple[str, str], method: str = "REGISTER") -> Request:
    made = Request(method, parse_uri("sip:hotline.example"))
    for name, value in fields:
        made.headers.add(name, value)
    return made


def answered(challenges: list[str], nonce_count: int = 1, secret: str | Mapping[str, str] = "geheim",
             user: str = "anna") -> Request:
    value = answer_challenge(challenges, "REGISTER", "sip:hotline.example", user, secret, ids(), nonce_count)
    assert value is not None
    return request(("Authorization", value))


def unqualified(challenge: str, password: str = "geheim") -> Request:
    """What pyVoIP answers: MD5 whatever was asked, no qop, and a URI of its own making."""
    nonce = parse_auth(challenge)["nonce"]
    given = {"nonce": nonce, "uri": "sip:hotline.example;transport=UDP"}
    response = digest._response("MD5", ha1_md5("anna", REALM, password), "REGISTER", given)
    return request(("Authorization", f'Digest username="anna",realm="{REALM}",nonce="{nonce}",'
                    f'uri="sip:hotline.example;transport=UDP",response="{response}",algorithm=MD5'))


@pytest.mark.parametrize(("algorithm", "response"), [     # RFC 7616 §3.9.1
    ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
])
def test_client__example_of_rfc_7616(algorithm: str, response: str) -> None:
    challenge = (f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
                 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
                 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"')
    value = answer_challenge([challenge], "GET", "/dir/index.html", "Mufasa", "Circle of Life",
                             FixedIds("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"))
    assert value is not None
    given = parse_auth(value)
    assert given["response"] == response
    assert given["opaque"] == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
    assert (given["qop"], given["nc"], given["algorithm"]) == ("auth", "00000001", algorithm)


def test_client__example_of_rfc_2617_without_algorithm() -> None:
    challenge = ('Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
                 'opaque="5ccc069c403ebaf9f0171e9517f40e41"')
    value = answer_challenge([challenge], "GET", "/dir/index.html", "Mufasa", "Circle Of Life", FixedIds("0a4f113b"))
    assert value is not None
    assert 'response="6629fae49393a05397450978507c4ef1"' in value
    assert "algorithm" not in value


def test_client__without_qop_as_in_rfc_2069_with_its_erratum() -> None:
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    value = answer_challenge([challenge], "GET", "/dir/index.html", "Mufasa", "CircleOfLife", ids())
    assert value is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "nc=" not in value


def test_client__takes_the_strongest_it_can_answer() -> None:
    md5, sha, long = (f'Digest realm="r", nonce="{name}", qop="auth", algorithm={name}'
                      for name in ("MD5", "SHA-256", "SHA-512-256"))

    def chosen(challenges: list[str], secret: str | Mapping[str, str]) -> str | None:
        value = answer_challenge(challenges, "INVITE", "sip:x", "anna", secret, ids())
        return None if value is None else parse_auth(value)["algorithm"]

    assert chosen([md5, sha], "pw") == "SHA-256"
    assert chosen([md5, sha, long], "pw") == digest._KNOWN[0]
    assert chosen([md5, sha, long], {"MD5": "0" * 32}) == "MD5"
    assert chosen([sha], {"MD5": "0" * 32}) is None
    assert chosen(["Basic realm=x", md5.replace("=MD5", "=MD5-sess"), sha.replace('"auth"', '"auth-int"'), "Digest (",
                   "Digest nonce=x", 'Digest realm="r"', 'Digest realm="r", realm="s"'], "pw") is None
    assert chosen([], "pw") is None


@pytest.mark.parametrize(("status", "asked", "name"), [
    (401, "WWW-Authenticate", "Authorization"), (407, "Proxy-Authenticate", "Proxy-Authorization")])
def test_client__authorize_answers_in_the_field_that_belongs_to_the_status(status: int, asked: str, name: str) -> None:
    response = Response(status, "")
    for challenge in DigestServer(REALM, ids()).challenges(0.0):
        response.headers.add(asked, challenge)
    field = authorize(request(), response, "anna", "geheim", ids())
    assert field is not None
    assert field[0] == name
    assert parse_auth(field[1])["uri"] == "sip:hotline.example"
    assert authorize(request(), Response(status, ""), "anna", "geheim", ids()) is None


def test_server__offers_sha256_first_and_md5() -> None:
    challenges = [parse_auth(value) for value in DigestServer(REALM, ids()).challenges(5.0)]
    assert [challenge["algorithm"] for challenge in challenges] == ["SHA-256", "MD5"]
    assert {challenge["qop"] for challenge in challenges} == {"auth"}
    assert not any("stale" in challenge for challenge in challenges)
    assert all(value.endswith("stale=true") for value in DigestServer(REALM, ids()).challenges(5.0, stale=True))


@pytest.mark.parametrize(("user_agent", "algorithms"), [
    ("baresip v1.0.0 (x86_64/linux)", ["MD5"]), ("baresip v3.10.1 (x86_64/Linux)", ["MD5"]),
    ("baresip v3.11.0 (x86_64/Linux)", ["SHA-256", "MD5"]), ("baresip v10.0.0", ["SHA-256", "MD5"]),
    ("baresip", ["SHA-256", "MD5"]), ("baresip v", ["SHA-256", "MD5"]), ("baresip vx.y", ["SHA-256", "MD5"]),
    ("", ["SHA-256", "MD5"]), ("Linphone v1.0", ["SHA-256", "MD5"]),
])
def test_challenge_of_a_phone_that_gives_up_at_sha256(user_agent: str, algorithms: list[str]) -> None:
    challenges = DigestServer(REALM, ids()).challenges(5.0, user_agent=user_agent)
    assert [parse_auth(value)["algorithm"] for value in challenges] == algorithms


@pytest.mark.parametrize("which", [slice(0, 1), slice(1, 2), slice(0, 2)])
def test_server__accepts_either_algorithm(which: slice) -> None:
    server = DigestServer(REALM, ids())
    assert server.verify(answered(server.challenges(5.0)[which]), ha1_of, 6.0) == Verdict(Outcome.GOOD, "anna")


def test_server__accepts_stored_ha1_of_the_client_and_either_field() -> None:
    server = DigestServer(REALM, ids())
    made = answered(server.challenges(5.0), secret={"SHA-256": STORED["anna", "SHA-256"]})
    other = request(("Authorization", 'Digest realm="elsewhere"'), ("Authorization", "Basic x=y"),
                    ("Proxy-Authorization", made.headers.get("Authorization") or ""))
    assert server.verify(other, ha1_of, 6.0).outcome is Outcome.GOOD


def test_server__wrong_password_or_name_is_bad() -> None:
    server = DigestServer(REALM, ids())
    wrong, unknown = answered(server.challenges(5.0), secret="falsch"), answered(server.challenges(5.0), user="otto")
    assert server.verify(wrong, ha1_of, 6.0) == Verdict(Outcome.BAD, "anna")
    assert server.verify(unknown, ha1_of, 6.0) == Verdict(Outcome.BAD, "otto")


@pytest.mark.parametrize("method", ["INVITE", "register"])
def test_server__an_answer_for_another_method_is_bad(method: str) -> None:
    server = DigestServer(REALM, ids())
    made = answered(server.challenges(5.0))
    made.method = method
    assert server.verify(made, ha1_of, 6.0).outcome is Outcome.BAD


def test_server__no_credentials_for_us() -> None:
    server = DigestServer(REALM, ids())
    for fields in ((), (("Authorization", "NoOneKnowsThisScheme opaque-data=here"),),
                   (("Authorization", 'Digest realm="other", username="anna"'),)):
        assert server.verify(request(*fields), ha1_of, 6.0).outcome is Outcome.ABSENT


def test_server__unreadable_credentials() -> None:
    with pytest.raises(PeerError) as caught:
        DigestServer(REALM, ids()).verify(request(("Authorization", "Digest a=b, a=c")), ha1_of, 6.0)
    assert caught.value.status == 400


@pytest.mark.parametrize(("old", "new"), [
    ("qop=auth", "qop=auth-int"), ("nc=00000001", "nc=1"), ("nc=00000001", "nc=00000000"),
    ("nc=00000001", "nc=0000000x"),
    ("nc=00000001", "nc=+0000001"), ("nc=00000001", "nc=00000002"), ("cnonce=", "xnonce="), ("response=", "xresponse="),
    ("algorithm=SHA-256", "algorithm=SHA-256-sess"), ("algorithm=SHA-256", "algorithm=x"), ("qop=auth, ", ""),
    ('response="', 'response="é'), ("nonce=", "xnonce="), ('username="anna"', 'username="é"'),
])
def test_server__altered_credentials_are_bad(old: str, new: str) -> None:
    server = DigestServer(REALM, ids())
    value = answered(server.challenges(5.0)).headers.get("Authorization") or ""
    assert old in value
    assert server.verify(request(("Authorization", value.replace(old, new))), ha1_of, 6.0).outcome is Outcome.BAD


def test_server__nonce_expires_after_a_minute() -> None:
    server = DigestServer(REALM, ids())
    made = answered(server.challenges(5.0))
    assert server.verify(made, ha1_of, 65.1).outcome is Outcome.STALE
    assert server.verify(made, ha1_of, 65.0).outcome is Outcome.GOOD
    assert server.verify(answered(server.challenges(5.0), secret="falsch"), ha1_of, 65.1).outcome is Outcome.BAD


def test_server__nonce_of_another_process_or_a_forged_one_is_stale() -> None:
    server, other = DigestServer(REALM, ids()), DigestServer(REALM, Ids(random.Random(8).randbytes))
    assert server.verify(answered(other.challenges(5.0)), ha1_of, 6.0).outcome is Outcome.STALE
    for nonce in ("", "x", "0" * 52, "é" * 52):
        made = answered([f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5'])
        assert server.verify(made, ha1_of, 6.0).outcome is Outcome.STALE


def test_server__a_counter_counts_once_in_any_order() -> None:
    server = DigestServer(REALM, ids())
    challenges = server.challenges(5.0)
    outcomes = [(count, server.verify(answered(challenges, count), ha1_of, 6.0).outcome)
                for count in (1, 3, 2, 3, 2, 100, 37, 36, 99, 2**32 - 1, 101)]
    good = [count for count, outcome in outcomes if outcome is Outcome.GOOD]
    assert good == [1, 3, 2, 100, 37, 99, 2**32 - 1]
    assert {outcome for _, outcome in outcomes} == {Outcome.GOOD, Outcome.STALE}


def test_server__pyvoip_answers_without_qop_are_taken_once_per_nonce() -> None:
    server = DigestServer(REALM, ids())
    challenges = server.challenges(5.0)
    made = unqualified(challenges[0])
    assert server.verify(unqualified(challenges[0], "falsch"), ha1_of, 6.0).outcome is Outcome.BAD
    assert server.verify(made, ha1_of, 6.0) == Verdict(Outcome.GOOD, "anna")
    assert server.verify(made, ha1_of, 6.0).outcome is Outcome.STALE
    assert server.verify(answered(challenges, 5), ha1_of, 6.0).outcome is Outcome.STALE


def test_server__no_downgrade_to_an_answer_without_qop_on_a_nonce_in_use() -> None:
    server = DigestServer(REALM, ids())
    challenges = server.challenges(5.0)
    assert server.verify(answered(challenges), ha1_of, 6.0).outcome is Outcome.GOOD
    assert server.verify(unqualified(challenges[0]), ha1_of, 6.0).outcome is Outcome.STALE


def test_server__forgotten_nonces_are_stale_and_the_table_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MAX_NONCES", 3)
    server = DigestServer(REALM, ids())
    issued = [server.challenges(5.0 + step) for step in range(6)]
    for challenges in issued[1:5]:      # the fourth pushes the first of them out
        assert server.verify(answered(challenges), ha1_of, 12.0).outcome is Outcome.GOOD
    assert len(server._used) == 3
    assert server.verify(answered(issued[1]), ha1_of, 12.0).outcome is Outcome.STALE      # would be a replay
    assert server.verify(answered(issued[0]), ha1_of, 12.0).outcome is Outcome.STALE      # older, so refused with it
    assert server.verify(answered(issued[2], 2), ha1_of, 12.0).outcome is Outcome.GOOD    # still remembered
    assert server.verify(answered(issued[5]), ha1_of, 12.0).outcome is Outcome.GOOD       # younger
    assert len(server._used) == 3


def test_server__expired_nonces_leave_the_table() -> None:
    server = DigestServer(REALM, ids())
    for step in range(5):
        assert server.verify(answered(server.challenges(step * 1.0)), ha1_of, step * 1.0).outcome is Outcome.GOOD
    assert server.verify(answered(server.challenges(200.0)), ha1_of, 200.0).outcome is Outcome.GOOD
    assert len(server._used) == 1
