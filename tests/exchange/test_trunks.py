"""What the exchange says of trunks: log lines, the snapshot, figures."""

from desk.metrics import families
from ivr.exchange.effects import Report
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_events import LegRouted, TrunkChanged
from tests.support.operators_phones import add_phone
from tests.support.virtual_house import HOTLINE, Story, make_story

CARRIER, AWAY = "127.0.9.50", "127.0.9.51"
TRUNKS = [{"name": "carrier", "addresses": [CARRIER], "target": CARRIER, "caller_id": "+4930", "ping_s": 10},
          {"name": "away", "addresses": [AWAY], "target": AWAY, "caller_id": "+4930", "ping_s": 10}]


def told(story: Story) -> list[tuple[str, dict[str, object]]]:
    return [(report.level, dict(report.fields)) for report in story.hotline.reports
            if isinstance(report, Report) and report.event == "trunk_changed"]


def started() -> Story:
    story = make_story(audio=False, config={"trunks": TRUNKS})
    add_phone(story, "carrier", CARRIER, PhoneBehaviour())
    story.hotline.carry_out(story.hotline.exchange.start(story.world.now))
    story.world.run(60)
    return story


def test_up_and_down__in_log_snapshot_and_metrics() -> None:
    story = started()
    assert told(story) == [("info", {"trunk": "carrier", "state": "up", "reason": ""}),
                           ("warning", {"trunk": "away", "state": "down", "reason": "no answer"})]
    snapshot = story.hotline.exchange.snapshot(story.world.now)
    assert [(trunk["name"], trunk["ping"], trunk["calls"]) for trunk in snapshot["trunks"]] == [
        ("carrier", "up", 0), ("away", "down", 0)]
    figures = {(sample.name, sample.labels.get("trunk")): sample.value
               for family in families(snapshot) for sample in family.samples}
    assert figures["hotline_trunk_up", "carrier"] == 1
    assert figures["hotline_trunk_up", "away"] == 0
    assert figures["hotline_trunk_calls", "carrier"] == 0
    assert ("hotline_trunk_registered", "carrier") not in figures, "it does not register"


def test_wrong_password__is_an_error_in_the_log() -> None:
    story = started()
    effects = story.hotline.exchange._run([TrunkChanged("carrier", "refused", "401 user or password refused")], 60.0)
    assert [effect.level for effect in effects] == ["error"]


def test_leg_routed__of_a_leg_that_is_gone() -> None:
    story = started()
    flow = Flow("udp", (HOTLINE, 5060), (CARRIER, 5060))
    assert story.hotline.exchange._run([LegRouted("nobody", "carrier", flow)], 60.0) == []


def test_drain__no_ping_any_more() -> None:
    story = started()
    story.hotline.carry_out(story.hotline.exchange.drain(story.world.now))
    story.world.run(120)
    assert story.hotline.exchange.house.endpoint.counts()["client_transactions"] == 0
