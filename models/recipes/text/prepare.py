"""Turns the prose data set into token files and trains the tokenizer.

Writes to --work: `tokenizer.json` (byte-level BPE) and uint16 token files `core.bin`, `wide.bin`
and `validation.bin`. Every document ends with <|endoftext|>.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import zstandard
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

END_OF_TEXT = "<|endoftext|>"
VOCABULARY_SIZE = 4096
# One document in this many is held out, chosen by the hash of its text.
HELD_OUT_ONE_IN = 120
# Long books by one author would teach one voice: they are cut to this many characters.
LONGEST_BOOK_CHARACTERS = 1_200_000


def read_documents(data: Path) -> dict[str, list[str]]:
    """Documents of each tier, and the held-out ones under `validation`."""
    documents: dict[str, list[str]] = {"core": [], "wide": [], "validation": []}
    for line in (data / "text" / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        path = data / "text" / row["file"]
        text = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=1 << 28).decode()
        kept = 0
        for document in text.split(END_OF_TEXT):
            document = document.strip()
            if not document or kept > LONGEST_BOOK_CHARACTERS:
                continue
            kept += len(document)
            held_out = int(hashlib.sha256(document.encode()).hexdigest(), 16) % HELD_OUT_ONE_IN == 0
            documents["validation" if held_out else row["tier"]].append(document)
    return documents


def train_tokenizer(texts: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds text/index.jsonl")
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)

    documents = read_documents(arguments.data)
    tokenizer = train_tokenizer(documents["core"])
    tokenizer.save(str(arguments.work / "tokenizer.json"))
    end_of_text = tokenizer.token_to_id(END_OF_TEXT)
    for split, texts in documents.items():
        ids = [i for encoding in tokenizer.encode_batch(texts) for i in (*encoding.ids, end_of_text)]
        np.array(ids, dtype=np.uint16).tofile(arguments.work / f"{split}.bin")
        characters = sum(map(len, texts))
        print(f"{split}: {len(texts)} documents, {characters:,} characters, {len(ids):,} tokens")
        if split == "validation":
            (arguments.work / "validation.json").write_text(json.dumps({"charactersPerToken": characters / len(ids)}))


if __name__ == "__main__":
    main()
