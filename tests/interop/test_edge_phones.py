"""Phones behind Kamailio, which `deploy/kamailio-edge.cfg` makes an edge of the running service, side by side."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.interop.edge_scenes import (
    EDGE_LINES,
    EDGE_SCENES,
    HOTLINE,
    INSIDE,
    OUTSIDE,
    OUTSIDE_V6,
    TLS_INSIDE,
    TLS_OUTSIDE,
)
from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import clips_of, write_tone
from tests.phones.lines import AtLoopback, config_of
from tests.phones.record import errors_of
from tests.phones.stage import Scene, outcome, playing
from tests.support.edge import running_edge
from tests.support.peers import need_pjsua2
from tests.support.service import running_service, wait_for

Played = Mapping[str, "Future[None]"]


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("edge")
    tones = {"caller": write_tone(folder / "caller.wav", CALLER_HERTZ),
             "operator": write_tone(folder / "operator.wav", OPERATOR_HERTZ)}
    config = config_of(folder, HOTLINE, EDGE_LINES, ipv6=AtLoopback(5080, "20784-20983"))
    files = _certificates(folder)
    config["sip"] |= {"edges": [INSIDE, TLS_INSIDE], "tls": files["hotline"]}
    plain = running_edge(folder / "plain", inside=f"udp:{INSIDE}:5060", nodes=[f"sip:{HOTLINE}:5060"],
                         outside=[f"udp:{OUTSIDE}:5060", f"tcp:{OUTSIDE}:5060", "udp:[{}]:{}".format(*OUTSIDE_V6)])
    encrypted = running_edge(folder / "encrypted", inside=f"tls:{TLS_INSIDE}:5061", outside=[f"tls:{TLS_OUTSIDE}:5061"],
                             nodes=[f"sip:{HOTLINE}:5061;transport=tls"], tls=files["edge"])
    with plain, encrypted, running_service(folder, **config) as service, \
            playing(request, service, folder, tones, clips_of(service, ()), EDGE_SCENES) as played:
        yield played
        for scene in played.values():
            scene.exception(0)
        wait_for(service.snapshot_is_idle, 10, "a call or a port was left")
        assert errors_of(service) == []


def _certificates(folder: Path) -> dict[str, dict[str, Any]]:
    """One authority for the hotline and its edge."""
    authority = trustme.CA()
    root = folder / "root.pem"
    authority.cert_pem.write_to_path(str(root))
    made = {}
    for name, hosts in (("hotline", (HOTLINE,)), ("edge", (TLS_OUTSIDE, TLS_INSIDE))):
        issued = authority.issue_cert(*hosts)
        certificate, key = folder / f"{name}-certificate.pem", folder / f"{name}-key.pem"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        made[name] = {"certificate": str(certificate), "key": str(key), "ca": str(root)}
    return made


@pytest.mark.parametrize("scene", EDGE_SCENES, ids=lambda scene: scene.__name__)
def test_edge(scene: Scene, plays: Played) -> None:
    outcome(plays[scene.__name__])
