"""What diffusers makes of a picture, and under a mask, with the tiny Stable Diffusion: golden data
for main/engine/diffusion/pipelines.

    python models/recipes/golden/tiny_image_to_image.py

The posterior's mean stands for a draw from it, as the exported encoder gives no more.
"""

import json

import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline
from diffusers.pipelines.stable_diffusion import pipeline_stable_diffusion_img2img as img2img
from diffusers.pipelines.stable_diffusion import pipeline_stable_diffusion_inpaint as inpaint
from PIL import Image
from tiny_stable_diffusion import MODEL, NEGATIVE, OUT, PROMPT, SCHEDULERS, SEED, build, write_json

SIDE = 64
CASES = [("ddim", 0.6, 10), ("euler", 0.75, 8), ("dpmpp-2m", 0.5, 12), ("euler-ancestral", 1.0, 6)]
SIZES = [((5, 3), (10, 6)), ((5, 3), (8, 5))]


def mean_only(encoder_output, generator=None, sample_mode="sample"):
    return encoder_output.latent_dist.mode()


def source() -> np.ndarray:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    return np.stack([x * 4, y * 4, (x * y) % 256], axis=-1).astype("uint8")


def mask() -> np.ndarray:
    level = np.zeros((SIDE, SIDE), dtype="uint8")
    level[16:48, 24:64] = 255
    return level


def run(pipeline, arguments: dict) -> torch.Tensor:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        PROMPT,
        negative_prompt=NEGATIVE,
        image=Image.fromarray(source()),
        guidance_scale=5.0,
        generator=torch.Generator().manual_seed(SEED),
        output_type="latent",
        **arguments,
    ).images


def main() -> None:
    img2img.retrieve_latents = mean_only
    inpaint.retrieve_latents = mean_only
    base = build()
    parts = {name: part for name, part in base.components.items() if name not in ("image_encoder",)}
    config = json.loads((MODEL / "scheduler/scheduler_config.json").read_text())
    cases = []
    for kind, pipeline_class in (("image-to-image", StableDiffusionImg2ImgPipeline), ("inpaint", StableDiffusionInpaintPipeline)):
        for name, strength, steps in CASES:
            scheduler_class, changes = SCHEDULERS[name]
            pipeline = pipeline_class(**{**parts, "scheduler": scheduler_class.from_config(config | changes)}, requires_safety_checker=False)
            arguments = {"strength": strength, "num_inference_steps": steps}
            if kind == "inpaint":
                arguments |= {"mask_image": Image.fromarray(mask()), "height": SIDE, "width": SIDE}
            latents = run(pipeline, arguments)
            cases.append(
                {
                    "kind": kind,
                    "scheduler": name,
                    "strength": strength,
                    "steps": steps,
                    "latents": [float(f"{value:.6g}") for value in latents.flatten().tolist()],
                }
            )
    torch.manual_seed(3)
    resized = []
    for (height, width), (to_height, to_width) in SIZES:
        latents = torch.randn(1, 2, height, width)
        for method in ("nearest", "bilinear", "bicubic"):
            result = torch.nn.functional.interpolate(latents, size=(to_height, to_width), mode=method)
            resized.append(
                {
                    "method": method,
                    "from": {"width": width, "height": height},
                    "to": {"width": to_width, "height": to_height},
                    "latents": latents.flatten().tolist(),
                    "result": result.flatten().tolist(),
                }
            )
    write_json(
        OUT / "tiny-image-to-image.json",
        {
            "madeBy": "models/recipes/golden/tiny_image_to_image.py",
            "prompt": PROMPT,
            "negativePrompt": NEGATIVE,
            "seed": SEED,
            "cases": cases,
            "resized": resized,
        },
    )


if __name__ == "__main__":
    main()
