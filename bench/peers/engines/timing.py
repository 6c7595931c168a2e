"""The clock of all engines."""
import time


def timed(function, *arguments):
    """Seconds that a call took, and what it returned."""
    start = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - start, result
