"""What a second, larger pass makes of latents that torch enlarged, by diffusers' image to image on the same
latents and noise: golden data for main/engine/diffusion/pipelines. The models are those of
tiny_stable_diffusion.py and tiny_sdxl.py.

    python models/recipes/golden/tiny_second_pass.py
"""

import json

import tiny_sdxl
import tiny_stable_diffusion
import torch
from diffusers import (
    DDIMScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionXLImg2ImgPipeline,
)
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, write_json
from tiny_t5 import rounded

SCHEDULERS = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler, "euler-ancestral": EulerAncestralDiscreteScheduler}
CASES = [
    ("tiny-stable-diffusion", "nearest", "ddim", 1.5, (64, 64), 6),
    ("tiny-stable-diffusion", "bilinear", "euler-ancestral", 1.5, (64, 64), 6),
    ("tiny-stable-diffusion", "bicubic", "euler", 1.5, (96, 64), 6),
    ("tiny-sdxl", "nearest", "euler-ancestral", 1.5, (64, 64), 6),
    ("tiny-sdxl", "bilinear", "euler", 1.5, (64, 64), 6),
    ("tiny-sdxl", "bicubic", "euler", 1.25, (64, 64), 4),
]
STRENGTH = 0.5


def main() -> None:
    bases = {
        "tiny-stable-diffusion": (tiny_stable_diffusion.build(), StableDiffusionImg2ImgPipeline, {"requires_safety_checker": False}),
        "tiny-sdxl": (tiny_sdxl.build()[0], StableDiffusionXLImg2ImgPipeline, {"add_watermarker": False}),
    }
    cases = []
    for model, method, scheduler, scale, (width, height), steps in CASES:
        base, second_class, rest = bases[model]
        config = json.loads((OUT / model / "scheduler/scheduler_config.json").read_text())

        def run(pipeline_class, **arguments) -> torch.Tensor:
            parts = base.components | {"scheduler": SCHEDULERS[scheduler].from_config(config)}
            pipeline = pipeline_class(**parts, **rest)
            pipeline.set_progress_bar_config(disable=True)
            return pipeline(
                PROMPT,
                negative_prompt=NEGATIVE,
                num_inference_steps=steps,
                guidance_scale=5.0,
                generator=torch.Generator().manual_seed(SEED),
                output_type="latent",
                **arguments,
            ).images

        first = run(type(base), height=height, width=width)
        size = (round(height * scale) // 8, round(width * scale) // 8)
        enlarged = torch.nn.functional.interpolate(first, size=size, mode=method)
        latents = run(second_class, image=enlarged, strength=STRENGTH)
        settings = {"width": width, "height": height, "scheduler": scheduler, "steps": steps}
        hires = {"scale": scale, "steps": None, "strength": STRENGTH, "upscaler": f"latent-{method}"}
        cases.append({"model": model, "settings": settings | {"hiresFix": hires}, "latents": rounded(latents)})
    golden = {"madeBy": "models/recipes/golden/tiny_second_pass.py", "prompt": PROMPT, "negativePrompt": NEGATIVE}
    write_json(OUT / "tiny-second-pass.json", golden | {"seed": SEED, "guidanceScale": 5.0, "cases": cases})


if __name__ == "__main__":
    with torch.no_grad():
        main()
