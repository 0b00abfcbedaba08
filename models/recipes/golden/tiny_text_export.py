"""Exports decoders of transformers to ONNX in every arrangement that is found in Hugging Face folders: one graph,
a graph without and a graph with the cache, both merged under `use_cache_branch`, com.microsoft's
GroupQueryAttention, and weights in 4 or 8 bits (MatMulNBits) or float16.

The layers are transformers' own. Only what the tracer cannot follow is put in their place: the cache, as plain
tensors, and the mask, from the positions.
"""

from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper
from torch import nn
from transformers import AttentionInterface

OPSET = 17


class TensorCache:
    """What attention layers of transformers expect of a cache, over tensors that come in and go out."""

    is_compileable = False

    def __init__(self, past: list[tuple[torch.Tensor, torch.Tensor]] | None, grows: bool):
        self.past, self.grows, self.present = past, grows, {}

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return 0 if self.past is None else self.past[layer_idx][0].shape[2]

    def update(self, key, value, layer_idx, *_args, **_kwargs):
        if self.past is not None and self.grows:
            key = torch.cat([self.past[layer_idx][0], key], 2)
            value = torch.cat([self.past[layer_idx][1], value], 2)
        self.present[layer_idx] = (key, value)
        return key, value


class GroupQueryAttention(torch.autograd.Function):
    """com.microsoft::GroupQueryAttention; what it computes here is only looked at for its shapes."""

    @staticmethod
    def forward(_ctx, query, key, value, past_key, past_value, seqlens_k, total, heads, key_value_heads, scale):
        def grown(past, new):
            return torch.cat([past, new.unflatten(2, (key_value_heads, -1)).transpose(1, 2)], 2)

        return query.clone(), grown(past_key, key), grown(past_value, value)

    @staticmethod
    def symbolic(g, query, key, value, past_key, past_value, seqlens_k, total, heads, key_value_heads, scale):
        return g.op(
            "com.microsoft::GroupQueryAttention",
            query, key, value, past_key, past_value, seqlens_k, total,
            num_heads_i=heads, kv_num_heads_i=key_value_heads, scale_f=scale, outputs=3,
        )  # fmt: skip


def grouped_query_attention(module, query, key, value, _mask, scaling, **_kwargs):
    cache, seqlens_k, total = module.fused
    past_key, past_value = cache.past[module.layer_idx]

    def flat(x):
        return x.transpose(1, 2).flatten(2)

    heads, key_value_heads = module.config.num_attention_heads, module.config.num_key_value_heads
    attended, *present = GroupQueryAttention.apply(
        flat(query), flat(key), flat(value), past_key, past_value, seqlens_k, total, heads, key_value_heads, scaling
    )
    cache.present[module.layer_idx] = tuple(present)
    return attended.view(attended.shape[0], -1, heads, module.head_dim), None


AttentionInterface.register("grouped_query", grouped_query_attention)


@dataclass
class Arrangement:
    """Inputs besides `input_ids` and the cache, in the order of the graph."""

    inputs: tuple[str, ...] = ("attention_mask", "position_ids")
    fused: bool = False
    with_past: bool = True
    """Tokens of the example that is traced: exports for one token at a time were traced so."""
    traced_tokens: int = 3


class WithCache(nn.Module):
    def __init__(self, model: nn.Module, arrangement: Arrangement):
        super().__init__()
        self.model, self.arrangement = model, arrangement
        self.decoder = getattr(model, "model", None) or model.transformer
        self.layers = model.config.num_hidden_layers
        self.window = getattr(model.config, "sliding_window", None)

    def forward(self, input_ids, *rest):
        names = self.arrangement.inputs
        given, past = dict(zip(names, rest[: len(names)], strict=True)), rest[len(names) :]
        fused = self.arrangement.fused
        cache = TensorCache(list(zip(past[::2], past[1::2], strict=True)) if past else None, grows=not fused)
        length = input_ids.shape[1]
        mask = given.get("attention_mask")
        if mask is None:
            before = past[0].shape[2]
            mask = torch.ones(input_ids.shape[0], before + length, dtype=torch.int64)
        positions = given.get("position_ids")
        if positions is None and "seqlens_k" in given:
            positions = given["seqlens_k"].long()[:, None] - length + 1 + torch.arange(length)
        if positions is None:
            positions = (mask.cumsum(1) - 1)[:, -length:]
        if fused:
            seqlens_k = given.get("seqlens_k", (mask.sum(1) - 1).int())
            total = given.get("total_sequence_length", torch._shape_as_tensor(mask)[1].int())
            for layer in self.decoder.layers:
                layer.self_attn.fused = (cache, seqlens_k, total)
        keys = torch.arange(mask.shape[1])[None, None, None, :]
        queries = positions[:, None, :, None]
        seen = (keys <= queries) & (mask[:, None, None, :] > 0)

        def additive(allowed):
            return torch.where(allowed, 0.0, torch.finfo(torch.float32).min)

        masks = additive(seen)
        if getattr(self.model.config, "layer_types", None) and self.window:
            masks = {"full_attention": masks, "sliding_attention": additive(seen & (keys > queries - self.window))}
        hidden = self.decoder(
            input_ids=input_ids, attention_mask=masks, position_ids=positions, past_key_values=cache, use_cache=True
        ).last_hidden_state
        kept = given.get("num_logits_to_keep")
        if kept is not None:
            hidden = hidden[:, -kept:]
        logits = self.model.lm_head(hidden)
        cap = getattr(self.model.config, "final_logit_softcapping", None)
        if cap:
            logits = torch.tanh(logits / cap) * cap
        present = [tensor for index in range(self.layers) for tensor in cache.present[index]]
        return (logits, *present)


def export(model: nn.Module, path: Path, arrangement: Arrangement) -> None:
    config = model.config
    model.set_attn_implementation("grouped_query" if arrangement.fused else "eager")
    length, before, batch = arrangement.traced_tokens, 4 if arrangement.with_past else 0, 2
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    examples = {
        "attention_mask": torch.ones(batch, before + length, dtype=torch.int64),
        "position_ids": torch.arange(before, before + length).expand(batch, -1).clone(),
        "num_logits_to_keep": torch.tensor(2),
        "seqlens_k": torch.full((batch,), before + length - 1, dtype=torch.int32),
        "total_sequence_length": torch.tensor(before + length, dtype=torch.int32),
    }
    axes = {
        "input_ids": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"},
        "seqlens_k": {0: "batch_size"},
        "logits": {0: "batch_size", 1: "sequence_length"},
    }
    if length == 1:
        axes["input_ids"] = axes["position_ids"] = {0: "batch_size"}
    names = [f"{index}.{part}" for index in range(config.num_hidden_layers) for part in ("key", "value")]
    past = [torch.zeros(batch, heads, before, size) for _ in names] if arrangement.with_past else []
    past_names = [f"past_key_values.{name}" for name in names] if arrangement.with_past else []
    present_names = [f"present.{name}" for name in names]
    for name in past_names:
        axes[name] = {0: "batch_size", 2: "past_sequence_length"}
    for name in present_names:
        axes[name] = {0: "batch_size", 2: "total_sequence_length"}
    input_names = ["input_ids", *arrangement.inputs, *past_names]
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        WithCache(model, arrangement).eval(),
        (torch.ones(batch, length, dtype=torch.int64), *(examples[name] for name in arrangement.inputs), *past),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=input_names,
        output_names=["logits", *present_names],
        dynamic_axes={name: axes[name] for name in [*input_names, "logits", *present_names] if name in axes},
        custom_opsets={"com.microsoft": 1},
    )
    model.set_attn_implementation("eager")
    graph = onnx.load(path)
    strip(graph)
    onnx.save(graph, path)


def strip(model: onnx.ModelProto) -> None:
    """Drops what only people read, so that the fixtures stay small: names of nodes and of what lies between them."""
    graph = model.graph
    kept = {value.name for value in [*graph.input, *graph.output, *graph.initializer]}
    names = {}
    for node in graph.node:
        node.name = node.doc_string = ""
        del node.metadata_props[:]
        for values in (node.input, node.output):
            for index, name in enumerate(values):
                if name and name not in kept:
                    values[index] = names.setdefault(name, f"v{len(names)}")
    del graph.value_info[:]
    del graph.metadata_props[:]


def merge(without: Path, with_past: Path, path: Path) -> None:
    """Both graphs as branches of one `If`, as `decoder_model_merged.onnx`; equal weights are kept once."""
    branches = {"then": onnx.load(with_past).graph, "else": onnx.load(without).graph}
    weights: dict[bytes, TensorProto] = {}
    graphs = {}
    for branch, graph in branches.items():
        renamed = {}
        for weight in graph.initializer:
            content = weight.raw_data + bytes(str((weight.data_type, list(weight.dims))), "ascii")
            renamed[weight.name] = weights.setdefault(content, weight).name
        for node in graph.node:
            node.name = ""
            for index, name in enumerate(node.output):
                renamed[name] = f"{branch}/{name}"
                node.output[index] = renamed[name]
            for index, name in enumerate(node.input):
                node.input[index] = renamed.get(name, name)
        outputs = []
        for output in graph.output:
            output.name = renamed[output.name]
            outputs.append(output)
        graphs[branch] = helper.make_graph(list(graph.node), branch, [], outputs)
    outer = branches["then"]
    outputs = [output.name.removeprefix("then/") for output in branches["then"].output]
    choice = helper.make_node("If", ["use_cache_branch"], outputs, then_branch=graphs["then"], else_branch=graphs["else"])
    shapes = []
    for output in onnx.load(with_past).graph.output:
        shapes.append(output)
    inputs = [*outer.input, helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])]
    for value in inputs:
        if value.name in ("input_ids", "position_ids"):
            value.type.tensor_type.shape.dim[1].dim_param = "sequence_length"
    graph = helper.make_graph([choice], "merged", inputs, shapes, list(weights.values()))
    merged = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(merged)
    onnx.save(merged, path)


def snap_to_grid(model: nn.Module, bits: int, block: int = 32) -> None:
    """Rounds linear weights to what `bits` can hold, so that quantising them afterwards loses nothing."""
    steps = 2 ** (bits - 1)
    for module in model.modules():
        if not isinstance(module, nn.Linear):
            continue
        weight = module.weight.data
        padded = nn.functional.pad(weight, (0, -weight.shape[1] % block)).unflatten(1, (-1, block))
        largest = padded.gather(2, padded.abs().argmax(2, keepdim=True))
        scale = largest / -steps
        snapped = (padded / scale).round().clamp(-steps, steps - 1) * scale
        module.weight.data.copy_(snapped.flatten(1)[:, : weight.shape[1]])


def quantise(path: Path, out: Path, bits: int) -> None:
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantiser = MatMulNBitsQuantizer(onnx.load(path), bits=bits, block_size=32, is_symmetric=True, accuracy_level=0)
    quantiser.process()
    onnx.save(quantiser.model.model, out)


def halve(path: Path, out: Path) -> None:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    onnx.save(convert_float_to_float16(onnx.load(path)), out)


