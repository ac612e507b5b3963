"""The first start makes secrets; later ones read them; nobody else can."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.drivers.first_passwords import read
from ivr.drivers.passwords import database_url
from ivr.drivers.secrets_file import first_password, open_secrets


def config(folder: Path, **changes: Any) -> Config:
    shape: dict[str, Any] = {
        "state_dir": str(folder / "var"), "lines": [{"numbers": "100", "menu": "bank.yaml"}],
        "operators": {"anna": {}, "boris": {}}, "accounts": {"softphone": {}},
    }
    return Config.model_validate(shape | changes)


def passwords(folder: Path) -> dict[tuple[str, str], str]:
    return {(one.owner, one.use): one.password for one in read(folder / "var" / "first-passwords.txt")}


ALL = {("anna", "phone"), ("boris", "phone"), ("softphone", "phone"), ("admin", "web"), ("anna", "web"),
       ("boris", "web")}


def test_secrets__first_start_makes_one_password_each(tmp_path: Path) -> None:
    opened = open_secrets(config(tmp_path), {})
    made = passwords(tmp_path)
    assert set(made) == ALL == {(one.owner, one.use) for one in opened.made}
    assert len(set(made.values())) == len(ALL)
    assert all(len(password) == 16 for password in made.values())
    assert opened.passwords_file == tmp_path / "var" / "first-passwords.txt"


def test_secrets__files_and_folder_are_private(tmp_path: Path) -> None:
    open_secrets(config(tmp_path), {})
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
    assert modes == {"secrets.json": 0o600, "api-token": 0o600, "first-passwords.txt": 0o600}
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_secrets__ha1_is_that_of_the_rfc(tmp_path: Path) -> None:
    """RFC 7616 §3.4.2: H(username:realm:password)."""
    secrets = open_secrets(config(tmp_path), {}).secrets
    text = f"anna:hotline:{passwords(tmp_path)['anna', 'phone']}".encode()
    assert secrets.sip["anna"].ha1_md5 == hashlib.md5(text).hexdigest()
    assert secrets.sip["anna"].ha1_sha256 == hashlib.sha256(text).hexdigest()


def test_secrets__web_login_takes_its_password_and_no_other(tmp_path: Path) -> None:
    secrets = open_secrets(config(tmp_path), {}).secrets
    made = passwords(tmp_path)
    assert secrets.web["admin"].accepts(made["admin", "web"])
    assert secrets.web["anna"].accepts(made["anna", "web"])
    assert not secrets.web["anna"].accepts(made["anna", "phone"])
    assert not secrets.web["anna"].accepts("")
    assert (secrets.web["admin"].role, secrets.web["anna"].role) == ("admin", "operator")


def test_secrets__second_start_reads_the_same_and_writes_nothing(tmp_path: Path) -> None:
    first = open_secrets(config(tmp_path), {})
    (tmp_path / "var" / "first-passwords.txt").unlink()
    before = (tmp_path / "var" / "secrets.json").stat()
    second = open_secrets(config(tmp_path), {})
    assert second.secrets == first.secrets
    assert second.made == ()
    assert (tmp_path / "var" / "secrets.json").stat().st_mtime_ns == before.st_mtime_ns
    assert not (tmp_path / "var" / "first-passwords.txt").exists()


def test_secrets__new_operator_gets_passwords_and_the_others_keep_theirs(tmp_path: Path) -> None:
    first = open_secrets(config(tmp_path), {})
    before = passwords(tmp_path)
    second = open_secrets(config(tmp_path, operators={"anna": {}, "boris": {}, "clara": {}}), {})
    assert {(one.owner, one.use) for one in second.made} == {("clara", "phone"), ("clara", "web")}
    assert passwords(tmp_path).items() > before.items()
    assert second.secrets.sip["anna"] == first.secrets.sip["anna"]


def test_secrets__removed_operator_is_forgotten_everywhere(tmp_path: Path) -> None:
    open_secrets(config(tmp_path), {})
    old = passwords(tmp_path)["boris", "web"]
    secrets = open_secrets(config(tmp_path, operators={"anna": {}}), {}).secrets
    assert "boris" not in secrets.sip
    assert "boris" not in secrets.web
    assert "boris" not in (tmp_path / "var" / "secrets.json").read_text()
    assert ("boris", "web") not in passwords(tmp_path)
    again = open_secrets(config(tmp_path), {}).secrets
    assert not again.web["boris"].accepts(old)


def test_secrets__new_realm_makes_new_phone_passwords_and_keeps_web_logins(tmp_path: Path) -> None:
    first = open_secrets(config(tmp_path), {})
    before = passwords(tmp_path)
    second = open_secrets(config(tmp_path, realm="bank"), {})
    after = passwords(tmp_path)
    assert {one.use for one in second.made} == {"phone"}
    assert all((before[key] == after[key]) is (key[1] == "web") for key in ALL)
    text = f"anna:bank:{after['anna', 'phone']}".encode()
    assert second.secrets.sip["anna"].ha1_sha256 == hashlib.sha256(text).hexdigest()
    assert second.secrets.web == first.secrets.web
    assert second.secrets.digest_key == first.secrets.digest_key


def test_secrets__given_passwords_win_and_are_kept_nowhere(tmp_path: Path) -> None:
    open_secrets(config(tmp_path), {})
    (tmp_path / "phone").write_text("correct horse\n")
    given = config(tmp_path, operators={"anna": {"phone_password_file": str(tmp_path / "phone"),
                                                 "web_password_env": "ANNA_WEB"}},
                   accounts={"softphone": {"password_env": "SOFT"}}, web={"admin_password_env": "ADMIN"})
    environment = {"ANNA_WEB": "battery staple", "SOFT": "soft password", "ADMIN": "the admin's"}
    opened = open_secrets(given, environment)
    assert opened.made == ()
    assert opened.secrets.sip["anna"].ha1_md5 == hashlib.md5(b"anna:hotline:correct horse").hexdigest()
    assert opened.secrets.web["anna"].accepts("battery staple")
    assert not opened.secrets.web["anna"].accepts("battery stapl")
    assert opened.secrets.web["admin"].accepts("the admin's")
    assert first_password(given, "softphone", environment) == "soft password"
    assert passwords(tmp_path) == {}
    written = "".join(path.read_text() for path in (tmp_path / "var").iterdir())
    assert not any(word in written for word in ["horse", "battery", "soft p", "admin's", '"anna"'])


def test_secrets__softphone_password_is_found_while_it_stands_in_the_file(tmp_path: Path) -> None:
    open_secrets(config(tmp_path), {})
    assert first_password(config(tmp_path), "softphone", {}) == passwords(tmp_path)["softphone", "phone"]
    (tmp_path / "var" / "first-passwords.txt").unlink()
    assert first_password(config(tmp_path), "softphone", {}) is None


def test_secrets__nothing_secret_in_a_repr(tmp_path: Path) -> None:
    opened = open_secrets(config(tmp_path, web={"admin_password_env": "A"}), {"A": "the admin's"})
    shown = repr(opened) + repr(opened.secrets.web["admin"]) + repr(opened.secrets.sip["anna"])
    hidden = [*passwords(tmp_path).values(), opened.secrets.api_token, "the admin's",
              opened.secrets.sip["anna"].ha1_md5, opened.secrets.digest_key.hex(), "argon2id"]
    assert not any(word in shown for word in hidden)


@pytest.mark.parametrize("name", ["secrets.json", "api-token", "first-passwords.txt"])
def test_secrets__a_file_that_others_may_read_is_refused(tmp_path: Path, name: str) -> None:
    open_secrets(config(tmp_path), {})
    (tmp_path / "var" / name).chmod(0o640)
    with pytest.raises(AdminError, match=r"others may read this file \(mode 0640\)"):
        open_secrets(config(tmp_path, operators={}), {})


def test_secrets__a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o777)
    (tmp_path / "var").chmod(0o777)
    with pytest.raises(AdminError, match="others may write in this folder"):
        open_secrets(config(tmp_path), {})


def test_secrets__a_file_of_a_newer_hotline_is_left(tmp_path: Path) -> None:
    open_secrets(config(tmp_path), {})
    file = tmp_path / "var" / "secrets.json"
    newer = file.read_text().replace('"format": 1', '"format": 3')
    file.write_text(newer)
    with pytest.raises(AdminError, match="a newer hotline wrote this file"):
        open_secrets(config(tmp_path), {})
    assert file.read_text() == newer



@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"realm": 5}'])
def test_secrets__a_damaged_file_is_told_and_left(tmp_path: Path, text: str) -> None:
    open_secrets(config(tmp_path), {})
    path = tmp_path / "var" / "secrets.json"
    path.write_text(text)
    with pytest.raises(AdminError, match="the file is damaged"):
        open_secrets(config(tmp_path), {})
    assert path.read_text() == text


def test_secrets__a_key_that_is_no_hex_is_damage(tmp_path: Path) -> None:
    open_secrets(config(tmp_path), {})
    path = tmp_path / "var" / "secrets.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"digest_key": "xyz"}))
    with pytest.raises(AdminError, match="the file is damaged"):
        open_secrets(config(tmp_path), {})


@pytest.mark.parametrize(("content", "message"), [
    ("tiny\n", "too short"), ("x" * 257, "too long"), ("two\nlines of text", "line break"),
])
def test_secrets__an_unusable_given_password(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "given").write_text(content)
    with pytest.raises(AdminError, match=message) as caught:
        open_secrets(config(tmp_path, accounts={"softphone": {"password_file": str(tmp_path / "given")}}), {})
    assert content.strip() not in str(caught.value)


def test_secrets__a_variable_that_is_not_set(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match="ADMIN is not set"):
        open_secrets(config(tmp_path, web={"admin_password_env": "ADMIN"}), {})


def test_secrets__token_is_made_once_and_may_be_chosen(tmp_path: Path) -> None:
    token = open_secrets(config(tmp_path), {}).secrets.api_token
    assert len(token) >= 40
    assert open_secrets(config(tmp_path), {}).secrets.api_token == token
    path = tmp_path / "var" / "api-token"
    path.write_text("a-token-of-the-admin\n")
    assert open_secrets(config(tmp_path), {}).secrets.api_token == "a-token-of-the-admin"
    path.write_text("short")
    with pytest.raises(AdminError, match="this is no token"):
        open_secrets(config(tmp_path), {})
    path.unlink()
    assert open_secrets(config(tmp_path), {}).secrets.api_token not in (token, "short")


def test_secrets__outgoing_credentials(tmp_path: Path) -> None:
    with_one = config(tmp_path, credentials=[{"user": "hotline", "password_env": "TRUNK"}])
    [credential] = open_secrets(with_one, {"TRUNK": "p"}).secrets.outgoing
    assert (credential.realm, credential.user, credential.password) == ("*", "hotline", "p")


def test_database_url__password_is_put_in(tmp_path: Path) -> None:
    url = "postgresql://hotline@db/calls"
    with_one = config(tmp_path, database={"url": url, "password_env": "DB"})
    assert database_url(with_one, {"DB": "p@ss/word"}) == "postgresql://hotline:p%40ss%2Fword@db/calls"
    assert database_url(config(tmp_path, database={"url": url}), {}) == url
    with pytest.raises(AdminError, match="no user"):
        database_url(config(tmp_path, database={"url": "postgresql://db/calls", "password_env": "DB"}), {"DB": "p"})
