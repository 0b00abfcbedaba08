"""Bits per character of a transformers folder on the held-out documents, all of them, by position in the window.

The first tokens of a window are predicted from little context, so a window's mean is pessimistic; the
per-position figures show whether a model really profits from, or breaks at, late positions.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from transformers import LlamaForCausalLM

POSITIONS_A_BAND = 64


@torch.no_grad()
def nats_by_position(model: LlamaForCausalLM, tokens: np.ndarray, length: int) -> np.ndarray:
    """float64 [length]: mean loss at each position over all whole windows of `tokens`."""
    windows = (len(tokens) - 1) // length
    batch = torch.from_numpy(np.stack([tokens[i * length : (i + 1) * length + 1] for i in range(windows)]))
    totals = np.zeros(length)
    for part in batch.split(8):
        logits = model(input_ids=part[:, :-1], use_cache=False).logits
        losses = F.cross_entropy(logits.transpose(1, 2), part[:, 1:], reduction="none")
        totals += losses.double().sum(0).numpy()
    return totals / windows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with validation.bin of prepare.py")
    parser.add_argument("--reference", type=Path, required=True, help="transformers folder, export.py --reference")
    parser.add_argument("--length", type=int, default=512)
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    model = LlamaForCausalLM.from_pretrained(arguments.reference, dtype=torch.float32).eval()
    tokens = np.fromfile(arguments.work / "validation.bin", dtype=np.uint16).astype(np.int64)
    characters_per_token = json.loads((arguments.work / "validation.json").read_text())["charactersPerToken"]
    bits = nats_by_position(model, tokens, arguments.length) / np.log(2) / characters_per_token
    print(f"{bits.mean():.3f} bits/character over windows of {arguments.length} tokens")
    for start in range(0, arguments.length, POSITIONS_A_BAND):
        print(f"  positions {start}-{start + POSITIONS_A_BAND - 1}: {bits[start : start + POSITIONS_A_BAND].mean():.3f}")


if __name__ == "__main__":
    main()
