"""Three tokenizers of the kinds that language models have, at the size of the tiny models: byte-level BPE with a
regular expression in front, SentencePiece's BPE with bytes for what it does not know, and Unigram. Each knows the
marks of the chat formats.
"""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

VOCABULARY = 320
CORPUS = [
    "The old man opened the door and looked at the sea.",
    "Once upon a time there was a little girl who lived in a small house in the forest.",
    "Hello, world! It was a cold night, and the wind blew over the hills.",
    "What is the weather like on the other side of the river? Nobody knew, and nobody asked.",
]
CHAT_MARKS = ["<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
TURN_MARKS = ["<start_of_turn>", "<end_of_turn>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>"]
WORDS = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""


def special(tokens):
    return [AddedToken(token, special=True, normalized=False) for token in tokens]


def byte_level() -> Tokenizer:
    """As Llama 3's and Qwen's; nothing is put in front."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(WORDS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=special(["<|endoftext|>", "<|begin_of_text|>", *CHAT_MARKS]),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return tokenizer


def sentencepiece_bpe() -> Tokenizer:
    """As Gemma's: `▁` for spaces, bytes for unknown characters, `<bos>` put in front."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    marks = ["<pad>", "<eos>", "<bos>", "<unk>", *TURN_MARKS]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[*special(marks), *bytes_], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    state = json.loads(tokenizer.to_str())
    # The byte tokens are plain vocabulary, not special.
    state["added_tokens"] = [token for token in state["added_tokens"] if token["id"] < len(marks)]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return tokenizer


def unigram() -> Tokenizer:
    """As T5's and XGLM's: pieces with log-probabilities, a space in front, `<s>` first."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        CORPUS * 4,
        trainers.UnigramTrainer(
            vocab_size=VOCABULARY, special_tokens=special(["<s>", "</s>", "<unk>"]), unk_token="<unk>", show_progress=False
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return tokenizer


TOKENIZERS = {
    "byte-level": (byte_level, {"bos_token": None, "eos_token": "<|endoftext|>"}),
    "sentencepiece": (sentencepiece_bpe, {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>"}),
    "unigram": (unigram, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}),
}
