"""The E-model: figures worked out by hand, and its bounds."""

import pytest

from ivr.media.rtp.quality import delay, mos


@pytest.mark.parametrize(("loss", "seconds", "expected"), [
    (0.0, 0.0, 4.41),           # R 93.2: G.107's own default connection
    (0.0, 0.15, 4.33),          # R 89.6: 1 + 3.136 + 0.193
    (0.0, 0.4, 3.05),           # R 59.1: 1 + 2.069 - 0.015; G.114's bound
    (0.01, 0.0, 4.33),          # Ie_eff 3.64
    (0.05, 0.0, 3.92),          # Ie_eff 15.8, R 77.4: 1 + 2.710 + 0.213
    (0.1, 0.0, 3.41), (1.0, 0.0, 1.18), (1.0, 3.0, 1.0),
])
def test_mos__of_g711(loss: float, seconds: float, expected: float) -> None:
    assert mos(0, loss, seconds) == pytest.approx(expected, abs=0.01)


def test_mos__falls_with_loss_and_delay_and_stays_in_its_bounds() -> None:
    scores = [[mos(1, loss / 50, wait / 10) for wait in range(30)] for loss in range(51)]
    for row in scores:
        assert row == sorted(row, reverse=True)
    for column in zip(*scores, strict=True):
        assert list(column) == sorted(column, reverse=True)
    assert all(1.0 <= score <= 4.5 for row in scores for score in row)
    assert mos(0, -0.1, -1.0) == mos(0, 0.0, 0.0)


def test_delay__of_half_the_way_a_packet_and_a_buffer() -> None:
    assert delay(0.1, 0.02, 0.005) == pytest.approx(0.08)
