"""Kills `trit pull` again and again and lets the last one finish: nothing is fetched twice to speak of, nothing is corrupt.

    python killed_pull.py ./trit [KILLS]

A hub of its own hands out a file of 48 MB, slowly; each pull is ended by SIGKILL at a random moment. Needs no network.
"""
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIZE, COMMIT, REPO, FILE = 48 << 20, "c" * 40, "acme/tern", "tern-i2_s.gguf"
CONTENT = random.Random(5).randbytes(SIZE)
SHA = hashlib.sha256(CONTENT).hexdigest()
served = 0
lock = threading.Lock()


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def head(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, body):
        path = self.path.split("?")[0]
        if path == f"/api/models/{REPO}/revision/main":
            text = json.dumps({"id": REPO, "sha": COMMIT, "siblings": [{"rfilename": FILE, "size": SIZE}]}).encode()
            self.head(200, {"Content-Length": len(text)})
            self.wfile.write(text if body else b"")
        elif path == f"/{REPO}/resolve/{COMMIT}/{FILE}":
            self.head(302, {
                "X-Repo-Commit": COMMIT, "X-Linked-Etag": f'"{SHA}"', "X-Linked-Size": SIZE, "Content-Length": 0,
                "Location": f"http://127.0.0.1:{self.server.server_port}/lfs/{FILE}"})
        elif path == f"/lfs/{FILE}":
            self.content(body)
        else:
            self.head(404, {"X-Error-Code": "EntryNotFound", "Content-Length": 0})

    def content(self, body):
        global served
        first, last = 0, SIZE - 1
        given = self.headers.get("Range")
        if given:
            first, last = (int(end) for end in given.removeprefix("bytes=").split("-"))
        self.head(206 if given else 200, {
            "Content-Length": last - first + 1, "Content-Range": f"bytes {first}-{last}/{SIZE}", "ETag": f'"{SHA}"'})
        try:
            for at in range(first, last + 1 if body else first, 1 << 18):
                piece = CONTENT[at:min(at + (1 << 18), last + 1)]
                self.wfile.write(piece)
                with lock:
                    served += len(piece)
                time.sleep(0.05)
        except OSError:
            self.close_connection = True


hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=hub.serve_forever, daemon=True).start()
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 5
with tempfile.TemporaryDirectory() as home:
    environment = dict(os.environ, HF_HOME=home, HF_ENDPOINT=f"http://127.0.0.1:{hub.server_port}", NO_PROXY="127.0.0.1",
                       HF_HUB_OFFLINE="0")
    command = [sys.argv[1], "pull", f"{REPO}:{FILE}"]
    chance = random.Random(7)
    killed = 0
    for _ in range(kills):
        before = served
        pull = subprocess.Popen(command, env=environment, start_new_session=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while served == before and pull.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.05, 0.6))
        if pull.poll() is None:
            os.killpg(pull.pid, signal.SIGKILL)
            killed += 1
        pull.wait()
        print(f"killed after {served / 1e6:.1f} MB of {SIZE / 1e6:.1f} MB in all")
        assert not list(pathlib.Path(home).glob("**/snapshots/**/*.gguf")), "half a file passes for a whole one"
    assert killed and 0 < served < SIZE, "no pull was killed in the middle"
    last = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert last.returncode == 0, last.stderr
    path = next(pathlib.Path(home).glob(f"**/snapshots/{COMMIT}/{FILE}"))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA, "corrupt"
    assert not list(pathlib.Path(home).glob("**/*.incomplete*")), "something was left behind"
    again = served
    assert subprocess.run(command, env=environment, capture_output=True).returncode == 0
    assert served == again, "fetched once more"
    print(f"ok: {killed} kills, {served / SIZE:.2f} times the file fetched in all, sha256 right")
