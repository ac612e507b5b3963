"""What the gate before the parser has to tell: log lines for an admin, one per source and not per packet."""

from typing import Any

from ivr.exchange.house import House, report
from ivr.sip.gate.news import PathRefused, SourcePutAside


def door_news(house: House) -> list[Any]:
    """Reports of what happened at the gate since the last time."""
    reports: list[Any] = []
    for news in house.endpoint.door.gate.news.take():
        if isinstance(news, SourcePutAside):
            reports.append(report("warning", "source_put_aside", address=news.address, reason=news.reason,
                                  pause_s=round(news.pause)))
        elif isinstance(news, PathRefused):
            reports.append(report("warning", "path_refused", address=news.address, account=news.account,
                                  remedy="if that is a proxy of yours, name it in sip.edges"))
        else:
            reports.append(report("warning", "refused_without_tls", address=news.address, transport=news.transport,
                                  who=news.who))
    return reports
