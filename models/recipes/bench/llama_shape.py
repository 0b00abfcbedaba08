"""Language models of Llama's architecture and of usual sizes with random weights, for `npm run bench`.

    python models/recipes/bench/llama_shape.py FOLDER [135m-q4 135m-q8 1.1b-q4 1.1b-q8]
    ATELIER_BENCH_TEXT_MODELS=FOLDER npm run bench -- text-decode

One folder for each: `onnx/model.onnx` with its weights beside it, and `config.json`. 135m has the shape of
SmolLM-135M, 1.1b that of TinyLlama-1.1B. What they write is noise; times and memory are those of
models that were exported for speed: linear layers of 4 or 8 bits in blocks of 32 with float32 scales
(MatMulNBits, accuracy level 4: activations of 8 bits), queries, keys and values packed, gate and up
packed, GroupQueryAttention with rotary positions, a head of as few bits that sees the last position
alone. 0.2 GB and 0.3 GB at 135m, 1.0 GB and 1.5 GB at 1.1b.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parent))
from llama_shapes import BLOCK, CONTEXT, NORM_EPSILON, ROTARY_BASE, Shape, asked_models  # noqa: E402

MICROSOFT = "com.microsoft"


class Builder:
    """Nodes and weights of one graph, in the order of computation."""

    def __init__(self, shape: Shape, bits: int, context: int, seed: int):
        self.shape, self.bits, self.context = shape, bits, context
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def weight(self, name: str, values: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def linear(self, name: str, source: str, inputs: int, outputs: int) -> str:
        """y = x · Wᵀ with W [outputs, inputs] in blocks along its inputs; the middle of the range means 0."""
        blocks = inputs // BLOCK
        packed = self.random.integers(0, 256, (outputs, blocks, BLOCK * self.bits // 8), dtype=np.uint8)
        # As large as keeps the size of what passes through.
        spread = 2**self.bits / np.sqrt(12)
        scales = np.full((outputs, blocks), 1 / (spread * np.sqrt(inputs)), np.float32)
        return self.node(
            "MatMulNBits",
            [source, self.weight(f"{name}.packed", packed), self.weight(f"{name}.scales", scales)],
            [name],
            MICROSOFT,
            K=inputs,
            N=outputs,
            bits=self.bits,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def norm_weight(self, name: str) -> str:
        return self.weight(f"{name}.weight", np.ones(self.shape.width, np.float32))

    def add_norm(self, name: str, source: str, added: str) -> tuple[str, str]:
        """The normalised sum, and the sum."""
        self.node(
            "SkipSimplifiedLayerNormalization",
            [source, added, self.norm_weight(name)],
            [name, "", "", f"{name}.sum"],
            MICROSOFT,
            epsilon=NORM_EPSILON,
        )
        return name, f"{name}.sum"

    def lengths(self) -> tuple[str, str]:
        """What attention asks for: index of the last token, and tokens in all."""
        axis = self.weight("axis", np.array([1], np.int64))
        one = self.weight("one", np.array(1, np.int64))
        seen = self.node("ReduceSum", ["attention_mask", axis], ["seen"], keepdims=0)
        last = self.node("Sub", [seen, one], ["last"])
        size = self.node("Shape", ["attention_mask"], ["mask_size"])
        total = self.node("Gather", [size, one], ["total"], axis=0)
        return (
            self.node("Cast", [last], ["seqlens_k"], to=TensorProto.INT32),
            self.node("Cast", [total], ["total_sequence_length"], to=TensorProto.INT32),
        )

    def rotary_caches(self) -> list[str]:
        half = self.shape.head_size // 2
        frequencies = ROTARY_BASE ** (-np.arange(half, dtype=np.float64) / half)
        angles = np.outer(np.arange(self.context), frequencies)
        return [
            self.weight("cos_cache", np.cos(angles).astype(np.float32)),
            self.weight("sin_cache", np.sin(angles).astype(np.float32)),
        ]

    def build(self) -> onnx.ModelProto:
        shape = self.shape
        table = self.random.standard_normal((shape.vocabulary, shape.width), dtype=np.float32)
        hidden = self.node("Gather", [self.weight("embeddings", table), "input_ids"], ["embedded"])
        seqlens, total = self.lengths()
        caches = self.rotary_caches()
        packed_heads = shape.heads + 2 * shape.key_value_heads
        inputs, outputs = [], []
        normed = self.node(
            "SimplifiedLayerNormalization",
            [hidden, self.norm_weight("norm.first")],
            ["norm.first"],
            axis=-1,
            epsilon=NORM_EPSILON,
        )
        for index in range(shape.layers):
            layer = f"layer.{index}"
            past = [f"past_key_values.{index}.{part}" for part in ("key", "value")]
            present = [f"present.{index}.{part}" for part in ("key", "value")]
            inputs += [self.cache(name, "past_sequence_length") for name in past]
            outputs += [self.cache(name, "present_sequence_length") for name in present]
            packed = self.linear(f"{layer}.qkv", normed, shape.width, packed_heads * shape.head_size)
            attended = self.node(
                "GroupQueryAttention",
                [packed, "", "", *past, seqlens, total, *caches],
                [f"{layer}.attention", *present],
                MICROSOFT,
                num_heads=shape.heads,
                kv_num_heads=shape.key_value_heads,
                do_rotary=1,
                rotary_interleaved=0,
            )
            projected = self.linear(f"{layer}.o", attended, shape.heads * shape.head_size, shape.width)
            normed, hidden = self.add_norm(f"{layer}.norm", hidden, projected)
            both = self.linear(f"{layer}.gate_up", normed, shape.width, 2 * shape.intermediate)
            gate, up = f"{layer}.gate", f"{layer}.up"
            self.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
            # x · sigmoid(x)
            activated = self.node("QuickGelu", [gate], [f"{layer}.activated"], MICROSOFT, alpha=1.0)
            product = self.node("Mul", [activated, up], [f"{layer}.product"])
            down = self.linear(f"{layer}.down", product, shape.intermediate, shape.width)
            following = "norm.last" if index == shape.layers - 1 else f"layer.{index + 1}.norm.first"
            normed, hidden = self.add_norm(following, hidden, down)
        final = self.weight("final_position", np.array([-1], np.int64))
        kept = self.node("Gather", [normed, final], ["kept"], axis=1)
        logits = self.linear("logits", kept, shape.width, shape.vocabulary)
        graph = helper.make_graph(
            self.nodes,
            "llama",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"]),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch_size", "total_sequence_length"]),
                *inputs,
            ],
            [helper.make_tensor_value_info(logits, TensorProto.FLOAT, ["batch_size", 1, shape.vocabulary]), *outputs],
            self.weights,
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def cache(self, name: str, length: str) -> onnx.ValueInfoProto:
        dims = ["batch_size", self.shape.key_value_heads, length, self.shape.head_size]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)


def write_model(folder: Path, shape: Shape, bits: int) -> None:
    target = folder / "onnx"
    target.mkdir(parents=True, exist_ok=True)
    for stale in target.glob("model.onnx*"):
        stale.unlink()
    onnx.save_model(
        Builder(shape, bits, CONTEXT, seed=0).build(),
        target / "model.onnx",
        save_as_external_data=True,
        location="model.onnx_data",
        size_threshold=1024,
    )
    config = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": shape.width,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.key_value_heads,
        "head_dim": shape.head_size,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": CONTEXT,
        "rope_theta": ROTARY_BASE,
        "rms_norm_eps": NORM_EPSILON,
        "hidden_act": "silu",
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def main() -> None:
    for folder, shape, bits in asked_models(__doc__):
        write_model(folder, shape, bits)
        print(folder.name)


if __name__ == "__main__":
    main()
