"""How long a call may live without a sign of life: from the configuration to the endpoint."""

import pytest
from pydantic import ValidationError

from ivr.base.config import Config
from ivr.base.config_sip import SipConfig
from ivr.drivers.secrets_file import Secrets
from ivr.service.build import endpoint_settings
from tests.support.virtual_house import base_config


def test_session_expires__reaches_the_endpoint() -> None:
    plain = base_config()
    config = Config.model_validate({**plain, "sip": {**plain["sip"], "session_expires_s": 600}})
    made = endpoint_settings(config, Secrets("hotline", b"", b"", "", {}, {}, ()), lambda _: "127.0.0.1")
    assert made.session_expires == 600


@pytest.mark.parametrize("seconds", [0, 89, 86_401])
def test_session_expires__bounds(seconds: int) -> None:
    with pytest.raises(ValidationError):
        SipConfig(session_expires_s=seconds)
