"""The classic pcap file, as every reader of captures takes it: messages and RTP packets, each in an IP packet of UDP.

    file:    magic (4) | version 2.4 (2+2) | zone (4) | accuracy (4) | longest packet (4) | link type (4)
    record:  seconds (4) | microseconds (4) | octets here (4) | octets on the wire (4) | IP packet

All numbers are little-endian; the link type says that a record begins with its IP header, of either version. The IP and
UDP headers are ours: what was caught are the octets inside. SIP of a connection (TCP, TLS) is written as UDP too, one
message a packet, since segments would have to be made up, and TLS could not be read.
"""

import struct
from collections.abc import Iterator
from ipaddress import ip_address
from typing import BinaryIO

MAGIC = 0xA1B2C3D4
LINKTYPE_RAW = 101
LONGEST = 65_535                # octets of an IP packet
UDP = 17
HOPS = 64
FILE_HEADER = struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, LONGEST, LINKTYPE_RAW)
RECORD_HEADER = struct.Struct("<IIII")

Address = tuple[str, int]


def record(at: float, source: Address, target: Address, payload: bytes) -> bytes:
    """One record; `at` in seconds since 1970. A payload that no IP packet can hold is cut off."""
    packet = _packet(source, target, payload)
    micros = round(at * 1_000_000)
    return RECORD_HEADER.pack(micros // 1_000_000, micros % 1_000_000, len(packet), len(packet)) + packet


def records(file: BinaryIO) -> Iterator[tuple[tuple[int, int], bytes]]:
    """The records of a file behind its header, each with its time; one that was not written to its end is left out."""
    file.seek(len(FILE_HEADER))
    while len(header := file.read(RECORD_HEADER.size)) == RECORD_HEADER.size:
        seconds, micros, size, _ = RECORD_HEADER.unpack(header)
        body = file.read(size)
        if len(body) < size:
            return
        yield (seconds, micros), header + body


def _packet(source: Address, target: Address, payload: bytes) -> bytes:
    one, other = ip_address(source[0]), ip_address(target[0])
    if one.version != other.version:
        raise ValueError("two addresses of different families")
    head = 20 if one.version == 4 else 40
    payload = payload[:LONGEST - head - 8]
    size = 8 + len(payload)
    udp = struct.pack(">HHHH", source[1], target[1], size, 0)
    if one.version == 4:            # without a checksum, which UDP over IPv4 may leave out (RFC 768)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, head + size, 0, 0, HOPS, UDP, 0) + one.packed + other.packed
        return ip[:10] + _checksum(ip).to_bytes(2, "big") + ip[12:] + udp + payload
    pseudo = one.packed + other.packed + struct.pack(">II", size, UDP)
    udp = udp[:6] + (_checksum(pseudo + udp + payload) or 0xFFFF).to_bytes(2, "big")
    return struct.pack(">IHBB", 6 << 28, size, UDP, HOPS) + one.packed + other.packed + udp + payload


def _checksum(octets: bytes) -> int:
    """The ones' complement sum of RFC 1071."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
