"""SIPp as a phone: scenarios are put together here from requests and answers. It sends back the audio it hears.

A caller's scenario begins with `dial()`, an operator's with `answer()`; what follows is the same for both.
"""

import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

from tests.phones.lines import PLAIN_PASSWORD
from tests.support.peers import need_program

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
REGISTER_TIMEOUT, SCENARIO_TIMEOUT = 30, 180

SDP = """\
v=0
o=- 1 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] {connection}
t=0 0
m=audio [media_port] RTP/AVP 0 96
a=rtpmap:0 PCMU/8000
a=rtpmap:96 telephone-event/8000
a={direction}
"""
ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, REFER, NOTIFY"
REQUEST = """\
{method} {target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
{dialog}
CSeq: {cseq} {method}
Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>
{headers}Content-Length: [len]

{body}"""
RESPONSE = """\
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
{headers}Content-Length: [len]

{body}"""


class Script:
    """The steps of one side of one dialog. `user`: the caller's number, or the operator."""

    def __init__(self, user: str) -> None:
        self.user = user
        self._steps: list[str] = []
        self._cseq = 0
        self._labels = 0
        self._dialog = ""

    # --- how it begins ----------------------------------------------------------------------------------------------
    def dial(self, number: str, headers: str = "") -> "Script":
        """INVITE, 200, ACK."""
        self._dialog = (f"From: <sip:{self.user}@[local_ip]:[local_port]>;tag=[pid]-[call_number]\n"
                        f"To: <sip:{number}@[remote_ip]:[remote_port]>[peer_tag_param]\nCall-ID: [call_id]")
        self._send("INVITE", _body(), f"{ALLOW}\n{headers}", target=f"sip:{number}@[remote_ip]:[remote_port]")
        return self._answered(("100", "180"))

    def answer(self, headers: str = "") -> "Script":
        """INVITE, 180, 200, ACK. From is remembered: it is the To of what we send later."""
        self._steps.append(
            '<recv request="INVITE" rrs="true"><action>'
            '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>'
            '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/></action></recv>'
            '<Reference variables="from,to"/>')
        self._respond("180 Ringing", tag=True)
        self.pause(0.3)
        self._respond("200 OK", _body(), f"{ALLOW}\n{headers}", tag=True)
        self._steps.append('<recv request="ACK"/>')
        self._dialog = "From: [$to];tag=[pid]-[call_number]\nTo: [$from]\nCall-ID: [call_id]"
        return self

    # --- what follows -----------------------------------------------------------------------------------------------
    def pause(self, seconds: float) -> "Script":
        self._steps.append(f'<pause milliseconds="{seconds * 1000:.0f}"/>')
        return self

    def info(self, digit: str) -> "Script":
        return self.ask("INFO", 200, f"Signal={digit}\nDuration=160\n", "Content-Type: application/dtmf-relay\n")

    def press(self, digits: str) -> "Script":
        """RFC 4733."""
        self._steps.append(f'<nop><action><exec play_dtmf="{digits}"/></action></nop>')
        return self.pause(0.8)

    def offer(self, direction: str, connection: str = "[media_ip]") -> "Script":
        """A re-INVITE."""
        self._send("INVITE", _body(direction, connection, self._cseq + 1), f"{ALLOW}\n")
        return self._answered(("100",))

    def refer(self, target: str, status: int) -> "Script":
        """202 and what NOTIFY says come in `until_bye`."""
        return self.ask("REFER", status, headers=f"Refer-To: <{target}>\nReferred-By: <sip:{self.user}@[remote_ip]>\n")

    def ask(self, method: str, status: int, body: str = "", headers: str = "") -> "Script":
        """A request in the dialog, and its final answer."""
        self._send(method, body, headers)
        self._steps.append(f'<recv response="{status}"/>')
        return self

    def expect(self, method: str, headers: str = "") -> "Script":
        """A request of the other side, answered with 200."""
        self._steps.append(f'<recv request="{method}" timeout="{SCENARIO_TIMEOUT * 1000}"/>')
        self._respond("200 OK", headers=headers)
        return self

    def refresh(self) -> "Script":
        """UPDATE, by who refreshes the session."""
        return self.ask("UPDATE", 200, headers="Supported: timer\nSession-Expires: 90;refresher=uac\n")

    def hang_up(self) -> "Script":
        return self.ask("BYE", 200)

    def until_bye(self) -> "Script":
        """Answers NOTIFY until the other side hangs up; the last one has to say 200."""
        self._labels += 2
        again, over = self._labels - 1, self._labels
        self._steps.append(f'<label id="{again}"/>')
        self._steps.append(f'<recv request="BYE" optional="true" next="{over}"/>')
        self._steps.append(
            f'<recv request="NOTIFY" timeout="{SCENARIO_TIMEOUT * 1000}"><action><ereg regexp="SIP/2.0 [12].." '
            'search_in="body" check_it="true" assign_to="told"/><log message="told [$told]"/></action></recv>')
        self._respond("200 OK", then=again)
        self._steps.append(f'<label id="{over}"/>')
        self._respond("200 OK")
        return self

    def xml(self) -> str:
        steps = "\n".join(self._steps)
        return f'{XML}<scenario name="{self.user}">\n{steps}\n</scenario>\n'

    # --- parts ------------------------------------------------------------------------------------------------------
    def _send(self, method: str, body: str = "", headers: str = "", target: str = "[next_url]") -> None:
        self._cseq += 1
        text = REQUEST.format(method=method, target=target, dialog=self._dialog, cseq=self._cseq, user=self.user,
                              headers=_typed(headers, body), body=body)
        self._steps.append(_message(text, ' retrans="500"'))

    def _answered(self, provisional: tuple[str, ...]) -> "Script":
        """The 200 to our INVITE, and the ACK."""
        self._steps += [f'<recv response="{status}" optional="true"/>' for status in provisional]
        self._steps.append('<recv response="200" rrs="true"/>')
        text = REQUEST.format(method="ACK", target="[next_url]", dialog=self._dialog, cseq=self._cseq, user=self.user,
                              headers="", body="")
        self._steps.append(_message(text))
        return self

    def _respond(self, status: str, body: str = "", headers: str = "", *, tag: bool = False,
                 then: int | None = None) -> None:
        text = RESPONSE.format(status=status, tag=";tag=[pid]-[call_number]" if tag else "",
                               headers=_typed(headers, body), body=body)
        self._steps.append(_message(text, "" if then is None else f' next="{then}"'))


# SIPp 3.6.1 ends at a challenge that is not MD5. So is this phone, and the hotline knows: it asks it for MD5 alone.
REGISTER = """\
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:{user}@[remote_ip]>;tag=[pid]-[call_number]
To: <sip:{user}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>
Expires: 300
User-Agent: baresip v1.0.0
{headers}Content-Length: 0

"""


class Sipp:
    """SIPp at one address; each `run` is a process of its own."""

    def __init__(self, folder: Path, server: str, host: str, port: int) -> None:
        self._folder, self._server, self._host, self._port = folder, server, host, port
        self._runs = 0
        self._process: subprocess.Popen[bytes] | None = None

    def register(self, user: str) -> None:
        """With digest, as its `[authentication]` does it; the calls come to where it was sent from."""
        first = REGISTER.format(user=user, cseq=1, headers="")
        second = REGISTER.format(user=user, cseq=2,
                                 headers=f"[authentication username={user} password={PLAIN_PASSWORD}]\n")
        script = (f'{XML}<scenario name="register">{_message(first)}<recv response="401" auth="true"/>'
                  f'{_message(second)}<recv response="200"/></scenario>')
        self._start(script, REGISTER_TIMEOUT)
        self.finish()

    def start(self, script: Script) -> None:
        """Begin; an operator waits for the call now."""
        self._start(script.xml(), SCENARIO_TIMEOUT)

    def finish(self) -> None:
        """Wait for the end of the scenario, which must be its last step."""
        assert self._process is not None
        code = self._process.wait(SCENARIO_TIMEOUT + 10)
        assert code == 0, self.story()

    def told(self) -> list[str]:
        """What the log of the last run says that NOTIFY told."""
        lines = (self._folder / f"{self._runs}.log").read_text().splitlines()
        return [line.removeprefix("told ") for line in lines if line.startswith("told ")]

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def story(self) -> str:
        messages = self._folder / f"{self._runs}.messages"
        return (self._folder / f"{self._runs}.out").read_text(errors="replace")[-1500:] + (
            messages.read_text(errors="replace")[-6000:] if messages.exists() else "")

    def _start(self, script: str, timeout: int) -> None:
        self._runs += 1
        base = self._folder / str(self._runs)
        scenario = base.with_suffix(".xml")
        scenario.write_text(script)
        with base.with_suffix(".out").open("wb") as out:
            self._process = subprocess.Popen(
                [need_program("sipp"), self._server, "-sf", str(scenario), "-i", self._host, "-p", str(self._port),
                 "-mp", str(self._port + 1000), "-rtp_echo", "-m", "1", "-nostdin", "-timeout", str(timeout),
                 "-timeout_error", "-trace_msg", "-message_file", str(base.with_suffix(".messages")), "-trace_logs",
                 "-log_file", str(base.with_suffix(".log"))], stdout=out, stderr=subprocess.STDOUT)


def _body(direction: str = "sendrecv", connection: str = "[media_ip]", version: int = 1) -> str:
    return SDP.format(direction=direction, connection=connection, version=version)


def _typed(headers: str, body: str) -> str:
    return headers + ("Content-Type: application/sdp\n" if body and "Content-Type" not in headers else "")


def _message(text: str, attributes: str = "") -> str:
    assert "]]>" not in escape(text)
    return f"<send{attributes}><![CDATA[\n{text}\n]]></send>"
