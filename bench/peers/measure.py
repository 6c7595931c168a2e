"""What is measured of one model: agreement, the best way of each contender, streams, single texts, starts."""
import statistics
import time

import figures
import plan
from field import Field, start_worker
from prepare import ExportError
from process import WorkerError


class Bench:
    """Measures one model. `path_of(contender, variant)` gives the file that is loaded, `texts` has the files of texts:
    those that texts_of() in run.py makes. Results are in the store."""

    def __init__(self, model, contenders, path_of, texts, store, settings, say):
        self.model, self.path_of, self.texts, self.store, self.say = model, path_of, texts, store, say
        self.settings = settings  # threads, processors, log (folder), hf (folder)
        self.choices = {}
        self.failures = store.results.setdefault(f"{model.key}/failures", {})
        self.field = Field(contenders, self._start_chosen, self.failures)

    def run(self):
        """True if all who compute in fp32 agree with us."""
        agreement = self._once("agreement", self.agree)
        self.tune(agreement)
        for load in self.model.loads:
            self._once(f"streams/{load}", lambda load=load: self.streams(load))
        self._once("tokenize", self.tokenize)
        self._once("singles", self.singles)
        self._once("starts", self.starts)
        self.field.close_all()
        self.store.put(f"{self.model.key}/failures", self.failures)
        return not any(found.get("refused") for found in agreement.values())

    def _once(self, name, measure):
        def measured():
            self.say(f"{self.model.key}: {name}")
            result = measure()
            self.store.results[f"{self.model.key}/failures"] = self.failures
            return result
        return self.store.once(f"{self.model.key}/{name}", measured)

    # ---- starting workers ----

    def _load(self, contender, variant, way=None):
        request = {"do": "load", "model": str(self.path_of(contender, variant)), "precision": contender.precision,
                   "threads": self.settings["threads"], "folder": str(self.settings["hf"]), "window": self.model.window}
        return {**request, "way": way} if way else request

    def _start(self, contender, variant):
        log = self.settings["log"] / f"{self.model.key}-{contender.key}.log"
        return start_worker(contender, self._load(contender, variant), log, self.settings["processors"])

    def _start_chosen(self, contender):
        return self._start(contender, self.choices[contender.key]["variant"])

    # ---- agreement ----

    def agree(self):
        """How near the answers of each variant are to ours in fp32. One in fp32 that is not near is out."""
        found, reference = {}, None
        for contender in sorted(self.field.running(), key=lambda one: not (one.ours and one.exact)):
            entry = {"variants": {}}
            for variant in contender.variants:
                try:
                    answers = self._answers(contender, variant, entry)
                    if reference is None and contender.ours and contender.exact:
                        reference = answers
                    entry["variants"][variant] = {} if contender.other_class else {
                        "largest_difference": figures.largest_difference(answers, reference),
                        "same_labels": figures.same_labels(answers, reference)}
                except (WorkerError, ExportError, ValueError) as error:
                    entry.setdefault("failed", {})[variant] = str(error)
            if reference is None:
                raise SystemExit(f"our own answers are missing: {entry['failed']}")
            found[contender.key] = entry
            self._judge(contender, entry)
        return found

    def _answers(self, contender, variant, entry):
        worker = self._start(contender, variant)
        try:
            entry["settings"] = worker.loaded.get("settings", {})
            return worker.ask({"do": "answers", "texts": self.texts["agreement"]})["probabilities"]
        finally:
            worker.close()

    def _judge(self, contender, entry):
        if contender.exact:
            far = {name: values["largest_difference"] for name, values in entry["variants"].items()
                   if not values["largest_difference"] <= plan.EXACT_BOUND}
            if far:
                entry["refused"] = far
                self.say(f"{contender.name} DISAGREES with ours: {far}")
            entry["variants"] = {name: values for name, values in entry["variants"].items() if name not in far}
        if not entry["variants"]:
            refused = entry.get("refused")
            why = (f"its probabilities differ from ours by {max(refused.values()):.2g}" if refused
                   else "; ".join(sorted(set(entry["failed"].values()))))
            self.field.drop(contender, why)
            self.say(f"{contender.name} is out: {why}")

    # ---- the best way of each ----

    def tune(self, agreement):
        """For each contender the variant, layout and size of batches with which it is fastest."""
        for contender in self.field.running():
            variants = self._trusted(agreement[contender.key]["variants"])
            try:
                self.choices[contender.key] = self._once(
                    f"choices/{contender.key}", lambda one=contender, names=variants: self._tune_one(one, names))
            except WorkerError as error:
                self.field.drop(contender, str(error))

    @staticmethod
    def _trusted(variants):
        """Variants that answer like us, or about as much as any: among these the fastest is taken."""
        labels = {name: values.get("same_labels", 1) for name, values in variants.items()}
        enough = min(plan.SAME_LABELS, max(labels.values()) - plan.ABOUT_AS_MUCH)
        return [name for name, share in labels.items() if share >= enough]

    def _tune_one(self, contender, variants):
        if not contender.tuned:
            return {"variant": variants[0], "layout": "split", "single layout": "split",
                    "tokens": dict.fromkeys(self.model.loads, 0)}
        shortest = next(iter(self.model.loads))
        tried = {}
        for variant in variants:
            worker = self._start(contender, variant)
            try:
                for layout in plan.LAYOUTS:
                    tried[variant, layout] = min(self._stream(worker, f"{shortest}-part", tokens, layout)
                                                 for tokens in plan.FIRST_BUDGETS)
            finally:
                worker.close()
        variant, layout = min(tried, key=tried.get)
        choice = {"variant": variant, "layout": layout, "tokens": {}}
        worker = self._start(contender, variant)
        try:
            for load in self.model.loads:
                choice["tokens"][load] = self._best_budget(worker, load, layout)
            single = {layout: statistics.median(worker.ask({
                "do": "single", "texts": self.texts["few"], "way": {"order": "arrival", "texts": 1, "layout": layout}})
                ["seconds"]) for layout in plan.LAYOUTS}
            choice["single layout"] = min(single, key=single.get)
        finally:
            worker.close()
        return choice

    def _best_budget(self, worker, load, layout):
        """Tokens of a batch; larger ones are tried until one is clearly slower."""
        seconds = {}
        for tokens in plan.BUDGETS:
            seconds[tokens] = self._stream(worker, f"{load}-part", tokens, layout)
            if seconds[tokens] > 1.15 * min(seconds.values()):
                break
        return min(seconds, key=seconds.get)

    def _stream(self, worker, texts, tokens, layout):
        way = {"order": "length", "tokens": tokens, "layout": layout}
        return worker.ask({"do": "stream", "texts": self.texts[texts], "way": way})["seconds"]

    # ---- times ----

    def _seconds(self, contender, request):
        return self.field.worker(contender).ask(request)["seconds"]

    def streams(self, load):
        texts = self.texts[load]
        return {
            "best": self.field.in_turns(self.model.rounds, lambda contender: self._seconds(contender, {
                "do": "stream", "texts": texts, "way": plan.best_way(self.choices[contender.key], load)})),
            "arrival": self.field.in_turns(self.model.arrival_rounds, lambda contender: self._seconds(contender, {
                "do": "stream", "texts": texts, "way": plan.arrival_way()}), among=lambda one: one.tuned)}

    def tokenize(self):
        return {load: self.field.in_turns(self.model.rounds, lambda contender, load=load: self._seconds(
            contender, {"do": "tokenize", "texts": self.texts[load]})) for load in self.model.loads}

    def singles(self):
        def measure(texts, way):
            return lambda contender: figures.latency(self._seconds(contender, {
                "do": "single", "texts": self.texts[texts], "way": way(self.choices[contender.key])}))

        return {name: {"best": self.field.in_turns(self.model.rounds, measure(name, plan.single_way)),
                       "usual": self.field.in_turns(self.model.rounds, measure(name, lambda _: plan.usual_single_way()),
                                                    among=lambda one: one.usual)}
                for name in ("sixteen", "singles")}

    # ---- starts and memory ----

    def starts(self):
        """From the start of a process to its first answer, and the most memory that it takes for a stream."""
        self.field.close_all()
        return self.field.in_turns(plan.COLD_STARTS, self._start_cold)

    def _start_cold(self, contender):
        choice = self.choices[contender.key]
        load = next(iter(self.model.loads))
        way = plan.best_way(choice, load)
        log = self.settings["log"] / f"{self.model.key}-{contender.key}.log"
        start = time.perf_counter()
        worker = start_worker(contender, self._load(contender, choice["variant"], way), log, self.settings["processors"])
        try:
            worker.ask({"do": "answers", "texts": self.texts["one"]})
            seconds = time.perf_counter() - start
            worker.ask({"do": "stream", "texts": self.texts[load], "way": way})
            return {"first_answer": seconds, "peak_bytes": worker.peak_bytes()}
        finally:
            worker.close()
