"""Commands that run at a terminal."""
import fcntl
import os
import pty
import struct
import subprocess
import termios


def at_terminal(command, columns=80, **options):
    """Runs a command whose standard output and error are a terminal; returns its code and what it showed."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
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
