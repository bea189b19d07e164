"""A Hub of one repository on this machine: what Hugging Face's library asks of the real one, and no more."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "89abcdef0123456789abcdef0123456789abcdef"
NAME = "ada/pets"


@contextmanager
def hub_of(files: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """The address of a Hub whose only repository holds these files, and the paths that it was asked for."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            asked.append(path)
            if path.startswith(f"/api/datasets/{NAME}/tree/"):
                tree = [{"type": "file", "path": n, "size": len(f), "oid": _sum(f)} for n, f in files.items()]
                self._answer(json.dumps(tree).encode(), "application/json")
            elif path in (f"/api/datasets/{NAME}", f"/api/datasets/{NAME}/revision/main"):
                siblings = [{"rfilename": name, "size": len(file)} for name, file in files.items()]
                about = {"id": NAME, "sha": COMMIT, "siblings": siblings, "tags": [], "downloads": 0, "likes": 0}
                self._answer(json.dumps(about | {"private": False, "disabled": False}).encode(), "application/json")
            elif (file := files.get(path.removeprefix(f"/datasets/{NAME}/resolve/{COMMIT}/"))) is not None:
                self._answer(file, "application/octet-stream")
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def _answer(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{_sum(content)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def _sum(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
