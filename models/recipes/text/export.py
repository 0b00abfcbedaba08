"""Exports the trained model as a folder in the Hugging Face ONNX layout, and its golden file.

Weights are stored as float16 and cast to float32 inside the graph: half the size, float32 arithmetic.
`golden.json` holds greedy continuations and token ids computed by transformers from the same
float16-rounded weights, for any other implementation to be compared with.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional as F
from transformers import LlamaForCausalLM

from prepare import END_OF_TEXT
from train import CONTEXT_LENGTH, build_model

GREEDY_PROMPTS = [
    "Once upon a time",
    "The old man opened the door and",
    '"Where are you going?" said the fox.',
    "In the middle of the forest there stood a",
    "It was a cold night, and the wind",
]
TRICKY_TEXTS = [
    "",
    " ",
    "Hello, world!",
    "  two spaces and\ttab",
    "line one\nline two\n\nnew paragraph",
    "curly “quotes” and — dash…",
    "naïve café, façade",
    "猫が好き 🐈‍⬛ مرحبا",
    "1234567890 3.14159",
    "don't I'll we've THEY'RE",
    "a<|endoftext|>b",
]


class Decoder(nn.Module):
    """LlamaForCausalLM's arithmetic with the cache as plain tensors, so that it can be traced."""

    def __init__(self, model: LlamaForCausalLM):
        super().__init__()
        self.model = model
        config = model.config
        self.heads = config.num_attention_heads
        self.head_size = config.hidden_size // self.heads
        positions = torch.arange(config.max_position_embeddings).float()
        theta = config.rope_parameters["rope_theta"]
        frequencies = theta ** (-torch.arange(0, self.head_size, 2).float() / self.head_size)
        angles = torch.outer(positions, frequencies)
        self.register_buffer("cosines", torch.cat([angles, angles], -1).cos())
        self.register_buffer("sines", torch.cat([angles, angles], -1).sin())

    def rotate(self, x, cosines, sines):
        first, second = x.chunk(2, -1)
        return x * cosines + torch.cat([-second, first], -1) * sines

    def forward(self, input_ids, attention_mask, position_ids, *past):
        hidden = self.model.model.embed_tokens(input_ids)
        cosines, sines = self.cosines[position_ids].unsqueeze(1), self.sines[position_ids].unsqueeze(1)
        total = attention_mask.shape[1]
        keys_at = torch.arange(total)
        queries_at = torch.arange(total)[total - input_ids.shape[1] :]
        visible = (keys_at <= queries_at.unsqueeze(1)) & (attention_mask[:, None, None, :] > 0)
        mask = torch.where(visible, 0.0, -1e9)
        present = []
        for index, layer in enumerate(self.model.model.layers):
            x = layer.input_layernorm(hidden)
            shape = (x.shape[0], x.shape[1], self.heads, self.head_size)
            query, key, value = (
                projection(x).view(shape).transpose(1, 2)
                for projection in (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj)
            )
            query, key = self.rotate(query, cosines, sines), self.rotate(key, cosines, sines)
            key = torch.cat([past[2 * index], key], 2)
            value = torch.cat([past[2 * index + 1], value], 2)
            present += [key, value]
            weights = F.softmax(query @ key.transpose(2, 3) * self.head_size**-0.5 + mask, -1)
            attended = (weights @ value).transpose(1, 2).flatten(2)
            hidden = hidden + layer.self_attn.o_proj(attended)
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        return (self.model.lm_head(self.model.model.norm(hidden)), *present)


def round_to_half(model: nn.Module) -> None:
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight.half().float())


def trace(model: LlamaForCausalLM, path: Path) -> None:
    layers, heads = model.config.num_hidden_layers, model.config.num_attention_heads
    head_size = model.config.hidden_size // heads
    past = [torch.zeros(1, heads, 2, head_size) for _ in range(2 * layers)]
    names = [f"{i}.{part}" for i in range(layers) for part in ("key", "value")]
    torch.onnx.export(
        Decoder(model).eval(),
        (torch.zeros(1, 3, dtype=torch.int64), torch.ones(1, 5, dtype=torch.int64), torch.tensor([[2, 3, 4]]), *past),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{n}" for n in names)],
        output_names=["logits", *(f"present.{n}" for n in names)],
        dynamic_axes={
            "input_ids": {0: "batch_size", 1: "sequence_length"},
            "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
            "position_ids": {0: "batch_size", 1: "sequence_length"},
            "logits": {0: "batch_size", 1: "sequence_length"},
            **{f"past_key_values.{n}": {0: "batch_size", 2: "past_sequence_length"} for n in names},
            **{f"present.{n}": {0: "batch_size", 2: "total_sequence_length"} for n in names},
        },
    )


def store_as_half(path: Path) -> None:
    """Float32 initializers that float16 holds exactly become float16 with a Cast behind them."""
    model = onnx.load(str(path))
    casts = []
    for initializer in model.graph.initializer:
        if initializer.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(initializer)
        if values.size < 256 or not np.array_equal(values, values.astype(np.float16).astype(np.float32)):
            continue
        name = initializer.name
        initializer.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def check(model: LlamaForCausalLM, path: Path) -> float:
    """Largest absolute difference of logits: whole prompt at once, then again in two pieces with the cache."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ids = np.arange(5, 45, dtype=np.int64)[None]
    layers, heads = model.config.num_hidden_layers, model.config.num_attention_heads
    empty = np.zeros((1, heads, 0, model.config.hidden_size // heads), np.float32)

    def run(part: np.ndarray, past: list[np.ndarray]) -> list[np.ndarray]:
        start = past[0].shape[2]
        feeds = {
            "input_ids": part,
            "attention_mask": np.ones((1, start + part.shape[1]), np.int64),
            "position_ids": np.arange(start, start + part.shape[1], dtype=np.int64)[None],
        }
        cache = [f"past_key_values.{i}.{kind}" for i in range(layers) for kind in ("key", "value")]
        return session.run(None, feeds | dict(zip(cache, past)))

    with torch.no_grad():
        expected = model(torch.from_numpy(ids)).logits.numpy()
    whole = run(ids, [empty] * (2 * layers))[0]
    first = run(ids[:, :17], [empty] * (2 * layers))
    second = run(ids[:, 17:], first[1:])
    pieces = np.concatenate([first[0], second[0]], 1)
    return float(max(np.abs(whole - expected).max(), np.abs(pieces - expected).max()))


def golden(model: LlamaForCausalLM, tokenizer: Tokenizer) -> dict:
    greedy = []
    for prompt in GREEDY_PROMPTS:
        ids = torch.tensor([tokenizer.encode(prompt).ids])
        with torch.no_grad():
            continued = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=40, do_sample=False)
        greedy.append({"prompt": prompt, "promptIds": ids[0].tolist(), "ids": continued[0, ids.shape[1] :].tolist()})
    return {
        "madeBy": "models/recipes/text/export.py",
        "greedy": greedy,
        "tokens": [{"text": text, "ids": tokenizer.encode(text).ids} for text in TRICKY_TEXTS],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    state = torch.load(arguments.work / "checkpoint.pt", map_location="cpu")
    model = build_model().eval()
    model.load_state_dict(state["model"])
    round_to_half(model)
    tokenizer = Tokenizer.from_file(str(arguments.work / "tokenizer.json"))

    staging = arguments.out.with_name(arguments.out.name + ".new")
    shutil.rmtree(staging, ignore_errors=True)
    (staging / "onnx").mkdir(parents=True)
    graph = staging / "onnx" / "model.onnx"
    trace(model, graph)
    store_as_half(graph)
    print(f"largest logit difference: {check(model, graph):.2e}; {graph.stat().st_size / 1e6:.1f} MB")

    def write(name: str, value: object) -> None:
        (staging / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    write("config.json", {"architectures": ["LlamaForCausalLM"], **model.config.to_diff_dict()})
    write("generation_config.json", {"bos_token_id": 0, "eos_token_id": 0})
    special = {"bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT, "unk_token": END_OF_TEXT}
    write("special_tokens_map.json", special)
    write(
        "tokenizer_config.json",
        {**special, "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": CONTEXT_LENGTH, "add_bos_token": False},
    )
    tokenizer.save(str(staging / "tokenizer.json"))
    write(
        "atelier.json",
        {
            "id": "atelier-starter-text",
            "name": "Atelier Starter Prose",
            "description": "A very small storyteller that learned from public-domain fiction of 1830 to 1930.",
            "licence": "MIT; trained on public-domain texts",
            "contextLength": CONTEXT_LENGTH,
            "defaultSampling": {"temperature": 0.7, "topK": 0, "topP": 0.95, "minP": 0.08, "repetitionPenalty": 1.1},
            "examplePrompts": [
                "Once upon a time there was a king who",
                "The old man opened the door and saw",
                "It was a cold night in December, and",
            ],
        },
    )
    write("golden.json", golden(model, tokenizer))
    shutil.rmtree(arguments.out, ignore_errors=True)
    staging.rename(arguments.out)


if __name__ == "__main__":
    main()
