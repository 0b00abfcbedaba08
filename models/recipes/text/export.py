"""Exports the trained model as a folder in the Hugging Face ONNX layout, with its golden file, checked by onnxruntime.

Weights are stored as float16 and cast to float32 inside the graph: half the size, float32 arithmetic.
The graph has the names of Optimum's merged decoder: it takes a cache of any length, also of none.
--reference writes the same float16 weights for transformers (safetensors).
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
from transformers import LlamaConfig, LlamaForCausalLM

from golden import golden
from prepare import END_OF_TEXT
from train import CONTEXT_LENGTH, ROPE_THETA, build_model


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


class Runner:
    """Feeds the exported graph; a cache is the list key 0, value 0, key 1, ... of [batch, heads, past, head size]."""

    def __init__(self, config: LlamaConfig, path: Path):
        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self.names = [f"past_key_values.{i}.{part}" for i in range(config.num_hidden_layers) for part in ("key", "value")]
        self.heads, self.head_size = config.num_attention_heads, config.head_dim

    def empty_cache(self, batch: int) -> list[np.ndarray]:
        return [np.zeros((batch, self.heads, 0, self.head_size), np.float32) for _ in self.names]

    def run(self, ids: np.ndarray, mask: np.ndarray, cache: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """`ids` int64 [batch, new]; `mask` int64 [batch, past + new], 0 for left padding; → logits and the grown cache."""
        positions = np.maximum(mask.cumsum(1) - 1, 0)[:, -ids.shape[1] :]
        feeds = {"input_ids": ids, "attention_mask": mask, "position_ids": positions}
        logits, *present = self.session.run(None, feeds | dict(zip(self.names, cache)))
        return logits, present


def check(model: LlamaForCausalLM, path: Path) -> float:
    """Largest absolute difference of logits to torch: the whole context at once; a prompt, then token by token with
    the cache; and a batch of two, one of them padded on the left."""
    runner = Runner(model.config, path)
    ids = np.random.default_rng(0).integers(1, model.config.vocab_size, (1, CONTEXT_LENGTH))
    ones = np.ones_like(ids)
    with torch.no_grad():
        expected = model(torch.from_numpy(ids)).logits.numpy()
    whole, _ = runner.run(ids, ones, runner.empty_cache(1))
    difference = np.abs(whole - expected).max()

    logits, cache = runner.run(ids[:, :17], ones[:, :17], runner.empty_cache(1))
    for end in range(18, 60):
        difference = max(difference, np.abs(logits[:, -1] - expected[:, end - 2]).max())
        logits, cache = runner.run(ids[:, end - 1 : end], ones[:, :end], cache)

    padded = np.concatenate([ids[:, :20], np.roll(ids[:, :20], 6)])
    mask = np.ones_like(padded)
    mask[1, :6] = 0
    batch, _ = runner.run(padded, mask, runner.empty_cache(2))
    difference = max(difference, np.abs(batch[0] - expected[0, :20]).max(), np.abs(batch[1, 6:] - expected[0, :14]).max())
    return float(difference)


def replace_folder(staging: Path, target: Path) -> None:
    """Readers find either the old folder or the new one, but for the instant between two renames."""
    old = target.with_name(f"{target.name}.old")
    if target.exists():
        target.rename(old)
    staging.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reference", type=Path, help="also write a transformers folder with safetensors here")
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

    config = {"architectures": ["LlamaForCausalLM"], **model.config.to_diff_dict(), "rope_theta": ROPE_THETA}
    write("config.json", {key: value for key, value in config.items() if value is not None})
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
            "defaultSampling": {"temperature": 0.75, "topK": 0, "topP": 0.95, "minP": 0.12, "repetitionPenalty": 1.1},
            "examplePrompts": [
                "Once upon a time there was a king who",
                "The old man opened the door and saw",
                "It was a cold night in December, and",
            ],
        },
    )
    write("golden.json", golden(model, tokenizer))
    replace_folder(staging, arguments.out)
    if arguments.reference is not None:
        model.half().save_pretrained(arguments.reference)


if __name__ == "__main__":
    main()
