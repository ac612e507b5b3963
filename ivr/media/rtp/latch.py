"""Where a peer's RTP comes from, and so where ours goes (symmetric RTP, RFC 4961, with the house's precautions).

RTP is sent to the SDP's address until latched. Latching takes 5 packets in a row of one SSRC and a negotiated payload
type. The SDP's own address wins over any other. It is learned anew on new SDP, and after 2 s of silence from the same
host with the same SSRC (a NAT has given it another port). Under SRTP authentication decides: what comes here is the
peer's, wherever it comes from, and the newest packet says where it is.
"""

import numpy as np

from ivr.media.columns import Columns, Mask, Rows, every, some
from ivr.media.rtp.packet import Packets

IN_A_ROW = 5
SILENCE = 2.0           # seconds


def set_remote(table: Columns, row: int, address: int, learns: bool) -> None:
    """New SDP. The same address as before keeps what was learned in use until something else is."""
    if address != int(table.sdp[row]) or not learns:
        hold = address >> 16 == 0           # 0.0.0.0: nothing is sent there, and the place of before may come back
        if not hold or not table.live[row]:
            table.destination[row] = address
    table.sdp[row] = address
    table.learns[row] = learns
    table.settled[row] = not learns
    table.candidate_count[row] = 0


def beside(address: int) -> int:
    """The next port: where RTCP goes unless something else is said (RFC 3550 §11)."""
    return address + (address & 0xFFFF < 0xFFFF)


def admit(table: Columns, packets: Packets, now: float) -> tuple[Mask, Rows]:
    """Which packets come from their stream's peer, and the rows that now send somewhere new.

    Raises nothing; candidates are counted. Each stream may occur only once in `packets`.
    """
    rows = packets.rows
    at_home = packets.sources == table.destination[rows]
    if every(at_home & table.settled[rows]):
        return at_home, rows[:0]
    own = packets.sources == table.sdp[rows]
    own_host = ~table.learns[rows] & (packets.sources >> 16 == table.sdp[rows] >> 16)
    secure = table.secure[rows]
    open_to_learn = ~(at_home & table.settled[rows]) & table.learns[rows] & ~secure
    latched = _learn(table, packets.where(open_to_learn), now)
    if some(secure):
        latched = np.concatenate((latched, _follow(table, packets.where(secure & table.learns[rows]))))
    return at_home | own | own_host | secure | (packets.sources == table.destination[rows]), latched


def _follow(table: Columns, packets: Packets) -> Rows:
    """Authentic packets: audio goes to where the newest comes from. The rows for which that is news."""
    rows, sources = packets.rows, packets.sources
    ahead = (packets.sequence_numbers - table.newest[rows].astype(np.uint16)).view(np.int16)
    newest = ~table.heard[rows] | (packets.ssrcs != table.heard_ssrc[rows]) | (ahead > 0)
    news: Rows = rows[newest & ((sources != table.destination[rows]) | ~table.settled[rows])]
    table.destination[rows[newest]] = sources[newest]
    table.settled[rows[newest]] = True
    return news


def _learn(table: Columns, packets: Packets, now: float) -> Rows:
    rows, sources = packets.rows, packets.sources
    payload_types = packets.payload_types
    negotiated = (payload_types == table.payload_type[rows]) | (payload_types == table.event_in[rows])
    own = sources == table.sdp[rows]
    moved = (now - table.rtp_at[rows] > SILENCE) & (sources >> 16 == table.destination[rows] >> 16) \
        & table.heard[rows] & (packets.ssrcs == table.heard_ssrc[rows])
    may = negotiated & (own | ~table.settled[rows] | moved)
    follows = (table.candidate_count[rows] > 0) & (sources == table.candidate[rows]) \
        & (packets.ssrcs == table.candidate_ssrc[rows])
    repeated = follows & (packets.sequence_numbers == table.candidate_sequence[rows])
    counts = np.where(follows, table.candidate_count[rows] + ~repeated, 1)
    table.candidate_count[rows] = np.where(may, counts, 0)
    table.candidate[rows], table.candidate_ssrc[rows] = sources, packets.ssrcs
    table.candidate_sequence[rows] = packets.sequence_numbers
    latched = may & (counts >= IN_A_ROW)
    news: Rows = rows[latched]
    table.destination[news] = sources[latched]
    table.settled[news] = True
    table.candidate_count[news] = 0
    return news
