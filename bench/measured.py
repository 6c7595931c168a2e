"""measured.py COMMAND...: runs a program, and prints its seconds and the most memory, in bytes, that was resident at once.

Linux carries the peak of the process that starts a program over into the program's own figure (ru_maxrss), so a large
process measures nothing below its own size. That is why run() starts this file: it imports next to nothing, and has
less than 10 MB."""
import os
import sys
import time


def run(command):
    """-> (seconds, bytes); what the program prints is thrown away. Ends the bench where the program fails."""
    import subprocess
    words = [*map(str, command)]
    done = subprocess.run([sys.executable, "-I", "-S", __file__, *words], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"failed with {done.returncode}: {' '.join(words)}")
    seconds, peak = done.stdout.split()
    return float(seconds), int(peak)


def main(command):
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
    _, status, usage = os.wait4(child, 0)
    print(time.perf_counter() - begin, 1024 * usage.ru_maxrss)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1:])
