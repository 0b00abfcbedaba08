"""A language model of a few layers as those exported for speed are: 4 bits, queries, keys and values
packed, GroupQueryAttention, which can keep its cache in one buffer. Random weights, for the tests of
main/engine/runtime/native.

    python models/recipes/golden/tiny_grouped_queries.py
"""

import sys
from pathlib import Path

import onnx

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from llama_shape import Builder  # noqa: E402
from llama_shapes import SHAPES  # noqa: E402

OUT = Path(__file__).parents[3] / "main/engine/runtime/native/fixtures/tiny-grouped-queries.onnx"
CONTEXT = 64

if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    onnx.save_model(Builder(SHAPES["tiny"], bits=4, context=CONTEXT, seed=5).build(), OUT)
    print(f"{OUT.stat().st_size} bytes")
