"""Our own odd messages, one group for each category of RFC 4475 and RFC 5118, with the reply that is expected.

A status as in `tests.support.torture`: 0 no reply, 100 an INVITE that is let in. `udp` and `tcp` differ where a stream
can't tell where the body ends.
"""

from dataclasses import dataclass

BODY = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
USUAL = {"Via": "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKown;rport", "Max-Forwards": "70",
         "From": "<sip:1001@192.0.2.10>;tag=f1", "To": "<sip:100@192.0.2.1>", "Call-ID": "own@192.0.2.10",
         "CSeq": "1 {method}", "Contact": "<sip:1001@192.0.2.10:5060>"}


@dataclass(frozen=True)
class Odd:
    """One message; `tcp` None: as over UDP. `closes`: the connection is given up after it."""

    name: str
    data: bytes
    udp: int
    tcp: int | None = None
    closes: bool = False


def message(method: str, *, start: str | None = None, body: str = "", without: tuple[str, ...] = (), end: str = "\r\n",
            length: str | None = None, **changed: str) -> bytes:
    """A request with some fields changed, added (underscores become hyphens) or left out."""
    fields = {name: value.format(method=method) for name, value in USUAL.items() if name not in without}
    fields |= {name.replace("_", "-"): value for name, value in changed.items()}
    if body and "Content-Type" not in fields:
        fields["Content-Type"] = "application/sdp"
    lines = [start or f"{method} sip:100@192.0.2.1 SIP/2.0", *(f"{name}: {value}" for name, value in fields.items())]
    if "Content-Length" not in without:
        lines.append(f"Content-Length: {len(body.encode()) if length is None else length}")
    return (end.join(lines) + end + end + body).encode()


VALID = [
    Odd("folded_lines", message("OPTIONS", From="<sip:1001@192.0.2.10>\r\n ;\r\n\ttag=f1", Subject="\r\n one\r\n  two"),
        200),
    Odd("names_in_any_case", message("OPTIONS", without=("Call-ID", "CSeq"), **{"cAlL-iD": "x", "CSEQ": "1 OPTIONS"}),
        200),
    Odd("compact_names", message("OPTIONS", without=("Via", "From", "To", "Call-ID"), v=USUAL["Via"], f=USUAL["From"],
                                 t=USUAL["To"], i="compact"), 200),
    Odd("unknown_method", message("JUGGLE", start="JUGGLE sip:100@192.0.2.1 SIP/2.0"), 501),
    Odd("known_but_not_served", message("PUBLISH"), 405),
    Odd("escaped_user", message("INVITE", start="INVITE sip:%31%30%30@192.0.2.1 SIP/2.0", body=BODY), 100),
    Odd("many_parameters", message("OPTIONS", Contact="<sip:a@192.0.2.10;a=1;b;c=%41>;q=0.1;d;e=\"f;g,h\""), 200),
    Odd("quoted_comma_in_contact", message("OPTIONS", Contact="\"Last, First\" <sip:a@192.0.2.10>, <sip:b@192.0.2.10>"),
        200),
    Odd("utf8_display_name", message("OPTIONS", From="\"Аня Петрова\" <sip:1001@192.0.2.10>;tag=f1"), 200),
    Odd("lf_alone", message("OPTIONS", end="\n"), 200),
    Odd("leading_line_ends", b"\r\n\r\n" + message("OPTIONS"), 200),
    Odd("empty_header_values", message("OPTIONS", Subject="", Organization=""), 200),
    Odd("multipart_optional", message("OPTIONS", body="--x\r\n\r\nhello\r\n--x--\r\n",
                                      **{"Content-Type": "multipart/mixed;boundary=x"}), 200),
    Odd("unknown_header", message("OPTIONS", X_Very_Own=";;,,<>\"\""), 200),
    Odd("empty_reason", b"SIP/2.0 200 \r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKno\r\nFrom: <sip:a@b>;tag=1\r\n"
        b"To: <sip:a@b>;tag=2\r\nCall-ID: none\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n", 0),
]
INVALID = [
    Odd("no_sip_at_all", b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", 0, closes=True),
    Odd("tabs_in_the_request_line", message("OPTIONS", start="OPTIONS\tsip:100@192.0.2.1\tSIP/2.0"), 0),
    Odd("brackets_around_the_uri", message("OPTIONS", start="OPTIONS <sip:100@192.0.2.1> SIP/2.0"), 400),
    Odd("version_of_the_future", message("OPTIONS", start="OPTIONS sip:100@192.0.2.1 SIP/3.0"), 505),
    Odd("sequence_too_large", message("OPTIONS", CSeq="4294967296 OPTIONS"), 400),
    Odd("sequence_of_another_method", message("OPTIONS", CSeq="1 INVITE"), 400),
    Odd("forwards_are_words", message("OPTIONS", Max_Forwards="many"), 400),
    Odd("unclosed_quote", message("OPTIONS", From="\"Anna <sip:1001@192.0.2.10>;tag=f1"), 400),
    Odd("unclosed_bracket", message("OPTIONS", To="<sip:100@192.0.2.1"), 400),
    Odd("negative_length", message("OPTIONS", length="-1"), 400, closes=True),
    Odd("more_length_than_body", message("OPTIONS", length="9999"), 400, tcp=0),
    Odd("two_lengths", message("OPTIONS", length="0\r\nContent-Length: 0"), 400, closes=True),
    Odd("status_of_four_digits", b"SIP/2.0 2000 OK\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n", 0, closes=True),
    Odd("port_out_of_range", message("OPTIONS", start="OPTIONS sip:100@192.0.2.1:70000 SIP/2.0"), 400),
    Odd("user_without_host", message("OPTIONS", start="OPTIONS sip:100@ SIP/2.0"), 400),
    Odd("zero_byte", message("OPTIONS", From="<sip:10\0 01@192.0.2.10>;tag=f1"), 400),
]
TRANSACTION = [
    Odd("branch_without_anything", message("OPTIONS", Via="SIP/2.0/UDP 192.0.2.10;branch="), 200),
    Odd("branch_of_rfc2543", message("OPTIONS", Via="SIP/2.0/UDP 192.0.2.10;branch=1"), 200),
    Odd("acknowledges_nothing", message("ACK"), 0),
    Odd("cancels_nothing", message("CANCEL"), 481),
    Odd("foreign_response", b"SIP/2.0 486 Busy\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother\r\n"
        b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: none\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
        0),
]
APPLICATION = [
    *(Odd(f"without_{name.lower()}", message("OPTIONS", without=(name,)), 0 if name == "Via" else 400)
      for name in ("Via", "From", "To", "Call-ID", "CSeq")),
    *(Odd(f"two_of_{name.lower()}", message("OPTIONS", **{name: f"{value}\r\n{name}: {value}"}), 400)
      for name, value in (("From", USUAL["From"]), ("To", USUAL["To"]), ("Call-ID", "a"), ("CSeq", "1 OPTIONS"))),
    Odd("scheme_of_nobody", message("OPTIONS", start="OPTIONS gopher://100 SIP/2.0"), 416),
    Odd("scheme_in_to", message("REGISTER", start="REGISTER sip:192.0.2.1 SIP/2.0", To="<mailto:anna@example.com>"),
        400),
    Odd("extension_required", message("OPTIONS", Require="tea, biscuits"), 420),
    Odd("extension_for_proxies", message("OPTIONS", Proxy_Require="tea"), 200),
    Odd("body_of_another_kind", message("INVITE", body="hello", **{"Content-Type": "text/plain"}), 415),
    Odd("body_encoded", message("INVITE", body=BODY, **{"Content-Encoding": "gzip"}), 415),
    Odd("accepts_no_sdp", message("INVITE", Accept="text/plain"), 406),
    Odd("no_forwards_left", message("INVITE", body=BODY, Max_Forwards="0"), 483),
    Odd("registers_without_a_name", message("REGISTER", start="REGISTER sip:192.0.2.1 SIP/2.0"), 401),
    Odd("bye_of_nobody", message("BYE", To="<sip:100@192.0.2.1>;tag=gone"), 481),
]
BACKWARD = [
    Odd("as_rfc2543", message("INVITE", body=BODY, without=("Max-Forwards",), Via="SIP/2.0/UDP 192.0.2.10",
                              From="<sip:1001@192.0.2.10>"), 100),
]
IPV6 = [
    Odd("ipv6_uri", message("OPTIONS", start="OPTIONS sip:100@[2001:db8::1]:5060 SIP/2.0"), 200),
    Odd("ipv6_without_brackets", message("OPTIONS", start="OPTIONS sip:100@2001:db8::1 SIP/2.0"), 400),
    Odd("ipv6_unclosed", message("OPTIONS", start="OPTIONS sip:100@[2001:db8::1 SIP/2.0"), 400),
    # an early grammar asked for three colons (RFC 5118 §4.10), so they are read as two
    Odd("ipv6_with_three_colons", message("OPTIONS", start="OPTIONS sip:100@[2001:db8:::1] SIP/2.0"), 200),
    Odd("ipv6_via", message("OPTIONS", Via="SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z9hG4bKsix"), 200),
    Odd("ipv6_received_in_brackets", message("OPTIONS", Via="SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];"
                                             "branch=z9hG4bKsix"), 200),
    Odd("ipv6_mapped", message("OPTIONS", Contact="<sip:1001@[::ffff:192.0.2.10]:5060>"), 200),
    Odd("ipv6_scope", message("OPTIONS", start="OPTIONS sip:100@[fe80::1%25eth0] SIP/2.0"), 400),
]
ALL = [*VALID, *INVALID, *TRANSACTION, *APPLICATION, *BACKWARD, *IPV6]
