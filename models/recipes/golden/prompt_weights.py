"""Golden embeddings of weighted prompts, for main/engine/diffusion/conditioning.

The tiny text encoder runs in onnxruntime; tokens come from transformers; the weights are put on by
hand here, so that two implementations must agree. Run after tiny_stable_diffusion.py.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from transformers import CLIPTokenizer

GOLDEN = Path(__file__).parents[3] / "main/engine/diffusion/golden"
MODEL = GOLDEN / "tiny-stable-diffusion"
STRIDE = 13
BREAK = None
CASES = [
    ("a (red) apple", "original", [("a ", 1), ("red", 1.1), (" apple", 1)]),
    ("a (red:1.6) [apple]", "original", [("a ", 1), ("red", 1.6), (" ", 1), ("apple", 1 / 1.1)]),
    ("a red BREAK (apple:0.3)", "original", [("a red", 1), BREAK, ("apple", 0.3)]),
    ("a (red:1.6) apple", "comfy", [("a ", 1), ("red", 1.6), (" apple", 1)]),
    ("((green) pear:1.4)", "comfy", [("green", 1.54), (" pear", 1.4)]),
]


def lay_out(pieces, tokenizer):
    chunks, ids, weights = [], [], []
    for piece in pieces:
        if piece is BREAK:
            chunks.append((ids, weights))
            ids, weights = [], []
            continue
        own = tokenizer(piece[0], add_special_tokens=False).input_ids
        ids = ids + own
        weights = weights + [piece[1]] * len(own)
    chunks.append((ids, weights))
    rows = []
    for ids, weights in chunks:
        rest = 75 - len(ids)
        row = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id, *[tokenizer.pad_token_id] * rest]
        rows.append((row, np.array([1, *weights, 1, *[1] * rest], dtype=np.float64)))
    return rows


def main() -> None:
    tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
    session = onnxruntime.InferenceSession(MODEL / "text_encoder/model.onnx")
    name = session.get_inputs()[0]
    kind = np.int64 if "int64" in name.type else np.int32

    def encode(row):
        return session.run(["last_hidden_state"], {name.name: np.array([row], dtype=kind)})[0][0].astype(np.float64)

    empty = encode(lay_out([("", 1)], tokenizer)[0][0])
    cases = []
    for prompt, emphasis, pieces in CASES:
        parts = []
        for row, weights in lay_out(pieces, tokenizer):
            z = encode(row)
            if emphasis == "comfy":
                z = (z - empty) * weights[:, None] + empty
            else:
                weighed = z * weights[:, None]
                # An untrained encoder ends in a normalisation whose mean is zero but for rounding.
                assert abs(weighed.mean()) < 1e-3 * abs(weighed).mean()
                z = weighed
            parts.append(z)
        values = np.concatenate(parts).reshape(-1)
        cases.append(
            {
                "prompt": prompt,
                "emphasis": emphasis,
                "length": 77 * len(parts),
                "values": [round(float(value), 7) for value in values[::STRIDE]],
            }
        )
    (GOLDEN / "prompt-weights.json").write_text(json.dumps({"stride": STRIDE, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
