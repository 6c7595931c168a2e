"""A server that is started, asked, and ended."""
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`command` has "PORT" where the port goes; `health` is a path that answers once the server is there; `log` is a
    file for what it says."""

    def __init__(self, command, health, log):
        self.port = free_port()
        self.log = log
        with open(log, "wb") as file:
            self.process = subprocess.Popen([str(word).replace("PORT", str(self.port)) for word in command],
                                            stdout=file, stderr=file, start_new_session=True,
                                            env={**os.environ, "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"})
        self._wait(health)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path, timeout=60):
        """The body of the answer; OSError where there is none."""
        with urllib.request.urlopen(self.url(path), timeout=timeout) as answer:
            return answer.read()

    def peak_bytes(self):
        """The most memory that was resident at once."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])

    def end(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _wait(self, health):
        for _ in range(1200):
            try:
                self.ask(health, timeout=5)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit("a server did not start:\n" + pathlib.Path(self.log).read_text(errors="replace")[-3000:])
