"""The edge that `deploy/kamailio-edge.cfg` makes of Kamailio, with the site's part written by the test."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.kamailio import Kamailio, running_config
from tests.support.peers import missing
from tests.support.service import ROOT

CONFIG = ROOT / "deploy/kamailio-edge.cfg"
MODULES = ("outbound", "tls")


@contextmanager
def running_edge(folder: Path, *, inside: str, outside: Sequence[str], nodes: Sequence[str],
                 tls: Mapping[str, str] | None = None) -> Iterator[Kamailio]:
    """`inside`: its socket on the side of the hotline; `outside`: those of phones; `nodes`: URIs of the hotline, the
    first one preferred; `tls`: files of its certificate."""
    for module in MODULES:
        if not any(Path("/usr/lib").glob(f"*/kamailio/modules/{module}.so")):
            missing(f"kamailio's module {module}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nodes").write_text("".join(f"1 {node} 0 {50 - place}\n" for place, node in enumerate(nodes)))
    (folder / "kamailio-edge-local.cfg").write_text("\n".join([
        f'#!substdef "!INSIDE!{inside}!g"', f'#!substdef "!NODES!{folder}/nodes!g"',
        '#!substdef "!FLOW_SECRET!twenty characters ok!g"', "log_stderror=yes", "children=2", "tcp_children=2",
        "listen=INSIDE", *(f"listen={listen}" for listen in outside), *(_tls(tls) if tls else ()), ""]))
    with running_config(folder, (inside, *outside), CONFIG) as kamailio:
        yield kamailio


def _tls(files: Mapping[str, str]) -> list[str]:
    return ["enable_tls=yes", 'loadmodule "tls.so"', f'modparam("tls", "certificate", "{files["certificate"]}")',
            f'modparam("tls", "private_key", "{files["key"]}")', 'modparam("tls", "tls_method", "TLSv1.2+")']
