"""The bench's side of a worker: a process that is asked to work, and stopped in between."""
import ctypes
import json
import os
import pathlib
import select
import signal
import subprocess
import time


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class WorkerError(Exception):
    """One sentence: why a worker cannot go on."""


class Worker:
    """Answers requests, JSON on lines (worker.py lists them). While it is not asked anything it is stopped by a
    signal, so that its threads take no time from the one that is measured."""

    def __init__(self, command, log, processors, environment=None):
        self.loaded = None  # the reply to "load"
        self.log = pathlib.Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.unread = b""
        with open(self.log, "ab") as errors:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env=clean_environment(len(processors), environment or {}),
                preexec_fn=lambda: begin(processors))

    def ask(self, request, timeout=600):
        """The reply; raises WorkerError when there is none in time, or it is an error."""
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            reply = json.loads(self._line(time.monotonic() + timeout))
        except (OSError, ValueError) as error:
            raise WorkerError(f"the worker ended: {self._last_words() or error}") from error
        self._stop()
        if "error" in reply:
            raise WorkerError(reply["error"])
        return reply

    def _stop(self):
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def _line(self, deadline):
        while b"\n" not in self.unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.close()
                raise WorkerError("took too long and was stopped")
            more = os.read(self.process.stdout.fileno(), 1 << 16)
            if not more:
                raise ValueError("no reply")
            self.unread += more
        line, _, self.unread = self.unread.partition(b"\n")
        return line

    def _last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def peak_bytes(self):
        """The most memory that was resident at once."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def begin(processors):
    """In the new process: its processors, and that it ends when the bench does, which a stopped process would outlive."""
    os.sched_setaffinity(0, processors)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def clean_environment(threads, more):
    """Nothing of the caller's that libraries read, but the number of threads, which is the same for all."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    numbers = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}
    return {**kept, **numbers, "TOKENIZERS_PARALLELISM": "true", "HF_HUB_OFFLINE": "1", "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "", **more}
