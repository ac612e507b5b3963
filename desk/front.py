"""/: a plain page that says what is here, where the pages are not built."""

import base64
import hashlib

from fastapi.responses import HTMLResponse

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem;
       color-scheme: light dark }
code { font-size: .95em } pre { overflow-x: auto } td { padding: .1rem 1rem .1rem 0; vertical-align: top }
"""

PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hotline</title>
<style>{STYLE}</style>
<h1>Hotline</h1>
<p>This server answers telephone calls. Programs talk to it here; what they get is JSON.</p>
<p><b>The pages for people are not built.</b> In a checkout: <code>make pages</code>, then start again; a package has
them in it.</p>
<table>
<tr><td><a href="health"><code>/health</code></a><td>whether calls can be answered now
<tr><td><code>/metrics</code><td>figures for Prometheus
<tr><td><code>/api/calls</code><td>every call, from the first ring to its outcome
<tr><td><code>/api/requests</code><td>what callers wanted and what became of it
<tr><td><code>/api/operators</code><td>who answers, and their status
<tr><td><code>/api/queues</code><td>who waits now
<tr><td><code>/api/trunks</code><td>how the lines to the providers stand
<tr><td><code>/api/phones</code><td>which phones are registered
<tr><td><code>/api/recordings</code><td>recorded talks, and who heard them
<tr><td><code>/api/captures</code><td>captures of single calls
<tr><td><a href="openapi.json"><code>/openapi.json</code></a><td>all of it, described (OpenAPI)
</table>
<p><code>/health</code> and <code>/openapi.json</code> are open; all else needs the token, or the cookie of
<code>POST /api/login</code>:</p>
<pre><code>curl -H "Authorization: Bearer $(cat var/api-token)" http://127.0.0.1:8080/api/queues</code></pre>
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {"Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
                                      "base-uri 'none'; form-action 'none'"}


def front() -> HTMLResponse:
    return HTMLResponse(PAGE, headers=HEADERS)
