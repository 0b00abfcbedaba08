"""What the models for `npm run bench` look like: the shapes of SmolLM-135M and of TinyLlama-1.1B."""

from dataclasses import dataclass

# Weights that share a scale.
BLOCK = 32
CONTEXT = 4096
ROTARY_BASE = 10_000.0
NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    layers: int
    width: int
    heads: int
    key_value_heads: int
    head_size: int
    intermediate: int
    vocabulary: int


SHAPES = {
    "135m": Shape(layers=30, width=576, heads=9, key_value_heads=3, head_size=64, intermediate=1536, vocabulary=49152),
    "1.1b": Shape(layers=22, width=2048, heads=32, key_value_heads=4, head_size=64, intermediate=5632, vocabulary=32000),
    # Small enough for a test: main/engine/runtime/native/fixtures.
    "tiny": Shape(layers=2, width=64, heads=4, key_value_heads=2, head_size=16, intermediate=96, vocabulary=128),
}
