"""A Stable Diffusion XL and a refiner of real architecture and tiny size with random weights, and what
diffusers draws with them: golden data for main/engine/diffusion. The refiner shares every part but its UNet.

    python models/recipes/golden/tiny_sdxl.py
"""

import json
import warnings

import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion_xl import pipeline_stable_diffusion_xl_img2img as img2img
from PIL import Image
from tiny_image_to_image import mean_only
from tiny_stable_diffusion import END, NEGATIVE, OUT, PROMPT, SEED, VaeDecoder, VaeEncoder, export, make_tokenizer, write_json
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

MODEL = OUT / "tiny-sdxl"
REFINER = OUT / "tiny-sdxl-refiner"
WIDTH, PROJECTION, LAYERS, TIME_WIDTH = 24, 20, 3, 8


def make_unet(cross_attention: int, time_ids: int) -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=cross_attention,
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=TIME_WIDTH,
        projection_class_embeddings_input_dim=time_ids * TIME_WIDTH + PROJECTION,
        norm_num_groups=4,
    )
    with torch.no_grad():
        for parameter in unet.parameters():
            if parameter.ndim > 1:
                parameter.mul_(1.4)
    return unet.eval()


def make_text_config(tokenizer, **more) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=32,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **more,
    )


def build() -> tuple[StableDiffusionXLPipeline, StableDiffusionXLImg2ImgPipeline]:
    torch.manual_seed(3)
    tokenizer = make_tokenizer(MODEL / "tokenizer", pad_token=END, context=77)
    tokenizer_2 = make_tokenizer(MODEL / "tokenizer_2", pad_token="!", context=77)
    text_encoder = CLIPTextModel(make_text_config(tokenizer)).eval()
    text_encoder_2 = CLIPTextModelWithProjection(make_text_config(tokenizer_2, projection_dim=PROJECTION, hidden_act="gelu")).eval()
    # Default weights hardly tell one prompt from another.
    with torch.no_grad():
        for encoder in (text_encoder, text_encoder_2):
            for parameter in encoder.parameters():
                if parameter.ndim > 1:
                    parameter.mul_(3)
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=0.13025,
    ).eval()
    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading")
    base = StableDiffusionXLPipeline(
        vae, text_encoder, text_encoder_2, tokenizer, tokenizer_2, make_unet(2 * WIDTH, 6), scheduler, add_watermarker=False
    )
    refiner = StableDiffusionXLImg2ImgPipeline(
        vae,
        None,
        text_encoder_2,
        None,
        tokenizer_2,
        make_unet(WIDTH, 5),
        scheduler,
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )
    return base, refiner


class TextEncoder(nn.Module):
    def __init__(self, model, first: str):
        super().__init__()
        self.model, self.first = model, first

    def forward(self, input_ids):
        output = self.model(input_ids=input_ids, output_hidden_states=True)
        return output[self.first], output.last_hidden_state, *output.hidden_states


class Unet(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds, time_ids):
        added = {"text_embeds": text_embeds, "time_ids": time_ids}
        return self.model(sample, timestep, encoder_hidden_states, added_cond_kwargs=added, return_dict=False)[0]


def export_unet(folder, unet, width: int, time_ids: int) -> None:
    image = {0: "batch", 2: "height", 3: "width"}
    export(
        folder,
        "unet",
        Unet(unet),
        {
            "sample": torch.zeros(2, 4, 8, 8),
            "timestep": torch.ones(1),
            "encoder_hidden_states": torch.zeros(2, 77, width),
            "text_embeds": torch.zeros(2, PROJECTION),
            "time_ids": torch.zeros(2, time_ids),
        },
        ["out_sample"],
        {
            "sample": image,
            "encoder_hidden_states": {0: "batch", 1: "sequence"},
            "text_embeds": {0: "batch"},
            "time_ids": {0: "batch"},
            "out_sample": image,
        },
        dict(unet.config),
    )


def export_all(base: StableDiffusionXLPipeline, refiner: StableDiffusionXLImg2ImgPipeline) -> None:
    batch = {0: "batch"}
    image = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for part, encoder, first, output in (
            ("text_encoder", base.text_encoder, "pooler_output", "pooler_output"),
            ("text_encoder_2", base.text_encoder_2, "text_embeds", "text_embeds"),
        ):
            outputs = [output, "last_hidden_state", *(f"hidden_states.{index}" for index in range(LAYERS + 1))]
            export(
                MODEL,
                part,
                TextEncoder(encoder, first),
                {"input_ids": torch.zeros(2, 77, dtype=torch.int32)},
                outputs,
                {name: batch for name in ("input_ids", *outputs)},
                {**encoder.config.to_diff_dict(), "num_hidden_layers": LAYERS},
            )
        export_unet(MODEL, base.unet, 2 * WIDTH, 6)
        export_unet(REFINER, refiner.unet, WIDTH, 5)
        vae_arguments = {"latent_sample": torch.zeros(1, 4, 8, 8)}
        axes = {"latent_sample": image, "sample": image}
        export(MODEL, "vae_decoder", VaeDecoder(base.vae), vae_arguments, ["sample"], axes, dict(base.vae.config))
        pixels = {"sample": torch.zeros(1, 3, 64, 64)}
        export(MODEL, "vae_encoder", VaeEncoder(base.vae), pixels, ["latent_sample"], axes, dict(base.vae.config))
    (MODEL / "scheduler").mkdir(exist_ok=True)
    base.scheduler.save_config(MODEL / "scheduler")
    write_json(MODEL / "model_index.json", {"_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": True})
    index = {"_class_name": "StableDiffusionXLImg2ImgPipeline", "requires_aesthetics_score": True, "force_zeros_for_empty_prompt": False}
    write_json(REFINER / "model_index.json", index)


def rounded(latents: torch.Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in latents.flatten().tolist()]


def main() -> None:
    base, refiner = build()
    export_all(base, refiner)
    config = json.loads((MODEL / "scheduler/scheduler_config.json").read_text())
    schedulers = {"euler": EulerDiscreteScheduler, "euler-ancestral": EulerAncestralDiscreteScheduler}
    for own in (base, refiner):
        own.set_progress_bar_config(disable=True)

    def draw(pipeline, scheduler: str, spacing: str = "leading", prompt: str | None = PROMPT, **arguments):
        pipeline.scheduler = schedulers[scheduler].from_config(config | {"timestep_spacing": spacing})
        return pipeline(prompt=prompt, generator=torch.Generator().manual_seed(SEED), **arguments)

    cases = []

    def add(name: str, change: dict, scheduler: str, spacing: str = "leading", **arguments) -> None:
        size = {"height": 64, "width": 64} | {key: arguments.pop(key) for key in ("height", "width") if key in arguments}
        shared = {**size, **arguments}
        with torch.no_grad():
            latents = draw(base, scheduler, spacing, output_type="latent", **shared).images
            pixels = (draw(base, scheduler, spacing, output_type="np", **shared).images[0] * 255).round().astype("uint8")
        settings = {
            **size,
            "scheduler": scheduler,
            "steps": shared["num_inference_steps"],
            "guidanceScale": shared["guidance_scale"],
            "negativePrompt": shared.get("negative_prompt") or "",
            **change,
        }
        sparse = pixels[::8, ::8].reshape(-1).tolist()
        cases.append({"name": name, "spacing": spacing, "settings": settings, "latents": rounded(latents), "pixels": sparse})

    guided = {"num_inference_steps": 6, "guidance_scale": 5.0, "negative_prompt": NEGATIVE}
    add("guided", {}, "euler", **guided)
    add("a wide picture", {}, "euler", **guided, width=96)
    add("an empty negative prompt", {}, "euler", **(guided | {"negative_prompt": None}))
    add("turbo", {}, "euler-ancestral", "trailing", num_inference_steps=2, guidance_scale=1.0)
    # diffusers leaves the negative prompt whole, others do not.
    with torch.no_grad():
        embeddings, _, pooled, _ = base.encode_prompt(PROMPT, None, "cpu", 1, False, clip_skip=1)
        negative, _, negative_pooled, _ = base.encode_prompt(NEGATIVE, None, "cpu", 1, False, clip_skip=1)
    skipped = {
        "prompt": None,
        "prompt_embeds": embeddings,
        "pooled_prompt_embeds": pooled,
        "negative_prompt_embeds": negative,
        "negative_pooled_prompt_embeds": negative_pooled,
    }
    add("CLIP skip", {"clipSkip": 2, "negativePrompt": NEGATIVE}, "euler", num_inference_steps=6, guidance_scale=5.0, **skipped)
    # The posterior's mean stands for a draw from it, as the exported encoder gives no more.
    img2img.retrieve_latents = mean_only
    parts = {**base.components, "image_encoder": None, "feature_extractor": None}
    from_picture = StableDiffusionXLImg2ImgPipeline(**parts, add_watermarker=False)
    from_picture.set_progress_bar_config(disable=True)
    picture = Image.open(OUT / "tiny-adapters/control.png")
    with torch.no_grad():
        changed = draw(from_picture, "euler", image=picture, strength=0.6, output_type="latent", **(guided | {"num_inference_steps": 10})).images
    image_to_image = {"strength": 0.6, "steps": 10, "latents": rounded(changed)}
    with torch.no_grad():
        shared = {"num_inference_steps": 8, "guidance_scale": 5.0, "negative_prompt": NEGATIVE}
        half = draw(base, "euler", height=64, width=64, denoising_end=0.5, output_type="latent", **shared).images
        latents = draw(refiner, "euler", image=half, denoising_start=0.5, output_type="latent", **shared).images
    refined = {"switchAt": 0.5, "steps": 8, "latents": rounded(latents)}
    golden = {"madeBy": "models/recipes/golden/tiny_sdxl.py", "prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED}
    write_json(OUT / "tiny-sdxl.json", golden | {"cases": cases, "refined": refined, "imageToImage": image_to_image})


if __name__ == "__main__":
    main()
