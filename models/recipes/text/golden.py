"""Golden file: greedy continuations and token ids by transformers, for any other implementation to be compared with.

The model has to hold the float16 values that the ONNX graph holds and compute in float32 as the graph does:
export.py calls `golden` with such a model; by itself this script reads the folder that export.py --reference wrote.
"""

import argparse
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

NEW_TOKENS = 40
PROMPTS = [
    "Once upon a time",
    "The old man opened the door and",
    '"Where are you going?" said the fox.',
    "In the middle of the forest there stood a",
    "It was a cold night, and the wind",
]
TRICKY_TEXTS = [
    "",
    " ",
    "     ",
    "Hello, world!",
    "  two spaces and\ttab",
    "trailing space ",
    "line one\nline two\n\nnew paragraph",
    "windows\r\nline\n\n\n",
    "curly “quotes” and ‘single’ — dash…",
    "naïve café, façade, cafe\u0301",
    "no\u00a0break\u2009thin\u3000wide",
    "猫が好きです。中文字符 한국어",
    "🐈‍⬛ 👩‍👩‍👧‍👦 🇫🇷 😀",
    "مرحبا بالعالم שלום",
    "1234567890 3.14159 1,000",
    "don't I'll we've THEY'RE",
    "snake_case camelCase a+b=c; // !?",
    "a<|endoftext|>b",
    "<|endoftext|>",
    "<|endoftext",
]


def greedy(model: LlamaForCausalLM, tokenizer: Tokenizer, prompt: str) -> dict:
    """`margin`: smallest difference between the two best logits of any step; a tie would excuse another choice."""
    prompt_ids = tokenizer.encode(prompt).ids
    ids = torch.tensor([prompt_ids])
    result = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
        return_dict_in_generate=True,
        output_logits=True,
    )
    best = torch.cat(result.logits).topk(2).values
    new_ids = result.sequences[0, len(prompt_ids) :].tolist()
    margin = (best[:, 0] - best[:, 1]).min().item()
    return {
        "prompt": prompt,
        "promptIds": prompt_ids,
        "ids": new_ids,
        "text": tokenizer.decode(new_ids),
        "margin": round(margin, 5),
    }


def golden(model: LlamaForCausalLM, tokenizer: Tokenizer) -> dict:
    return {
        "madeBy": "models/recipes/text/golden.py",
        "greedy": [greedy(model, tokenizer, prompt) for prompt in PROMPTS],
        "tokens": [{"text": text, "ids": tokenizer.encode(text).ids} for text in TRICKY_TEXTS],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, required=True, help="transformers folder, export.py --reference")
    parser.add_argument("--model", type=Path, required=True, help="exported folder; golden.json is written there")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    model = LlamaForCausalLM.from_pretrained(arguments.reference, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    text = json.dumps(golden(model, tokenizer), indent=2, ensure_ascii=False) + "\n"
    (arguments.model / "golden.json").write_text(text)


if __name__ == "__main__":
    main()
