"""The service that the tests of a file of this folder call from pages, at the file's HOST."""

from collections.abc import Iterator

import pytest

from tests.support.service import PASSWORD, Service, running_service
from tests.support.web_page import log_in


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("pages")
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    operator = {"phone_password_file": str(secret), "web_password_file": str(secret)}
    with running_service(folder, host=request.module.HOST, operators={"anna": operator, "boris": operator},
                         web={"try_page": {"calls_per_minute": 60}}) as running:
        yield running


@pytest.fixture
def web(service: Service) -> str:
    """HOST:PORT of the web process."""
    return str(service.config["web"]["listen"])


@pytest.fixture(scope="module")
def anna(service: Service) -> str:
    """Her cookie."""
    return log_in(str(service.config["web"]["listen"]), "anna", PASSWORD)
