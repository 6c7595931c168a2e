"""ONNX Runtime; the int8 graphs are dynamically quantized, a scale a channel."""
import onnxruntime

from engines.batched import BatchedEngine, padded


class Engine(BatchedEngine):
    def __init__(self, request):
        super().__init__(request)
        self.sessions_for(self.way["layout"])

    def settings(self):
        return {"version": onnxruntime.__version__}

    def open_session(self, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])

    def logits(self, session, rows):
        ids, mask = padded(rows)
        return session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
