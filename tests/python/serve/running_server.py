"""The real program as a server, on a free port of this machine."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODEL = ROOT / "tests/fixtures/models/bert"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Server:
    """A running `valence serve`. What it writes to standard error is in `told`."""

    def __init__(self, *arguments, model=f"m={MODEL}", env=None, scheme="http", context=None, **options):
        models = ["--model", model] if model else []
        command = [ROOT / "build/valence", "serve", "--port", "0", *models, *map(str, arguments)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT,
                                        env={**os.environ, **(env or {})},
                                        **{"stdout": subprocess.DEVNULL, **options})
        self.told, self.context = [], context
        first = self._line()
        while not (found := re.search(rf"at ({scheme}://\S+)", first)):
            assert first, f"did not start: {self.told}"
            first = self._line()
        self.url = found[1]
        self.port = int(self.url.rpartition(":")[2])
        threading.Thread(target=self._read, daemon=True).start()

    def _line(self):
        line = self.process.stderr.readline()
        self.told.append(line)
        return line

    def _read(self):
        while self._line():
            pass

    def ask(self, path, body=None, method=None, headers=None, timeout=60):
        """Asks with a body of bytes, or of what JSON can hold; errors are answers too."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self.context) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def metric(self, name):
        """The sum of a metric's series."""
        text = self.ask("/metrics").body.decode()
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
                   if re.match(rf"{name}(\{{| )", line))

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, timeout=60):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.process.wait(timeout)
