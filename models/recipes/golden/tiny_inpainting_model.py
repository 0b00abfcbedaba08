"""An inpainting UNet of nine channels, a VAE encoder that gives the whole posterior, and an upscaler,
all tiny and random, with what diffusers and torch make of them: golden data for
main/engine/diffusion/pipelines. The other parts are those of the tiny Stable Diffusion.

    python models/recipes/golden/tiny_inpainting_model.py
"""

import json
import warnings

import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline, UNet2DConditionModel
from PIL import Image
from tiny_image_to_image import SIDE, mask, source
from tiny_stable_diffusion import MODEL, NEGATIVE, OUT, PROMPT, SCHEDULERS, SEED, Unet, build, export, write_json
from torch import nn

FOLDER = OUT / "tiny-inpainting-model"
CASES = [
    ("image-to-image", "euler-ancestral", 0.6, 6),
    ("inpaint", "euler-ancestral", 0.75, 6),
    ("inpaint", "ddim", 1.0, 5),
    ("inpaint-9", "ddim", 1.0, 6),
    ("inpaint-9", "euler-ancestral", 0.6, 6),
]
HIRES = {"scheduler": "euler-ancestral", "steps": 5, "strength": 0.6, "scale": 1.5}


class VaeEncoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample):
        return self.model.encode(sample).latent_dist.parameters


class Upscaler(nn.Module):
    """Nearest neighbour and a correction: its output resembles its input, as a trained one's does."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.last = nn.Conv2d(8, 12, 3, padding=1)

    def forward(self, image):
        larger = nn.functional.interpolate(image, scale_factor=2, mode="nearest")
        return larger + 0.3 * nn.functional.pixel_shuffle(self.last(torch.relu(self.first(image))), 2)


def build_unet() -> UNet2DConditionModel:
    torch.manual_seed(5)
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=9,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=4,
        norm_num_groups=4,
    ).eval()


def numbers(values: torch.Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in values.flatten().tolist()]


def main() -> None:
    base = build()
    unet = build_unet()
    # The variance of random weights is near one; a trained encoder's is small.
    with torch.no_grad():
        base.vae.quant_conv.bias[4:] -= 3
    torch.manual_seed(6)
    upscaler = Upscaler().eval()
    image = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(
            FOLDER,
            "unet",
            Unet(unet),
            {"sample": torch.zeros(2, 9, 8, 8), "timestep": torch.ones(1), "encoder_hidden_states": torch.zeros(2, 77, 32)},
            ["out_sample"],
            {"sample": image, "encoder_hidden_states": {0: "batch", 1: "sequence"}, "out_sample": image},
            dict(unet.config),
        )
        export(
            FOLDER,
            "vae_encoder",
            VaeEncoder(base.vae),
            {"sample": torch.zeros(1, 3, 64, 64)},
            ["latent_parameters"],
            {"sample": image, "latent_parameters": image},
            dict(base.vae.config),
        )
        export(FOLDER, "upscaler", upscaler, {"input": torch.zeros(1, 3, 8, 8)}, ["output"], {"input": image, "output": image}, {})
    config = json.loads((MODEL / "scheduler/scheduler_config.json").read_text())
    parts = {name: part for name, part in base.components.items() if name != "image_encoder"}

    def pipeline_of(cls, scheduler: str, **changes):
        scheduler_class, own = SCHEDULERS[scheduler]
        pipeline = cls(**{**parts, **changes, "scheduler": scheduler_class.from_config(config | own)}, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def draw(pipeline, **arguments) -> torch.Tensor:
        generator = torch.Generator().manual_seed(SEED)
        return pipeline(PROMPT, negative_prompt=NEGATIVE, guidance_scale=5.0, generator=generator, output_type="latent", **arguments).images

    cases = []
    for kind, scheduler, strength, steps in CASES:
        arguments = {"image": Image.fromarray(source()), "strength": strength, "num_inference_steps": steps}
        if kind == "image-to-image":
            pipeline = pipeline_of(StableDiffusionImg2ImgPipeline, scheduler)
        else:
            pipeline = pipeline_of(StableDiffusionInpaintPipeline, scheduler, **({"unet": unet} if kind == "inpaint-9" else {}))
            arguments |= {"mask_image": Image.fromarray(mask()), "height": SIDE, "width": SIDE}
        latents = numbers(draw(pipeline, **arguments))
        cases.append({"kind": kind, "scheduler": scheduler, "strength": strength, "steps": steps, "latents": latents})

    text_to_image = type(base)
    first = draw(pipeline_of(text_to_image, HIRES["scheduler"]), num_inference_steps=HIRES["steps"], height=SIDE, width=SIDE)
    larger = nn.functional.interpolate(first, size=(12, 12), mode="bilinear")
    second = draw(
        pipeline_of(StableDiffusionImg2ImgPipeline, HIRES["scheduler"]),
        image=larger,
        strength=HIRES["strength"],
        num_inference_steps=HIRES["steps"],
    )
    pixels = torch.from_numpy(source()).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        upscaled = (upscaler(pixels)[0].clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0)
    golden = {
        "madeBy": "models/recipes/golden/tiny_inpainting_model.py",
        "prompt": PROMPT,
        "negativePrompt": NEGATIVE,
        "seed": SEED,
        "cases": cases,
        "hires": {**HIRES, "latents": numbers(second)},
        "upscaled": upscaled[::4, ::4].reshape(-1).tolist(),
    }
    write_json(OUT / "tiny-inpainting-model.json", golden)


if __name__ == "__main__":
    with torch.no_grad():
        main()
