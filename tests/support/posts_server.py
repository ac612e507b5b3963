"""What the hotline posts to: a server of HTTP in threads, which a test starts, and stops when it likes."""

import http.server
import threading
from collections.abc import Callable, Mapping
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Asked = Callable[[str, Mapping[str, str], bytes], Answer]
"""Path, headers and body of a POST; what is answered: status, headers, body."""


class PostsServer:
    """Each request in a thread of its own, on connections that are kept."""

    def __init__(self, host: str, port: int, asked: Asked) -> None:
        self._address, self._asked = (host, port), asked
        self._server: http.server.ThreadingHTTPServer | None = None

    @property
    def runs(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        """Raises OSError where somebody else listens."""
        runs, asked = (lambda: self.runs), self._asked

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                if not runs():                  # a connection that was kept
                    self.close_connection = True
                    return
                status, headers, content = asked(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: Any) -> None:
                return

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                return          # the hotline is killed in the middle of it

        self._server = Server(self._address, Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self, leaving: Callable[[], object] = bool) -> None:
        """Nobody listens any more. `leaving` is called when it is said not to run, before it waits for its end."""
        if self._server is not None:
            server, self._server = self._server, None
            leaving()
            server.shutdown()
            server.server_close()
