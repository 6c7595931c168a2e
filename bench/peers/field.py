"""The contenders that are in the running, with a worker each, and how they take turns."""
from process import Worker, WorkerError


class Field:
    """`start` makes a worker of a contender, with its model loaded. A contender whose worker fails is out; why is kept
    in `failures`, by key."""

    def __init__(self, contenders, start, failures):
        self.contenders, self.start, self.failures = list(contenders), start, failures
        self.workers = {}

    def running(self):
        return [contender for contender in self.contenders if contender.key not in self.failures]

    def worker(self, contender):
        if contender.key not in self.workers:
            self.workers[contender.key] = self.start(contender)
        return self.workers[contender.key]

    def drop(self, contender, why):
        self.failures[contender.key] = why
        self.close(contender)

    def close(self, contender):
        worker = self.workers.pop(contender.key, None)
        if worker:
            worker.close()

    def close_all(self):
        for contender in self.contenders:
            self.close(contender)

    def in_turns(self, rounds, measure, among=lambda contender: True):
        """measure(contender) of each, round after round, so that whatever the machine does otherwise meets all alike;
        each round begins with the next one. Returns lists by key."""
        found = {}
        for number in range(rounds):
            turn = [contender for contender in self.running() if among(contender)]
            first = number % max(1, len(turn))
            for contender in turn[first:] + turn[:first]:
                try:
                    found.setdefault(contender.key, []).append(measure(contender))
                except WorkerError as error:
                    self.drop(contender, str(error))
                    found.pop(contender.key, None)
        return found


def start_worker(contender, request, log, processors):
    """A worker of the contender with its model loaded, the reply in `loaded`; raises WorkerError."""
    try:
        worker = Worker(contender.command, log, processors)
    except OSError as error:
        raise WorkerError(f"could not be started: {error}") from error
    try:
        worker.loaded = worker.ask(request)
    except WorkerError:
        worker.close()
        raise
    return worker
