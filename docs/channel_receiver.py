"""A program at the HTTP channel of the hotline (docs/channels.md): prints what visitors are told, and passes on what is
typed as `VISITOR TEXT`. Python's own library is all it needs.

    SECRET=... python channel_receiver.py https://hotline.example/api/channel/shop/messages 8090
"""

import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time
import urllib.request
import uuid

ADDRESS, PORT, SECRET = sys.argv[1], int(sys.argv[2]), os.environ["SECRET"].encode()
HOST = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"
seen = set()            # a real program keeps them where they outlive it


def signature(timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        timestamp = self.headers["X-Hotline-Timestamp"]
        good = hmac.compare_digest(signature(timestamp, body), self.headers["X-Hotline-Signature"])
        if good and abs(time.time() - int(timestamp)) < 300:
            told = json.loads(body)
            if told.get("id") not in seen and told["type"] != "typing":
                seen.add(told["id"])
                print(told["visitor"], told["type"], told["body"], [one["keys"] for one in told["options"]], flush=True)
        self.send_response(204 if good else 401)
        self.end_headers()


def say(visitor: str, text: str) -> None:
    """Until it is safe, under one id."""
    body = json.dumps({"visitor": visitor, "id": uuid.uuid4().hex, "body": text}).encode()
    while True:
        at = str(int(time.time()))
        headers = {"X-Hotline-Timestamp": at, "X-Hotline-Signature": signature(at, body)}
        try:
            urllib.request.urlopen(urllib.request.Request(ADDRESS, body, headers), timeout=20).close()
            return
        except OSError as error:
            print("again:", error, file=sys.stderr)
            time.sleep(2)


threading.Thread(target=http.server.ThreadingHTTPServer((HOST, PORT), Hook).serve_forever, daemon=True).start()
for line in sys.stdin:
    say(*line.rstrip("\n").split(" ", 1))
