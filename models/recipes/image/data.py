"""Reads the picture set (tars of WebP and captions.jsonl), packs it into one array, and draws captions.

    python data.py --data DATASET/images --out WORK
"""

import argparse
import io
import json
import os
import random
import tarfile

import numpy as np
from PIL import Image

SIZE = 256
STYLE_WORDS = {
    "3d": ["3D render", "3d", "3d", "3d icon"],
    "flat": ["flat illustration", "flat", "flat", "flat vector"],
    "cartoon": ["cartoon illustration", "cartoon", "cartoon"],
    "pixel": ["pixel art"],
    "watercolor": ["watercolor painting", "watercolor"],
}
# Share of all samples that each part of the set gets.
SHARES = {"common": 0.82, "concrete": 0.10, "watercolor": 0.05, "pixel": 0.02, "people": 0.01}
PEOPLE_GROUPS = ("Smileys & Emotion", "People & Body")


def read_rows(folder):
    """All caption rows, in file order."""
    with open(os.path.join(folder, "captions.jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def part_of(row):
    """Which sampling part a row belongs to; None drops it (`color` repeats `3d`)."""
    if row["style"] == "color":
        return None
    if row["aliases"]:
        return "common"
    if row["style"] in ("watercolor", "pixel"):
        return row["style"]
    return "people" if row["group"] in PEOPLE_GROUPS else "concrete"


def sampling_weights(rows):
    """Probability of each row, from SHARES."""
    parts = [part_of(r) for r in rows]
    weights = np.zeros(len(rows))
    for part, share in SHARES.items():
        members = [i for i, p in enumerate(parts) if p == part]
        weights[members] = share / len(members)
    return weights / weights.sum()


def with_article(words):
    """Put an indefinite article before a noun phrase that has none."""
    first = words.split()[0].lower()
    if first in ("a", "an", "the", "some", "two"):
        return words
    return ("an " if first[0] in "aeiou" else "a ") + words


def draw_caption(row, rng=random):
    """One random wording for a row: subject or alias, style (sometimes absent), colours (sometimes)."""
    style = rng.choice(STYLE_WORDS[row["style"]])
    subject, phrase = row["subject"], row["phrase"]
    if row["aliases"] and rng.random() < 0.5:
        subject = rng.choice(row["aliases"])
        phrase = with_article(subject)
    if row["colors"] and rng.random() < 0.12:
        phrase = subject = f"{phrase} in {' and '.join(row['colors'][:2])}"
    detail = row.get("detail") or {}
    if detail.get("views") == 2 and rng.random() < 0.5:
        subject, phrase = subject + " and its cut half", phrase + " and its cut half"
    template = rng.choices(
        ("{p}, {s}", "{n}, {s}", "{s} of {p}", "a {s} of {p}", "{p} in {s} style", "{s} {n}", "{p}", "{n}"),
        (40, 12, 8, 10, 5, 5, 12, 8),
    )[0]
    caption = template.format(p=phrase, n=subject, s=style)
    if rng.random() < 0.05:
        caption += ", white background"
    return caption


def load_image(data):
    """WebP bytes to an RGB array on white."""
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, image).convert("RGB").resize((SIZE, SIZE)))


def pack(folder, out):
    """Write every picture, in caption order, to OUT/images.npy (uint8, N x 256 x 256 x 3)."""
    rows = read_rows(folder)
    index = {(r["shard"], r["file"]): i for i, r in enumerate(rows)}
    array = np.lib.format.open_memmap(
        os.path.join(out, "images.npy"), mode="w+", dtype=np.uint8, shape=(len(rows), SIZE, SIZE, 3)
    )
    for shard in sorted({r["shard"] for r in rows}):
        with tarfile.open(os.path.join(folder, shard)) as tar:
            for member in tar:
                i = index.pop((shard, member.name), None)
                if i is not None:
                    array[i] = load_image(tar.extractfile(member).read())
    if index:
        raise SystemExit(f"{len(index)} pictures missing, e.g. {next(iter(index))}")
    array.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    pack(args.data, args.out)
