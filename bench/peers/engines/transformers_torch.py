"""PyTorch with transformers: `usual` is the pipeline, as most people run it; else the model is called directly."""
import logging
import warnings

import torch
import transformers

from engines.batched import BatchedEngine, padded

PIPELINE_BATCH = 32


class Engine(BatchedEngine):
    def __init__(self, request):
        super().__init__(request)
        logging.getLogger("transformers").setLevel(logging.ERROR)
        torch.set_num_threads(self.threads)
        self.network = transformers.AutoModelForSequenceClassification.from_pretrained(self.model).eval()
        if self.precision == "int8":
            warnings.simplefilter("ignore")  # that dynamic quantization will move to another package
            self.network = torch.ao.quantization.quantize_dynamic(
                self.network, {torch.nn.Linear: torch.ao.quantization.per_channel_dynamic_qconfig})
        own = transformers.AutoTokenizer.from_pretrained(self.folder)
        self.pipeline = transformers.pipeline("text-classification", model=self.network, tokenizer=own, device=-1)

    def settings(self):
        return {"version": f"{transformers.__version__}, PyTorch {torch.__version__}",
                "attention": self.network.config._attn_implementation}  # pylint: disable=protected-access

    def open_session(self, threads):
        return threads

    def logits(self, session, rows):
        if torch.get_num_threads() != session:
            torch.set_num_threads(session)  # of the calling thread
        ids, mask = padded(rows)
        with torch.inference_mode():
            return self.network(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()

    def one(self, text, way):
        if not way.get("usual"):
            return super().one(text, way)
        return self.pipeline(text, truncation=True, max_length=self.window)

    def run(self, texts, way):
        if not way.get("usual"):
            return super().run(texts, way)
        torch.set_num_threads(self.threads)
        return self.pipeline(texts, batch_size=PIPELINE_BATCH, truncation=True, max_length=self.window)
