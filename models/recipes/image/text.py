"""The tokenizer (CLIP's byte-pair format) and the small CLIP text encoder.

    python text.py --data DATASET/images --work WORK      trains and writes WORK/tokenizer
"""

import argparse
import json
import os
import random

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from data import draw_caption, read_rows, sampling_weights

CONTEXT = 77
# Tokens the UNet attends to: the text encoder is causal, so the first ones do not depend on the rest.
USED_CONTEXT = 32
START, END = "<|startoftext|>", "<|endoftext|>"
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def train_tokenizer(texts, merges, folder):
    """Learn merges from `texts` and write CLIP's vocab.json, merges.txt and configuration files."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(PATTERN), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=merges + 512, min_frequency=20, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)
    learned = [tuple(m) for m in json.loads(bpe.to_str())["model"]["merges"]]
    tokens = alphabet + [c + "</w>" for c in alphabet]
    tokens += list(dict.fromkeys(a + b for a, b in learned))
    tokens += [START, END]
    os.makedirs(folder, exist_ok=True)

    def write(name, value):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            json.dump(value, f, ensure_ascii=False, indent=None if name == "vocab.json" else 2)

    write("vocab.json", {t: i for i, t in enumerate(tokens)})
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as f:
        f.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in learned))
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    write("special_tokens_map.json", special)
    write("tokenizer_config.json", {**special, "tokenizer_class": "CLIPTokenizer", "model_max_length": CONTEXT,
                                    "do_lower_case": True, "add_prefix_space": False, "errors": "replace"})


def load_tokenizer(folder):
    return CLIPTokenizer.from_pretrained(folder)


def build_text_encoder(tokenizer, width=256, layers=2):
    """A small causal CLIP text transformer."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=width // 64,
            max_position_embeddings=CONTEXT,
            projection_dim=width,
            hidden_act="gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            initializer_factor=1.0,
        )
    )


class CaptionCache:
    """Token ids of captions, padded to USED_CONTEXT; each wording is tokenized once."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.ids = {}

    def __call__(self, caption):
        if caption not in self.ids:
            self.ids[caption] = self.tokenizer(
                caption, padding="max_length", truncation=True, max_length=USED_CONTEXT
            )["input_ids"]
        return self.ids[caption]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--merges", type=int, default=4000)
    args = parser.parse_args()
    rng = random.Random(0)
    rows = read_rows(args.data)
    captions = [draw_caption(r, rng) for r, w in zip(rows, sampling_weights(rows)) if w for _ in range(40)]
    captions += [" ".join(r["keywords"]) for r in rows for _ in range(3)]
    train_tokenizer(captions, args.merges, os.path.join(args.work, "tokenizer"))
    tokenizer = load_tokenizer(os.path.join(args.work, "tokenizer"))
    for text in ("a red apple, 3d", "A watercolor painting of a long-necked dinosaur", "Zürich 42"):
        print(text, tokenizer.tokenize(text), tokenizer(text)["input_ids"])
    print(len(tokenizer), "tokens")
