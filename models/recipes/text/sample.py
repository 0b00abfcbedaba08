"""Prints continuations with the default sampling of atelier.json, one a prompt, as they come."""

import argparse
import json
from pathlib import Path

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, required=True, help="transformers folder, export.py --reference")
    parser.add_argument("--model", type=Path, required=True, help="exported folder")
    parser.add_argument("--prompt", action="append", help="may be repeated; default: the example prompts")
    parser.add_argument("--tokens", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    manifest = json.loads((arguments.model / "atelier.json").read_text())
    sampling = manifest["defaultSampling"]
    model = LlamaForCausalLM.from_pretrained(arguments.reference, dtype=torch.float32).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(arguments.model)
    for prompt in arguments.prompt or manifest["examplePrompts"]:
        torch.manual_seed(arguments.seed)
        inputs = tokenizer(prompt, return_tensors="pt", return_token_type_ids=False)
        ids = model.generate(
            **inputs,
            max_new_tokens=arguments.tokens,
            do_sample=True,
            temperature=sampling["temperature"],
            top_k=sampling["topK"],
            top_p=sampling["topP"],
            min_p=sampling["minP"],
            repetition_penalty=sampling["repetitionPenalty"],
            pad_token_id=tokenizer.eos_token_id,
        )
        print(f"--- seed {arguments.seed}\n{tokenizer.decode(ids[0], skip_special_tokens=True)}\n")


if __name__ == "__main__":
    main()
