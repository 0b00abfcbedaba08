"""A Llama of real architecture (grouped queries, rotary positions) and tiny size with random weights,
as an ONNX folder, and what transformers computes with the same weights: golden data for
main/engine/language. Its tokenizer is SentencePiece-like (metaspace, byte fallback), which the
starter model's is not.

    python models/recipes/golden/tiny_llama.py
"""

import json
from pathlib import Path

import onnx
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors, trainers
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[3]
OUT = ROOT / "main/engine/language/fixtures"
MODEL = OUT / "tiny-llama"
VOCABULARY = 512
LAYERS, HEADS, KEY_VALUE_HEADS, WIDTH, HEAD_SIZE = 2, 4, 2, 32, 8
CONTEXT = 256
LONG_PROMPT = 200
GREEDY_STEPS = 40
TRICKY_TEXTS = ["", " ", "Hello, world!", "  two spaces", "line\nline\n\npara", "naïve café", "猫 🐈‍⬛ مرحبا", "a</s>b", "don't 3.14"]
CORPUS = [
    "The old man opened the door and looked at the sea.",
    "Once upon a time there was a little girl who lived in a small house in the forest.",
    "Hello, world! It was a cold night, and the wind blew over the hills.",
]


class WithCache(nn.Module):
    """The model's own layers, with the cache as plain tensors so that it can be traced."""

    def __init__(self, model: LlamaForCausalLM):
        super().__init__()
        self.model = model
        angles = torch.outer(torch.arange(CONTEXT).float(), model.model.rotary_emb.inv_freq)
        angles = torch.cat([angles, angles], -1)
        self.register_buffer("cosines", angles.cos())
        self.register_buffer("sines", angles.sin())

    @staticmethod
    def rotate(x, cosines, sines):
        first, second = x.chunk(2, -1)
        return x * cosines + torch.cat([-second, first], -1) * sines

    def forward(self, input_ids, attention_mask, position_ids, *past):
        hidden = self.model.model.embed_tokens(input_ids)
        cosines, sines = self.cosines[position_ids].unsqueeze(1), self.sines[position_ids].unsqueeze(1)
        total = torch.arange(attention_mask.shape[1])
        seen = (total[None, None, None, :] <= position_ids[:, None, :, None]) & (attention_mask[:, None, None, :] > 0)
        mask = torch.where(seen, 0.0, torch.finfo(torch.float32).min)
        present = []
        for index, layer in enumerate(self.model.model.layers):
            attention, x = layer.self_attn, layer.input_layernorm(hidden)

            def heads(projection, x=x):
                return projection(x).view(1, -1, projection.out_features // HEAD_SIZE, HEAD_SIZE).transpose(1, 2)

            query = self.rotate(heads(attention.q_proj), cosines, sines)
            key = torch.cat([past[2 * index], self.rotate(heads(attention.k_proj), cosines, sines)], 2)
            value = torch.cat([past[2 * index + 1], heads(attention.v_proj)], 2)
            present += [key, value]
            group = HEADS // KEY_VALUE_HEADS
            scores = query @ key.repeat_interleave(group, 1).transpose(2, 3) * HEAD_SIZE**-0.5 + mask
            mixed = scores.softmax(-1) @ value.repeat_interleave(group, 1)
            hidden = hidden + attention.o_proj(mixed.transpose(1, 2).flatten(2))
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        return (self.model.lm_head(self.model.model.norm(hidden)), *present)


def train_tokenizer() -> Tokenizer:
    """Llama 2's arrangement: `▁` for spaces and in front, bytes for unknown characters, `<s>` first."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = [AddedToken(token, special=True, normalized=False) for token in ("<unk>", "<s>", "</s>")]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[*special, *bytes_], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    state = json.loads(tokenizer.to_str())
    # The byte tokens must be plain vocabulary, as in Llama 2, not special.
    state["added_tokens"] = [token for token in state["added_tokens"] if token["id"] < 3]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def export(model: LlamaForCausalLM, path: Path) -> None:
    names = [f"{index}.{part}" for index in range(LAYERS) for part in ("key", "value")]
    past = [torch.zeros(1, KEY_VALUE_HEADS, 2, HEAD_SIZE) for _ in names]
    torch.onnx.export(
        WithCache(model).eval(),
        (torch.ones(1, 3, dtype=torch.int64), torch.ones(1, 5, dtype=torch.int64), torch.tensor([[2, 3, 4]]), *past),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in names)],
        output_names=["logits", *(f"present.{name}" for name in names)],
        dynamic_axes={
            "input_ids": {1: "sequence_length"},
            "attention_mask": {1: "total_sequence_length"},
            "position_ids": {1: "sequence_length"},
            "logits": {1: "sequence_length"},
            **{f"past_key_values.{name}": {2: "past_sequence_length"} for name in names},
            **{f"present.{name}": {2: "total_sequence_length"} for name in names},
        },
    )
    onnx.checker.check_model(str(path))


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer = train_tokenizer()
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=64,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_VALUE_HEADS,
        head_dim=HEAD_SIZE,
        max_position_embeddings=CONTEXT,
        bos_token_id=1,
        eos_token_id=2,
        # Random weights of the usual size give logits that are all alike; these make the model speak.
        initializer_range=0.3,
    )
    model = LlamaForCausalLM(config).eval()
    (MODEL / "onnx").mkdir(parents=True, exist_ok=True)
    export(model, MODEL / "onnx/model.onnx")
    tokenizer.save(str(MODEL / "tokenizer.json"))
    config.save_pretrained(MODEL)
    # Two ways to end, as instruction-tuned models have; the second never comes.
    write(MODEL / "generation_config.json", {"bos_token_id": 1, "eos_token_id": [2, 511]})
    write(MODEL / "tokenizer_config.json", {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})

    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    prompt = torch.randint(3, VOCABULARY - 1, (1, LONG_PROMPT))
    with torch.no_grad():
        logits = model(prompt).logits[0, -1]
        greedy = prompt
        for _ in range(GREEDY_STEPS):
            greedy = torch.cat([greedy, model(greedy).logits[:, -1:].argmax(-1)], 1)
    golden = {
        "madeBy": "models/recipes/golden/tiny_llama.py",
        "promptIds": prompt[0].tolist(),
        "logits": [round(value, 6) for value in logits.tolist()],
        "greedyIds": greedy[0, LONG_PROMPT:].tolist(),
        "tokens": [{"text": text, "ids": fast(text)["input_ids"], "decoded": fast.decode(fast(text)["input_ids"], skip_special_tokens=True)} for text in TRICKY_TEXTS],
    }
    write(OUT / "tiny-llama.golden.json", golden)
    print(golden["greedyIds"], golden["tokens"])


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
