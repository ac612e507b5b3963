"""How good a leg sounded, as a number (ITU-T G.107, the E-model, with all defaults but delay, loss and codec).

    R   = 93.2 - Id - Ie_eff
    Id  = 0.024 d + 0.11 (d - 177.3) where d > 177.3, d in ms                (Cole and Rosenbluth's fit of G.107)
    Ie_eff = Ie + (95 - Ie) * Ppl / (Ppl + Bpl), Ppl in percent, losses at random           (G.107 §3.5)
    MOS = 1 + 0.035 R + R (R - 60) (100 - R) 7e-6; 1 below R = 0, 4.5 above R = 100         (G.107 annex B)

d is half the round trip, one packet, and a jitter buffer of twice the jitter. The scale is that of narrow band, on
which a wide-band codec without loss is as good as G.711: its better sound is not counted.
"""

DEFAULT = 93.2
BEND = 177.3                    # ms: beyond, delay disturbs a conversation much more
IMPAIRMENTS = {0: (0.0, 25.1), 1: (0.0, 25.1)}     # law -> Ie, Bpl: G.113 appendix I, G.711 with losses concealed
OTHERS = (0.0, 25.1)            # codecs that G.113 has no narrow-band figures for


def mos(law: int, loss: float, delay: float) -> float:
    """Mean opinion score, 1 to 4.5. `loss`: part of the packets, 0 to 1; `delay`: seconds from mouth to ear."""
    equipment, robustness = IMPAIRMENTS.get(law, OTHERS)
    percent, delay_ms = 100 * min(max(loss, 0.0), 1.0), 1000 * max(delay, 0.0)
    effective = equipment + (95 - equipment) * percent / (percent + robustness)
    return _mos(DEFAULT - 0.024 * delay_ms - 0.11 * max(delay_ms - BEND, 0.0) - effective)


def delay(round_trip: float, packet: float, jitter: float) -> float:
    """Seconds from mouth to ear over a way of half the round trip."""
    return round_trip / 2 + packet + 2 * jitter


def _mos(r: float) -> float:
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)       # which dips below 1 for R under 6.5
