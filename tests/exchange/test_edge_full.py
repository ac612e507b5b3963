"""No room: what people, carriers and edges of ours are told."""

import pytest

from ivr.base.config_sip import TrunkConfig
from ivr.exchange.house import full_status

CARRIER = TrunkConfig.model_validate({"name": "carrier", "addresses": ["192.0.2.1"], "full_status": 480})


@pytest.mark.parametrize(("trunk", "by_edge", "status"), [
    (None, False, 486), (CARRIER, False, 480), (None, True, 503), (CARRIER, True, 503)])
def test_full(trunk: TrunkConfig | None, by_edge: bool, status: int) -> None:
    assert full_status(trunk, by_edge) == status
