"""Several telephones in one process, on PJSIP (pjsua2), run by the interpreter of `.peers`: `rack.py` drives them.

    rack_ua.py --server HOST:PORT --host HOST [--port PORT] [--play WAV] [--password P NAME ...]

Each NAME registers. Every other telephone is a number that calls without an account. Orders come as JSON lines, none of
which waits for anything: {"who": name or number, "do": "call", "to": URI}; press (keys: RFC 4733), answer (status),
habit (status and delay for calls that come in; status 0: it rings on), hold, refer (to), join (REFER with Replaces: the
first call to the other end of the second), hang_up (call: its number, the oldest is 0). What happens goes out as JSON
lines with the telephone's name, `at` on the machine's monotonic clock.
"""

import argparse
import json
import os
import sys
import threading
import time

import pjsua2 as pj

MOST_CALLS = 4               # for which PJSIP is built, and 8 accounts
parser = argparse.ArgumentParser()
parser.add_argument("--server", required=True)
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--password", default="")
parser.add_argument("--play", help="what every telephone says in every call")
parser.add_argument("names", nargs="*")
given = parser.parse_args()


def tell(who, event, **fields):
    print(json.dumps({"at": time.monotonic(), "who": who, "event": event, **fields}), flush=True)


def started():
    endpoint, settings = pj.Endpoint(), pj.EpConfig()
    endpoint.libCreate()
    settings.logConfig.level = settings.logConfig.consoleLevel = 0
    settings.uaConfig.threadCnt, settings.uaConfig.mainThreadOnly, settings.uaConfig.maxCalls = 0, True, MOST_CALLS
    settings.medConfig.ecOptions = settings.medConfig.ecTailLen = 0
    settings.medConfig.noVad = True              # silence is sent, as by most telephones
    settings.medConfig.sndAutoCloseTime = -1     # without a player nothing else keeps the clock of the audio going
    settings.medConfig.clockRate = settings.medConfig.sndClockRate = 8000
    endpoint.libInit(settings)
    endpoint.audDevManager().setNullDev()
    at = pj.TransportConfig()
    at.boundAddress = at.publicAddress = given.host
    at.port = given.port
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, at)
    endpoint.libStart()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMU/8000") else 0)
    return endpoint


class Telephone:
    """What is on the desk: its calls in the order in which they began, and what it does when it rings."""

    def __init__(self, name, account):
        self.name, self.account, self.calls = name, account, []
        self.status, self.delay = 0, 0.0


class Call(pj.Call):
    telephone = None
    state = 0
    due = None

    def onCallState(self, prm):
        info = self.getInfo()
        shed = info.lastStatusCode == 503 and self.state == pj.PJSIP_INV_STATE_CALLING
        self.state = info.state
        if shed:
            tell(self.telephone.name, "shed")
        else:
            tell(self.telephone.name, "state", state=info.stateText, status=info.lastStatusCode, call=self.getId())
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED and self in self.telephone.calls:
            self.telephone.calls.remove(self)
            gone.append(self)

    def onCallMediaState(self, prm):
        info = self.getInfo()            # the reference is kept: a temporary's children are freed with it
        heard = [stream.status for stream in info.media if stream.type == pj.PJMEDIA_TYPE_AUDIO]
        tell(self.telephone.name, "media", held=any(status in HELD for status in heard))
        if player and heard[:1] == [pj.PJSUA_CALL_MEDIA_ACTIVE]:
            player.startTransmit(self.getAudioMedia(-1))

    def onDtmfDigit(self, prm):
        tell(self.telephone.name, "digit", digit=prm.digit)

    def onCallTransferStatus(self, prm):
        tell(self.telephone.name, "transfer", status=prm.statusCode, final=prm.finalNotify)


class Account(pj.Account):
    name = ""

    def onRegState(self, prm):
        tell(self.name, "registered", status=prm.code)

    def onIncomingCall(self, prm):
        call = Call(self, prm.callId)
        info = call.getInfo()
        # who has no account is called by a number: it is the user of the address
        telephone = telephone_of(self.name or info.localUri.partition("sip:")[2].partition("@")[0])
        call.telephone = telephone
        telephone.calls.append(call)
        tell(telephone.name, "incoming", caller=info.remoteUri)
        if telephone.status == 0 or telephone.delay:
            answer(call, 180)
        if telephone.status:
            call.due = time.monotonic() + telephone.delay, telephone.status


HELD = (pj.PJSUA_CALL_MEDIA_LOCAL_HOLD, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
endpoint = started()
telephones, gone = {}, []
player = None
if given.play:
    player = pj.AudioMediaPlayer()
    player.createPlayer(given.play)


def account_of(name):
    account, settings = Account(), pj.AccountConfig()
    account.name = name
    settings.idUri = f"sip:{name}@{given.server}" if name else f"sip:anybody@{given.host}"
    settings.mediaConfig.transportConfig.boundAddress = given.host
    settings.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    if name:
        settings.regConfig.registrarUri = f"sip:{given.server}"
        settings.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", name, 0, given.password))
    account.create(settings, not name)
    return account


nobodys = account_of("")


def telephone_of(name):
    return telephones.setdefault(name, Telephone(name, nobodys))


def answer(call, status):
    prm = pj.CallOpParam()
    prm.statusCode = status
    call.answer(prm)


def call_to(telephone, to):
    call, prm = Call(telephone.account), pj.CallOpParam(True)
    call.telephone = telephone
    if telephone.account is nobodys:
        prm.txOption.localUri = f"sip:{telephone.name}@{given.host}"
    telephone.calls.append(call)
    call.makeCall(to, prm)


def obey(order):
    telephone, do = telephone_of(order["who"]), order["do"]
    number = order.get("call", -1)
    call = telephone.calls[number] if telephone.calls else None
    if do == "call":
        call_to(telephone, order["to"])
    elif do == "habit":
        telephone.status, telephone.delay = order["status"], order["delay"]
        tell(telephone.name, "habit")
    elif do == "answer":
        call.due = time.monotonic(), order["status"]
    elif do == "press":
        call.dialDtmf(order["keys"])
    elif do == "hold":
        call.setHold(pj.CallOpParam(True))
    elif do == "refer":
        call.xfer(order["to"], pj.CallOpParam(True))
    elif do == "join":
        telephone.calls[0].xferReplaces(telephone.calls[1], pj.CallOpParam(True))
    elif do == "hang_up":
        call.hangup(pj.CallOpParam(True))
    else:
        raise ValueError(f"no such order: {do}")


def answer_who_is_due():
    for telephone in list(telephones.values()):
        for call in list(telephone.calls):
            if call.due and call.due[0] <= time.monotonic():
                status, call.due = call.due[1], None
                tell(telephone.name, "answers", status=status)
                answer(call, status)


lines, lock, open_ = [], threading.Lock(), [True]


def read():
    for line in sys.stdin:
        with lock:
            lines.append(json.loads(line))
    open_[0] = False


def live():
    for name in given.names:
        telephones[name] = Telephone(name, account_of(name))
    threading.Thread(target=read, daemon=True).start()
    while open_[0] or lines:
        endpoint.libHandleEvents(10)
        answer_who_is_due()
        with lock:
            todo, lines[:] = list(lines), []
        for order in todo:
            try:
                obey(order)
            except Exception as error:      # pj.Error carries its text in info()
                tell(order["who"], "failed", order=order, why=error.info() if hasattr(error, "info") else repr(error))


def leave():
    """Hang up what is left and unregister; with libDestroy a second more would go by."""
    for telephone in telephones.values():
        for call in list(telephone.calls):
            call.hangup(pj.CallOpParam(True))
    for name in given.names:
        telephones[name].account.setRegistration(False)
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        endpoint.libHandleEvents(10)


try:
    live()
    leave()
finally:
    sys.stdout.flush()
    os._exit(0)
