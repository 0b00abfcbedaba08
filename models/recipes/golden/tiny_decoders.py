"""Tiny decoders of every family that the studio reads, with random weights, in the arrangements of Hugging Face's
ONNX folders, and what transformers computes with the same weights: golden data for main/engine/language.

Which family has which arrangement means nothing; together they cover all.

    python models/recipes/golden/tiny_decoders.py [family …]
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
import transformers as hf
from tiny_text_export import Arrangement, export, halve, merge, quantise, snap_to_grid
from tokenizers import Tokenizer
from tiny_tokenizers import CORPUS, TOKENIZERS

ROOT = Path(__file__).parents[3]
OUT = ROOT / "main/engine/language/fixtures"
CONTEXT = 256
PROMPT = " ".join(CORPUS[:2])
GREEDY_STEPS = 24
TRICKY_TEXTS = ["", " ", "Hello, world!", "  two  spaces", "line\nline\n\npara", "naïve café", "猫 🐈‍⬛ مرحبا", "don't 3.14"]
SIZES = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
    "pad_token_id": None,
    # Random weights of the usual size give logits that are all alike; these make the model speak.
    "initializer_range": 0.3,
}
QUERY_SCALE = {"query_pre_attn_scalar": 8, "sliding_window": 12, "layer_types": ["sliding_attention", "full_attention"]}


def single(model, folder, inputs=("attention_mask", "position_ids"), name="model", **kwargs):
    export(model, folder / f"onnx/{name}.onnx", Arrangement(inputs=inputs, **kwargs))


def halves(model, folder):
    inputs = ("attention_mask", "position_ids", "num_logits_to_keep")
    single(model, folder, inputs)
    halve(folder / "onnx/model.onnx", folder / "onnx/model_fp16.onnx")
    (folder / "onnx/model.onnx").unlink()


def separate(model, folder, inputs=("attention_mask",)):
    export(model, folder / "decoder_model.onnx", Arrangement(inputs=inputs, with_past=False))
    export(model, folder / "decoder_with_past_model.onnx", Arrangement(inputs=inputs, traced_tokens=1))


def merged(model, folder):
    inputs = ("attention_mask", "position_ids")
    with tempfile.TemporaryDirectory() as temporary:
        separate(model, Path(temporary), inputs)
        (folder / "onnx").mkdir(parents=True, exist_ok=True)
        merge(
            Path(temporary) / "decoder_model.onnx",
            Path(temporary) / "decoder_with_past_model.onnx",
            folder / "onnx/decoder_model_merged.onnx",
        )


def grid(name, bits):
    def make(model, folder):
        snap_to_grid(model, bits)
        with tempfile.TemporaryDirectory() as temporary:
            single(model, Path(temporary))
            (folder / "onnx").mkdir(parents=True, exist_ok=True)
            quantise(Path(temporary) / "onnx/model.onnx", folder / f"onnx/{name}.onnx", bits)

    return make


def fused(*inputs):
    return lambda model, folder: single(model, folder, inputs, fused=True)


FAMILIES = {
    "smollm": (hf.LlamaConfig, hf.LlamaForCausalLM, {"tie_word_embeddings": True}, "byte-level",
               fused("attention_mask", "position_ids")),
    "qwen2": (hf.Qwen2Config, hf.Qwen2ForCausalLM, {}, "byte-level", halves),
    "qwen3": (hf.Qwen3Config, hf.Qwen3ForCausalLM, {"head_dim": 16}, "byte-level",
              fused("seqlens_k", "total_sequence_length")),
    "gemma": (hf.GemmaConfig, hf.GemmaForCausalLM, {"num_key_value_heads": 1, "head_dim": 8}, "unigram", separate),
    "gemma2": (hf.Gemma2Config, hf.Gemma2ForCausalLM, {"head_dim": 8, **QUERY_SCALE}, "sentencepiece", merged),
    "gemma3": (hf.Gemma3TextConfig, hf.Gemma3ForCausalLM, {"head_dim": 8, **QUERY_SCALE}, "sentencepiece", single),
    "phi": (hf.PhiConfig, hf.PhiForCausalLM, {"partial_rotary_factor": 0.5}, "byte-level", grid("model_q8", 8)),
    "phi3": (hf.Phi3Config, hf.Phi3ForCausalLM, {}, "sentencepiece", grid("model_q4", 4)),
    "gpt2": (hf.GPT2Config, hf.GPT2LMHeadModel, {"hidden_size": 24}, "byte-level", separate),
}  # fmt: skip
"""Search over several beams, with what the studio must agree on."""
BEAMS = [
    {"num_beams": 2, "length_penalty": 1.0, "early_stopping": False},
    {"num_beams": 4, "length_penalty": 2.0, "early_stopping": False},
    {"num_beams": 4, "length_penalty": -1.0, "early_stopping": True},
    {"num_beams": 3, "length_penalty": 0.5, "early_stopping": "never"},
    {"num_beams": 3, "length_penalty": 1.0, "early_stopping": False, "repetition_penalty": 1.4, "no_repeat_ngram_size": 2},
]


def make(family: str) -> None:
    config_class, model_class, change, kind, arrange = FAMILIES[family]
    _, names = TOKENIZERS[kind]
    tokenizer = Tokenizer.from_file(str(OUT / "tokenizers" / kind / "tokenizer.json"))
    fast = hf.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)
    sizes = {**SIZES, **change, "vocab_size": tokenizer.get_vocab_size()}
    sizes |= {"bos_token_id": fast.bos_token_id, "eos_token_id": fast.eos_token_id}
    if family == "gpt2":
        renamed = {"hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head"}
        renamed |= {"max_position_embeddings": "n_positions", "intermediate_size": "n_inner"}
        # Its table of positions is a weight.
        sizes["max_position_embeddings"] = 128
        sizes = {renamed.get(name, name): value for name, value in sizes.items() if name != "num_key_value_heads"}
    torch.manual_seed(0)
    model = model_class(config_class(**sizes)).eval()
    if kind == "unigram" or family.startswith("gemma"):
        # Gemma scales its embeddings up; the tied head would only ever repeat the last token.
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * 0.3)
        model.config.tie_word_embeddings = False
    model.generation_config = hf.GenerationConfig(eos_token_id=fast.eos_token_id, bos_token_id=fast.bos_token_id)
    folder = OUT / f"tiny-{family}"
    folder.mkdir(parents=True, exist_ok=True)
    arrange(model, folder)
    model.config.save_pretrained(folder)
    write(folder / "generation_config.json", {"bos_token_id": fast.bos_token_id, "eos_token_id": fast.eos_token_id})

    model.set_attn_implementation("eager")
    prompt = torch.tensor([fast(PROMPT)["input_ids"]])
    mask = torch.ones_like(prompt)
    with torch.no_grad():
        logits = model(prompt).logits[0]
        greedy = model.generate(prompt, attention_mask=mask, do_sample=False, max_new_tokens=GREEDY_STEPS)
        spread = logits.log_softmax(-1)
        seen = spread[:-1].gather(1, prompt[0, 1:, None])[:, 0]
        beams = []
        # Ends that come up, so that texts of several lengths compete.
        ends = [greedy[0, prompt.shape[1] + 6].item(), greedy[0, prompt.shape[1] + 9].item()]
        for settings in BEAMS if family in ("smollm", "gemma2", "gemma3") else []:
            found = model.generate(
                prompt, attention_mask=mask, do_sample=False, max_new_tokens=16, eos_token_id=ends, pad_token_id=0,
                num_return_sequences=settings["num_beams"], return_dict_in_generate=True, output_scores=True, **settings,
            )  # fmt: skip
            new = found.sequences[:, prompt.shape[1] :].tolist()
            lengths = [next((at + 1 for at, token in enumerate(row) if token in ends), len(row)) for row in new]
            rows = [row[:length] for row, length in zip(new, lengths, strict=True)]
            beams.append({**settings, "ids": rows, "scores": rounded(found.sequences_scores)})
    write(
        OUT / f"tiny-{family}.golden.json",
        {
            "madeBy": "models/recipes/golden/tiny_decoders.py",
            "tokenizer": kind,
            "prompt": PROMPT,
            "promptIds": prompt[0].tolist(),
            "logits": rounded(logits[-1]),
            "surprisals": rounded(-seen),
            "greedyIds": greedy[0, prompt.shape[1] :].tolist(),
            "endIds": ends,
            "beams": beams,
        },
    )
    margins = [spread.topk(2)[0][-1].tolist()]
    print(family, greedy[0, prompt.shape[1] :].tolist(), margins, [len(row["ids"][0]) for row in beams])


def make_tokenizers() -> None:
    """Only those that are missing: Unigram's training gives other pieces each time."""
    for kind, (build, names) in TOKENIZERS.items():
        folder = OUT / "tokenizers" / kind
        if folder.exists():
            continue
        tokenizer = build()
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        write(folder / "tokenizer_config.json", {name: token for name, token in names.items() if token})
        fast = hf.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)
        rows = [{"text": text, "ids": fast(text)["input_ids"]} for text in TRICKY_TEXTS]
        write(OUT / "tokenizers" / f"{kind}.golden.json", {"madeBy": "models/recipes/golden/tiny_decoders.py", "tokens": rows})


def rounded(values: torch.Tensor) -> list[float]:
    return [round(value, 5) for value in values.tolist()]


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_tokenizers()
    for name in sys.argv[1:] or FAMILIES:
        make(name)
