"""Commands that run at a terminal."""
import os
import pty
import subprocess


def at_terminal(command, **options):
    """Runs a command whose standard output and error are a terminal; returns what it showed."""
    master, slave = pty.openpty()
    child = subprocess.Popen(command, stdout=slave, stderr=slave, stdin=subprocess.DEVNULL, **options)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    return child.wait(120), shown.decode()
