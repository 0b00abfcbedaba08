"""What the models for `npm run bench` look like: the shapes of SmolLM-135M and of TinyLlama-1.1B."""

import argparse
from dataclasses import dataclass
from pathlib import Path

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

NAMES = ["135m-q4", "135m-q8", "1.1b-q4", "1.1b-q8"]


def asked_models(description: str | None) -> list[tuple[Path, Shape, int]]:
    """Folder, shape and bits of each model that the command line asks for."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="name", help=f"such as {', '.join(NAMES)}; all if left out")
    arguments = parser.parse_args()
    models = []
    for name in arguments.names:
        size, _, bits = name.partition("-q")
        if size not in SHAPES or bits not in ("4", "8"):
            parser.error(f"{name} is none of {', '.join(NAMES)}")
        models.append((arguments.folder / name, SHAPES[size], int(bits)))
    return models
