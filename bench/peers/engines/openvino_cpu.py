"""OpenVINO. Left to itself it computes in bfloat16 where the processor can, so the precision is always said."""
import openvino

from engines.batched import BatchedEngine, padded

# What is not quantized in an int8 model is computed in floats.
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


class Engine(BatchedEngine):
    def __init__(self, request):
        super().__init__(request)
        self.core = openvino.Core()
        self.graph = self.core.read_model(self.model)
        self.sessions_for(self.way["layout"])

    def settings(self):
        compiled = self.sessions_for(self.way["layout"])[0].get_compiled_model()
        return {"version": openvino.__version__.partition("-")[0],
                "inference precision": compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()}

    def sessions_for(self, layout):
        """One compiled model: on two, it would pin the threads of both to the same processor."""
        if layout not in self.sessions:
            streams = 1 if layout == "split" else self.threads
            compiled = self.core.compile_model(self.graph, "CPU", {
                "INFERENCE_PRECISION_HINT": HINTS[self.precision], "INFERENCE_NUM_THREADS": self.threads,
                "NUM_STREAMS": streams, "PERFORMANCE_HINT": "LATENCY" if streams == 1 else "THROUGHPUT"})
            self.sessions[layout] = [compiled.create_infer_request() for _ in range(streams)]
        return self.sessions[layout]

    def logits(self, session, rows):
        ids, mask = padded(rows)
        return session.infer({"input_ids": ids, "attention_mask": mask})[0].copy()
