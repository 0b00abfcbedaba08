"""A Stable Diffusion of real architecture and tiny size with random weights, as an ONNX folder, and
what diffusers draws with the same weights: golden data for main/engine/diffusion.

    python models/recipes/golden/tiny_stable_diffusion.py
"""

import json
import warnings
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from torch import nn
from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

OUT = Path(__file__).parents[3] / "main/engine/diffusion/golden"
MODEL = OUT / "tiny-stable-diffusion"
PROMPT = "a red apple on a wooden table, oil painting"
NEGATIVE = "blurry"
SEED = 11
WORDS = "a an the red green apple pear cat dog tree table wooden oil painting photo of on with"
START, END = "<|startoftext|>", "<|endoftext|>"
LONG_WORDS = 5000
TRICKY_TEXTS = [
    "",
    " ",
    "Hello World",
    "a  photo\tof\nan  apple ",
    "it's they're WE'LL don't",
    "1234 3.14 50%",
    "naïve café İstanbul ΣΊΣΥΦΟΣ",
    "e\u0301 vs \u00e9",
    "猫 🐈‍⬛ مرحبا بالعالم",
    "a\u0000b",
    "!!! (((brackets))) [x:1.2] <lora:y:1>",
    "supercalifragilisticexpialidocious",
    "a <|endoftext|> b",
    "\u202eright to left\u202c",
    "a<|ENDOFTEXT|>b <|startoftext|>",
    "next\u0085line, no\u00a0break, \u3000wide, mark\ufeffed, zero\u200bwidth",
    "ﬁ ½ ⅷ ٣ ๓ ǅ ß ẞ 𝒜 가 각",
    "applepearcatdogtreetable woodenwoodenwooden",
]
SCHEDULERS = {
    "ddim": (DDIMScheduler, {}),
    "euler": (EulerDiscreteScheduler, {}),
    "euler-karras": (EulerDiscreteScheduler, {"use_karras_sigmas": True}),
    "euler-ancestral": (EulerAncestralDiscreteScheduler, {}),
    "dpmpp-2m": (DPMSolverMultistepScheduler, {}),
    "dpmpp-2m-karras": (DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    "lcm": (LCMScheduler, {}),
}
V_PREDICTION = ("ddim", "euler", "dpmpp-2m-karras")


def make_tokenizer(folder: Path, pad_token: str, context: int) -> CLIPTokenizer:
    """CLIP's file format; every word is put together letter by letter, so that merges compete."""
    merges: list[tuple[str, str]] = []
    for word in WORDS.split():
        symbols = [*word[:-1], word[-1] + "</w>"]
        for end in range(1, len(symbols)):
            pair = ("".join(symbols[:end]), symbols[end])
            if pair not in merges:
                merges.append(pair)
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(letter + "</w>" for letter in alphabet), *("".join(pair) for pair in merges), START, END]
    folder.mkdir(parents=True, exist_ok=True)
    special = {"bos_token": START, "eos_token": END, "pad_token": pad_token, "unk_token": END}
    write_json(folder / "vocab.json", {token: index for index, token in enumerate(dict.fromkeys(tokens))})
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    write_json(folder / "special_tokens_map.json", special)
    write_json(folder / "tokenizer_config.json", {**special, "tokenizer_class": "CLIPTokenizer", "model_max_length": context})
    return CLIPTokenizer.from_pretrained(folder)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value) + "\n")


def build() -> StableDiffusionPipeline:
    torch.manual_seed(0)
    tokenizer = make_tokenizer(MODEL / "tokenizer", pad_token=END, context=77)
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=4,
        norm_num_groups=8,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        sample_size=64,
    )
    # Random weights at their default size hardly answer to the prompt; larger ones do.
    with torch.no_grad():
        for parameter in (*unet.parameters(), *vae.decoder.parameters()):
            if parameter.ndim > 1:
                parameter.mul_(1.4)
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1
    )
    return StableDiffusionPipeline(
        vae.eval(), text_encoder.eval(), tokenizer, unet.eval(), scheduler, None, None, requires_safety_checker=False
    )


class TextEncoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        output = self.model(input_ids=input_ids)
        return output.last_hidden_state, output.pooler_output


class Unet(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.model(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class VaeDecoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, latent_sample):
        return self.model.decode(latent_sample, return_dict=False)[0]


class VaeEncoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample):
        return self.model.encode(sample).latent_dist.mean


def export(
    model: Path, part: str, module: nn.Module, arguments: dict, outputs: list[str], axes: dict, config: dict
) -> None:
    folder = model / part
    folder.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        module.eval(),
        tuple(arguments.values()),
        str(folder / "model.onnx"),
        dynamo=False,
        opset_version=17,
        input_names=list(arguments),
        output_names=outputs,
        dynamic_axes=axes,
    )
    # A set in memory, whose order differs from run to run.
    config.pop("_use_default_values", None)
    write_json(folder / "config.json", config)


def export_all(pipeline: StableDiffusionPipeline) -> None:
    batch = {0: "batch"}
    image = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(
            MODEL,
            "text_encoder",
            TextEncoder(pipeline.text_encoder),
            {"input_ids": torch.zeros(2, 77, dtype=torch.int32)},
            ["last_hidden_state", "pooler_output"],
            {"input_ids": batch, "last_hidden_state": batch, "pooler_output": batch},
            pipeline.text_encoder.config.to_diff_dict(),
        )
        export(
            MODEL,
            "unet",
            Unet(pipeline.unet),
            {
                "sample": torch.zeros(2, 4, 8, 8),
                "timestep": torch.ones(1),
                "encoder_hidden_states": torch.zeros(2, 77, 32),
            },
            ["out_sample"],
            {"sample": image, "encoder_hidden_states": {0: "batch", 1: "sequence"}, "out_sample": image},
            dict(pipeline.unet.config),
        )
        export(
            MODEL,
            "vae_decoder",
            VaeDecoder(pipeline.vae),
            {"latent_sample": torch.zeros(1, 4, 8, 8)},
            ["sample"],
            {"latent_sample": image, "sample": image},
            dict(pipeline.vae.config),
        )
        export(
            MODEL,
            "vae_encoder",
            VaeEncoder(pipeline.vae),
            {"sample": torch.zeros(1, 3, 64, 64)},
            ["latent_sample"],
            {"sample": image, "latent_sample": image},
            dict(pipeline.vae.config),
        )
    (MODEL / "scheduler").mkdir(exist_ok=True)
    pipeline.scheduler.save_config(MODEL / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        **{part: ["diffusers", "OnnxRuntimeModel"] for part in ("text_encoder", "unet", "vae_decoder", "vae_encoder")},
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "DDIMScheduler"],
    }
    write_json(MODEL / "model_index.json", index)


def draw(pipeline: StableDiffusionPipeline, scheduler, guidance: float, steps: int) -> dict:
    pipeline.scheduler = scheduler
    pipeline.set_progress_bar_config(disable=True)

    def run(output_type: str):
        return pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            height=64,
            width=64,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(SEED),
            output_type=output_type,
        ).images

    latents = run("latent")
    pixels = (run("np")[0] * 255).round().astype("uint8")
    return {
        "guidance": guidance,
        "steps": steps,
        "latents": [float(f"{value:.6g}") for value in latents.flatten().tolist()],
        "pixels": pixels[::8, ::8].reshape(-1).tolist(),
    }


def main() -> None:
    pipeline = build()
    export_all(pipeline)
    # From the file, as the app reads it: in memory diffusers tells defaults from what was set.
    base = json.loads((MODEL / "scheduler/scheduler_config.json").read_text())
    cases = []
    for name, (scheduler_class, changes) in SCHEDULERS.items():
        for guidance, steps, prediction_type in ((7.5, 20, "epsilon"), (1.0, 5, "epsilon"), (3.0, 8, "v_prediction")):
            if prediction_type == "v_prediction" and name not in V_PREDICTION:
                continue
            scheduler = scheduler_class.from_config(base | changes | {"prediction_type": prediction_type})
            drawn = draw(pipeline, scheduler, guidance, steps)
            cases.append({"scheduler": name, "predictionType": prediction_type, **drawn})
    tokenizer = pipeline.tokenizer
    long_text = " ".join(["apple", "Tree,", "猫"][i % 3] for i in range(LONG_WORDS))
    tokens = [{"text": text, "ids": tokenizer(text, add_special_tokens=False).input_ids} for text in TRICKY_TEXTS]
    long_ids = tokenizer(long_text, add_special_tokens=False).input_ids
    golden = {
        "madeBy": "models/recipes/golden/tiny_stable_diffusion.py",
        "prompt": PROMPT,
        "negativePrompt": NEGATIVE,
        "seed": SEED,
        "cases": cases,
        "tokens": tokens,
        "longTokens": {"words": LONG_WORDS, "count": len(long_ids), "head": long_ids[:40], "tail": long_ids[-40:]},
    }
    write_json(OUT / "tiny-stable-diffusion.json", golden)


if __name__ == "__main__":
    main()
