"""What has been measured so far, in a file: a run that is cut off goes on where it was."""
import json


class Store:
    """Results by key, written after each. A file of another run, by its fingerprint, is not used."""

    def __init__(self, path, fingerprint):
        self.path = path
        self.content = {"fingerprint": fingerprint, "results": {}}
        if path.exists():
            found = json.loads(path.read_text())
            if found.get("fingerprint") == fingerprint:
                self.content = found

    @property
    def results(self):
        return self.content["results"]

    def once(self, key, measure):
        """The result under the key, measured if it is not there yet."""
        if key not in self.results:
            self.put(key, measure())
        return self.results[key]

    def put(self, key, value):
        self.results[key] = value
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.content))
        part.replace(self.path)

    def forget(self):
        self.path.unlink(missing_ok=True)
