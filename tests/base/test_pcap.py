"""The pcap file by its own rules; what Wireshark makes of it is tested with a whole call (tests/cli)."""

import io
import struct

import pytest

from ivr.base.pcap import FILE_HEADER, LONGEST, record, records

HOTLINE, PHONE = ("192.0.2.1", 5060), ("192.0.2.9", 49152)
SIX, OTHER_SIX = ("2001:db8::1", 5061), ("2001:db8::9", 5062)


def ones_complement(octets: bytes) -> int:
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_record__ipv4_packet_as_rfc_791_and_768_write_it() -> None:
    one = record(1_700_000_000.25, HOTLINE, PHONE, b"OPTIONS")
    assert struct.unpack("<IIII", one[:16]) == (1_700_000_000, 250_000, 35, 35)
    packet = one[16:]
    assert packet[0] == 0x45
    assert struct.unpack(">H", packet[2:4])[0] == len(packet) == 35
    assert packet[9] == 17
    assert ones_complement(packet[:20]) == 0xFFFF
    assert (packet[12:16], packet[16:20]) == (bytes([192, 0, 2, 1]), bytes([192, 0, 2, 9]))
    assert struct.unpack(">HHHH", packet[20:28]) == (5060, 49152, 15, 0)
    assert packet[28:] == b"OPTIONS"


@pytest.mark.parametrize("payload", [b"", b"odd", b"even", bytes(999)])
def test_record__ipv6_has_the_checksum_that_it_must_have(payload: bytes) -> None:
    packet = record(0.0, SIX, OTHER_SIX, payload)[16:]
    assert packet[0] >> 4 == 6
    udp = packet[40:]
    padded = udp + bytes(len(udp) % 2)
    assert ones_complement(packet[8:40] + struct.pack(">II", len(udp), 17) + padded) == 0xFFFF
    assert udp[8:] == payload


def test_record__larger_than_a_packet_is_cut() -> None:
    assert len(record(0.0, HOTLINE, PHONE, bytes(70_000))) == 16 + LONGEST
    with pytest.raises(ValueError, match="families"):
        record(0.0, HOTLINE, SIX, b"")


def test_records__one_that_was_cut_by_a_full_disk_is_left_out() -> None:
    two = [record(at, HOTLINE, PHONE, b"x" * 20) for at in (1.5, 2.0)]
    whole = FILE_HEADER + b"".join(two)
    assert [octets for _, octets in records(io.BytesIO(whole))] == two
    assert [at for at, _ in records(io.BytesIO(whole))] == [(1, 500_000), (2, 0)]
    for cut in (1, 30, len(two[1]) - 1):
        assert [octets for _, octets in records(io.BytesIO(whole[:-cut]))] == two[:1]
