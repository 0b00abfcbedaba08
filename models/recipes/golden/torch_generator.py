"""Golden data for main/engine/tensor/torch-generator.ts: normals of torch's CPU generator.

    python models/recipes/golden/torch_generator.py
"""

import json
from pathlib import Path

import torch

OUT = Path(__file__).parents[3] / "main/engine/tensor/golden/torch-normals.json"
# Sizes drawn one after another from one generator: short ones, blocks, tails, and mixtures.
DRAWS = [[3], [16], [20], [15, 1, 16], [5, 24, 5, 7], [4 * 64 * 64], [1, 1, 1, 40, 1]]
KEPT = 24


def main() -> None:
    cases = []
    for seed in (0, 42, 2**32 - 1, 2**32 + 5, 2**53 - 1):
        for sizes in DRAWS:
            generator = torch.Generator().manual_seed(seed)
            draws = [torch.randn(size, generator=generator) for size in sizes]
            cases.append(
                {
                    "seed": seed,
                    "sizes": sizes,
                    "heads": [draw[:KEPT].tolist() for draw in draws],
                    "tails": [draw[-KEPT:].tolist() for draw in draws],
                }
            )
    OUT.write_text(json.dumps({"madeBy": "models/recipes/golden/torch_generator.py", "torch": torch.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
