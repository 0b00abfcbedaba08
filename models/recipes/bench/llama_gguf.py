"""The shapes of llama_shape.py as GGUF files with random weights, for llama.cpp's llama-bench.

    python3 -m venv VENV && VENV/bin/pip install gguf==0.19.0
    VENV/bin/python models/recipes/bench/llama_gguf.py FOLDER [135m-q4 135m-q8 1.1b-q4 1.1b-q8]

Writes `model.gguf` into the folder that llama_shape.py makes for each. Linear layers, head and table of
embeddings are q4_0 or q8_0: blocks of 32 as well, with scales of 16 bits where the ONNX files have 32.

llama-bench can be built from the sources inside the package llama-cpp-python on PyPI:

    pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36 && tar xzf llama_cpp_python-*.tar.gz
    cmake -S llama_cpp_python-*/vendor/llama.cpp -B BUILD -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \\
        -DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF
    cmake --build BUILD -j --target llama-bench
    ATELIER_BENCH_LLAMA=BUILD/bin/llama-bench ATELIER_BENCH_TEXT_MODELS=FOLDER npm run bench -- text-llama-cpp
"""

import sys
from pathlib import Path

import gguf
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from llama_shapes import BLOCK, CONTEXT, NORM_EPSILON, ROTARY_BASE, Shape, asked_models  # noqa: E402

KINDS = {4: gguf.GGMLQuantizationType.Q4_0, 8: gguf.GGMLQuantizationType.Q8_0}
FILE_TYPES = {4: gguf.LlamaFileType.MOSTLY_Q4_0, 8: gguf.LlamaFileType.MOSTLY_Q8_0}


class Writer:
    """Tensors of one file, all from one stream of random numbers."""

    def __init__(self, path: Path, bits: int):
        self.file, self.bits = gguf.GGUFWriter(path, "llama"), bits
        self.random = np.random.default_rng(0)

    def linear(self, name: str, inputs: int, outputs: int) -> None:
        """Each block is its scale as float16, then its weights."""
        blocks = outputs * inputs // BLOCK
        packed = self.random.integers(0, 256, (blocks, BLOCK * self.bits // 8), dtype=np.uint8)
        spread = 2**self.bits / np.sqrt(12)
        scales = np.full((blocks, 1), 1 / (spread * np.sqrt(inputs)), np.float16).view(np.uint8)
        whole = np.concatenate([scales, packed], axis=1).reshape(outputs, -1)
        self.file.add_tensor(f"{name}.weight", whole, raw_dtype=KINDS[self.bits])

    def norm(self, name: str, width: int) -> None:
        self.file.add_tensor(f"{name}.weight", np.ones(width, np.float32))


def write_gguf(path: Path, shape: Shape, bits: int) -> None:
    writer = Writer(path, bits)
    file = writer.file
    file.add_block_count(shape.layers)
    file.add_context_length(CONTEXT)
    file.add_embedding_length(shape.width)
    file.add_feed_forward_length(shape.intermediate)
    file.add_head_count(shape.heads)
    file.add_head_count_kv(shape.key_value_heads)
    file.add_rope_dimension_count(shape.head_size)
    file.add_rope_freq_base(ROTARY_BASE)
    file.add_layer_norm_rms_eps(NORM_EPSILON)
    file.add_vocab_size(shape.vocabulary)
    file.add_file_type(FILE_TYPES[bits])
    # llama-bench makes up its tokens.
    file.add_tokenizer_model("none")
    writer.linear("token_embd", shape.width, shape.vocabulary)
    for index in range(shape.layers):
        layer, key_values = f"blk.{index}", shape.key_value_heads * shape.head_size
        writer.norm(f"{layer}.attn_norm", shape.width)
        writer.linear(f"{layer}.attn_q", shape.width, shape.heads * shape.head_size)
        writer.linear(f"{layer}.attn_k", shape.width, key_values)
        writer.linear(f"{layer}.attn_v", shape.width, key_values)
        writer.linear(f"{layer}.attn_output", shape.heads * shape.head_size, shape.width)
        writer.norm(f"{layer}.ffn_norm", shape.width)
        writer.linear(f"{layer}.ffn_gate", shape.width, shape.intermediate)
        writer.linear(f"{layer}.ffn_up", shape.width, shape.intermediate)
        writer.linear(f"{layer}.ffn_down", shape.intermediate, shape.width)
    writer.norm("output_norm", shape.width)
    writer.linear("output", shape.width, shape.vocabulary)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def main() -> None:
    for folder, shape, bits in asked_models(__doc__):
        folder.mkdir(parents=True, exist_ok=True)
        write_gguf(folder / "model.gguf", shape, bits)
        print(folder.name)


if __name__ == "__main__":
    main()
