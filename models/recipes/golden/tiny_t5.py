"""The parts that rectified-flow models of Stable Diffusion 3's and Flux's kind share: a T5 encoder with its
tokenizer, CLIP encoders, an autoencoder without quantisation layers; all tiny and random."""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from tiny_stable_diffusion import VaeDecoder, VaeEncoder, WORDS, export, write_json
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import CLIPTextConfig, PreTrainedTokenizerFast, T5Config, T5EncoderModel

T5_WIDTH, CLIP_WIDTH, PROJECTION, CLIP_LAYERS = 56, 24, 20, 3


def make_t5_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Unigram with "▁" for spaces, as T5 has; words of several pieces compete."""
    words = [f"▁{word}" for word in WORDS.split()]
    pieces = ["▁", *(chr(code) for code in range(33, 127)), "app", "▁pa", "int", "ing", "wood", "en"]
    scores = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((word, -3.0) for word in words)]
    scores += [(piece, -4.0 - index / 50) for index, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    tokenizer.add_special_tokens(list(special.values()))
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write_json(folder / "tokenizer_config.json", {**special, "tokenizer_class": "T5Tokenizer", "model_max_length": 512})
    return PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **special)


def make_t5(tokenizer: PreTrainedTokenizerFast) -> T5EncoderModel:
    config = T5Config(
        vocab_size=len(tokenizer), d_model=T5_WIDTH, d_kv=14, d_ff=32, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu"
    )
    # T5 of random weights is small everywhere: its last norm brings it to size.
    return T5EncoderModel(config).eval()


def make_clip_config(tokenizer, **more) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=CLIP_WIDTH,
        intermediate_size=32,
        num_hidden_layers=CLIP_LAYERS,
        num_attention_heads=4,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **more,
    )


def enlarge(module: nn.Module, factor: float) -> None:
    """Default weights hardly tell one prompt from another."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim > 1:
                parameter.mul_(factor)


def make_vae(latent_channels: int, scaling_factor: float, shift_factor: float) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        sample_size=64,
        latent_channels=latent_channels,
        scaling_factor=scaling_factor,
        shift_factor=shift_factor,
        use_quant_conv=False,
        use_post_quant_conv=False,
    ).eval()


class Clip(nn.Module):
    def __init__(self, model, pooled: str):
        super().__init__()
        self.model, self.pooled = model, pooled

    def forward(self, input_ids):
        output = self.model(input_ids=input_ids, output_hidden_states=True)
        return output[self.pooled], output.last_hidden_state, *output.hidden_states


class T5(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        return self.model(input_ids=input_ids).last_hidden_state


def export_clip(model: Path, part: str, encoder, pooled: str) -> None:
    outputs = [pooled, "last_hidden_state", *(f"hidden_states.{index}" for index in range(CLIP_LAYERS + 1))]
    arguments = {"input_ids": torch.zeros(2, 77, dtype=torch.int64)}
    axes = {name: {0: "batch_size"} for name in ("input_ids", *outputs)}
    export(model, part, Clip(encoder, pooled), arguments, outputs, axes, {**encoder.config.to_diff_dict(), "num_hidden_layers": CLIP_LAYERS})


def export_t5(model: Path, part: str, encoder: T5EncoderModel) -> None:
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in ("input_ids", "last_hidden_state")}
    config = {"model_type": "t5", "d_model": T5_WIDTH, "vocab_size": encoder.config.vocab_size}
    export(model, part, T5(encoder), {"input_ids": torch.zeros(2, 32, dtype=torch.int64)}, ["last_hidden_state"], axes, config)


def export_vae(model: Path, vae: AutoencoderKL) -> None:
    image = {0: "batch_size", 2: "height", 3: "width"}
    axes = {"latent_sample": image, "sample": image}
    latents = {"latent_sample": torch.zeros(1, vae.config.latent_channels, 8, 8)}
    export(model, "vae_decoder", VaeDecoder(vae), latents, ["sample"], axes, dict(vae.config))
    export(model, "vae_encoder", VaeEncoder(vae), {"sample": torch.zeros(1, 3, 64, 64)}, ["latent_sample"], axes, dict(vae.config))


def rounded(latents: torch.Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in latents.flatten().tolist()]


def sparse(images) -> list[int]:
    return (images[0] * 255).round().astype("uint8")[::8, ::8].reshape(-1).tolist()


def write_golden(path: Path, golden: dict) -> None:
    path.write_text(json.dumps(golden) + "\n")
