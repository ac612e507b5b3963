"""A scriptable user agent on PJSIP (pjsua2), run by the interpreter of `.peers`: one process per phone.

    ua.py [options] STEP ...
    steps: reg | call:URI | wait:S | hold | unhold | hangup
           dtmf:DIGITS (RFC 4733) | info:DIGITS (SIP INFO) | tones:DIGITS (in the audio)
           xfer:URI (blind transfer) | join (attended transfer: the first call to the other end of the second)
           answer:STATUS | delay:S (what a call that comes in gets, and after how long; answer:0: it rings on)
           figures (what came, as PJSIP counts it) | waitcall:S | waitend:S
           line (read further steps from standard input, one a line, until it ends)

Every event is one JSON line: {"at": monotonic seconds, "event": ..., ...}. The monotonic clock is the machine's, so
times of several phones and of the service can be compared. `--record X` writes what was heard from the start of this
program as the WAV file X, and in X.json when each of its 20 ms came to the ear, on the same clock.
"""

import argparse
import json
import os
import sys
import threading
import time

import pjsua2 as pj
from ear import Ear

parser = argparse.ArgumentParser()
parser.add_argument("--user", default="caller")
parser.add_argument("--password", default="")
parser.add_argument("--server", required=True, help="HOST:PORT of the registrar and domain")
parser.add_argument("--proxy", help="URI of the proxy through which everything goes")
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=0, help="where it listens; 0: anywhere")
parser.add_argument("--transport", default="udp", choices=["udp", "tcp", "tls"])
parser.add_argument("--ca", help="file of the root that vouches for the server (TLS)")
parser.add_argument("--codec", default="PCMU")
parser.add_argument("--srtp", default="disabled", choices=["disabled", "mandatory"])
parser.add_argument("--session-expires", type=int, default=0, help="seconds after which a session needs a refresh")
parser.add_argument("--record")
parser.add_argument("--play")
parser.add_argument("--answer", type=int, default=0, help="status to answer incoming calls with")
parser.add_argument("--delay", type=float, default=0.0, help="seconds of ringing before that")
parser.add_argument("--no-events", action="store_true", help="offer no telephone-event")
parser.add_argument("--buffer-ms", type=int, default=40, help="length of the jitter buffer")
parser.add_argument("--log", type=int, default=0)
parser.add_argument("steps", nargs="*")
options = parser.parse_args()


def tell(event, **fields):
    print(json.dumps({"at": time.monotonic(), "event": event, **fields}), flush=True)


endpoint = pj.Endpoint()
endpoint.libCreate()
settings = pj.EpConfig()
log, user_agent, media = settings.logConfig, settings.uaConfig, settings.medConfig
log.level = log.consoleLevel = options.log
user_agent.threadCnt, user_agent.mainThreadOnly = 0, True
media.ecOptions = media.ecTailLen = 0
media.noVad = True
media.clockRate = media.sndClockRate = 8000
# A jitter buffer that stays as it is: one that adapts throws frames away, and a recording must show what came.
media.jbInit = media.jbMinPre = media.jbMaxPre = options.buffer_ms
endpoint.libInit(settings)
endpoint.audDevManager().setNullDev()
transport = pj.TransportConfig()
transport.boundAddress = transport.publicAddress = options.host
transport.port = options.port
transport.tlsConfig.verifyServer = True
transport.tlsConfig.CaListFile = options.ca or ""
endpoint.transportCreate(getattr(pj, f"PJSIP_TRANSPORT_{options.transport.upper()}"), transport)
endpoint.libStart()
for codec in endpoint.codecEnum2():
    chosen = codec.codecId.startswith((f"{options.codec}/8000", f"{options.codec}/16000"))
    endpoint.codecSetPriority(codec.codecId, 255 if chosen else 0)


ENCRYPTED = (pj.PJMEDIA_TP_PROTO_RTP_SAVP, pj.PJMEDIA_TP_PROTO_RTP_SAVPF)
calls, gone = [], []
recorder = player = None
if options.record:
    recorder = Ear()
if options.play:
    player = pj.AudioMediaPlayer()
    player.createPlayer(options.play)


class Call(pj.Call):
    state = 0
    rang_at = None

    def onCallState(self, prm):
        info = self.getInfo()
        self.state = info.state
        tell("state", call=self.getId(), state=info.stateText, status=info.lastStatusCode, reason=info.lastReason,
             sip_call_id=info.callIdString)
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED and self in calls:
            calls.remove(self)
            gone.append(self)

    def onCallMediaState(self, prm):
        info = self.getInfo()            # the reference is kept: a temporary's children are freed with it
        for index, stream in enumerate(info.media):
            if stream.type != pj.PJMEDIA_TYPE_AUDIO:
                continue
            tell("media", call=self.getId(), status=int(stream.status))
            if stream.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                agreed = self.getStreamInfo(index)
                tell("codec", codec=agreed.codecName, encrypted=agreed.proto in ENCRYPTED)
                audio = self.getAudioMedia(index)
                if recorder:
                    audio.startTransmit(recorder)
                if player:
                    player.startTransmit(audio)

    def onCallSdpCreated(self, prm):
        if options.no_events:
            lines = prm.sdp.wholeSdp.splitlines()
            events = {line.split(":")[1].split()[0] for line in lines if "telephone-event" in line}
            kept = [line for line in lines
                    if not (line.startswith(("a=rtpmap:", "a=fmtp:")) and line.split(":")[1].split()[0] in events)]
            prm.sdp.wholeSdp = "".join(
                (" ".join(word for word in line.split(" ") if word not in events)
                 if line.startswith("m=") else line) + "\r\n" for line in kept)

    def onDtmfDigit(self, prm):
        tell("digit", digit=prm.digit)

    def onCallTsxState(self, prm):
        transaction = prm.e.body.tsxState.tsx
        if transaction.state == pj.PJSIP_TSX_STATE_COMPLETED:
            tell("request", method=transaction.method, ours=transaction.role == pj.PJSIP_ROLE_UAC,
                 status=transaction.statusCode)

    def onCallTransferStatus(self, prm):
        tell("transfer", status=prm.statusCode, final=prm.finalNotify)


class Account(pj.Account):
    code = None

    def onRegState(self, prm):
        self.code = prm.code
        tell("registered", status=prm.code, expires=prm.expiration)

    def onIncomingCall(self, prm):
        call = Call(self, prm.callId)
        calls.append(call)
        tell("incoming", call=prm.callId, caller=call.getInfo().remoteUri)
        call.rang_at = time.monotonic()
        ringing = pj.CallOpParam()
        ringing.statusCode = 180
        call.answer(ringing)


suffix = "" if options.transport == "udp" else f";transport={options.transport}"
account_settings = pj.AccountConfig()
# who has no password is of another domain than the service: in that one nobody calls without
account_settings.idUri = f"sip:{options.user}@{options.server if options.password else options.host}"
if options.password:
    account_settings.regConfig.registrarUri = f"sip:{options.server}{suffix}"
    account_settings.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", options.user, 0, options.password))
if options.proxy:
    account_settings.sipConfig.proxies.append(options.proxy)
account_settings.mediaConfig.transportConfig.boundAddress = options.host
if options.srtp == "mandatory":
    account_settings.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    account_settings.mediaConfig.srtpSecureSignaling = 0        # SRTP without TLS as well
account_settings.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
if options.session_expires:
    account_settings.callConfig.timerSessExpiresSec = options.session_expires
account = Account()
account.create(account_settings)


def pump(seconds=0.0, until=None):
    end = time.monotonic() + seconds
    while True:
        endpoint.libHandleEvents(10)
        for call in list(calls):
            due = call.rang_at is not None and time.monotonic() - call.rang_at >= options.delay
            if options.answer and due and call.state == pj.PJSIP_INV_STATE_EARLY:
                answer = pj.CallOpParam()
                answer.statusCode = options.answer
                call.rang_at = None
                tell("answering", status=options.answer)
                call.answer(answer)
        if until and until():
            return True
        if time.monotonic() >= end:
            return False


def connected():
    return any(call.state == pj.PJSIP_INV_STATE_CONFIRMED for call in calls)


def has_spoken(call):
    """Whether the first packet of the call's audio has left and is counted.

    PJSIP gives the stream that follows a re-INVITE the last number that the one before has counted. If its first packet
    leaves while that is read, numbers go back to 1; SRTP takes that for a replay, PJSIP's own first of all: it sends
    nothing more in this call. A person who holds a call does not do so in the 20 ms in which it begins.
    """
    info = call.getInfo()                # references are kept: see onCallMediaState
    for index, stream in enumerate(info.media):
        if stream.type == pj.PJMEDIA_TYPE_AUDIO and stream.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
            counted = call.getStreamStat(index)
            if not counted.rtcp.rtpTxLastSeq:
                return False
    return True


def sound_tones(call, digits):
    """Keys as tones of 100 ms, 100 ms apart, mixed into what the phone says."""
    info = call.getInfo()                # references are kept: see onCallMediaState
    index = next(index for index, stream in enumerate(info.media) if stream.type == pj.PJMEDIA_TYPE_AUDIO)
    generator, presses = pj.ToneGenerator(), pj.ToneDigitVector()
    generator.createToneGenerator(8000, 1)
    generator.startTransmit(call.getAudioMedia(index))
    for digit in digits:
        press = pj.ToneDigit()
        press.digit, press.on_msec, press.off_msec, press.volume = digit, 100, 100, 0
        presses.append(press)
    generator.playDigits(presses)
    pump(0.2 * len(digits) + 0.1)


def tell_figures(call):
    """What PJSIP counted of what it heard in this call."""
    info = call.getInfo()                # references are kept: see onCallMediaState
    for index, stream in enumerate(info.media):
        if stream.type == pj.PJMEDIA_TYPE_AUDIO and stream.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
            counted = call.getStreamStat(index)
            heard = counted.rtcp.rxStat
            tell("figures", packets=heard.pkt, lost=heard.loss, duplicates=heard.dup, reordered=heard.reorder,
                 discarded=heard.discard, jitter_ms=heard.jitterUsec.mean / 1000)


def step(text):
    name, _, value = text.partition(":")
    call = calls[0] if calls else None
    tell("step", step=text)
    if name == "wait":
        pump(float(value))
    elif name == "reg":
        return pump(5, lambda: account.code is not None) and account.code == 200
    elif name == "call":
        call = Call(account)
        calls.append(call)
        call.makeCall(value + suffix, pj.CallOpParam(True))
        pump(10, lambda: call.state in (pj.PJSIP_INV_STATE_CONFIRMED, pj.PJSIP_INV_STATE_DISCONNECTED))
        return call.state == pj.PJSIP_INV_STATE_CONFIRMED
    elif name == "answer":
        options.answer = int(value)
    elif name == "delay":
        options.delay = float(value)
    elif name == "waitcall":
        return pump(float(value), connected)
    elif name == "waitend":
        return pump(float(value), lambda: not calls)
    elif name == "dtmf":
        call.dialDtmf(value)
        pump(0.32 * len(value))
    elif name == "tones":
        sound_tones(call, value)
    elif name == "info":
        for digit in value:
            press = pj.CallSendDtmfParam()
            press.method, press.duration, press.digits = pj.PJSUA_DTMF_METHOD_SIP_INFO, 160, digit
            call.sendDtmf(press)
            pump(0.2)
    elif name == "figures":
        tell_figures(call)
    elif name == "hold":
        if not pump(5, lambda: has_spoken(call)):
            return False
        call.setHold(pj.CallOpParam(True))
        pump(0.5)
    elif name == "unhold":
        again = pj.CallOpParam(True)
        again.opt.flag = pj.PJSUA_CALL_UNHOLD
        call.reinvite(again)
        pump(0.5)
    elif name == "xfer":
        call.xfer(value, pj.CallOpParam(True))
        pump(0.3)
    elif name == "join":
        call.xferReplaces(calls[1], pj.CallOpParam(True))
        pump(0.3)
    elif name == "hangup":
        for each in list(calls):
            each.hangup(pj.CallOpParam(True))
        pump(0.5, lambda: not calls)
    elif name == "line":
        follow_lines()
    else:
        raise SystemExit(f"no such step: {text}")
    return True


def follow_lines():
    """Steps come over standard input while the phone lives on."""
    lines, lock, open_ = [], threading.Lock(), [True]

    def read():
        for line in sys.stdin:
            with lock:
                lines.append(line.strip())
        open_[0] = False

    threading.Thread(target=read, daemon=True).start()
    while open_[0] or lines:
        pump(0.02)
        with lock:
            todo, lines[:] = list(lines), []
        for text in todo:
            tell("done", step=text, ok=bool(step(text)))


failed = 0
try:
    for text in options.steps:
        if not step(text):
            tell("failed", step=text)
            failed = 1
            break
except Exception as error:       # pj.Error carries its text in info()
    tell("failed", reason=error.info() if hasattr(error, "info") else repr(error))
    failed = 2
try:
    for call in list(calls):
        call.hangup(pj.CallOpParam(True))
    pump(0.3)
    gone.clear()
    calls.clear()
    if recorder:
        recorder.write(options.record)
    recorder = player = None
    account.shutdown()
    pump(0.3)
    endpoint.libDestroy()
except Exception as error:
    tell("failed at the end", reason=repr(error))
sys.stdout.flush()
os._exit(failed)
