"""Stable Diffusion XL under a mask, with its own UNet and with one of nine channels, and what a UNet that was
distilled with guidance draws: what diffusers makes of each, golden data for main/engine/diffusion/pipelines.
All parts but the two UNets are those of the tiny Stable Diffusion XL.

    python models/recipes/golden/tiny_sdxl_inpainting.py
"""

import json
import warnings

import torch
from diffusers import (
    DDIMScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion_xl import pipeline_stable_diffusion_xl_inpaint as inpaint
from PIL import Image
from tiny_image_to_image import SIDE, mask, mean_only, source
from tiny_sdxl import MODEL, PROJECTION, TIME_WIDTH, WIDTH, build, rounded
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, export, write_json
from tiny_t5 import sparse
from torch import nn

INPAINTING = OUT / "tiny-sdxl-inpainting"
CONSISTENCY = OUT / "tiny-sdxl-consistency"
GUIDANCE_WIDTH = 8
SCHEDULERS = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler, "euler-ancestral": EulerAncestralDiscreteScheduler}
CASES = [
    ("inpaint", "euler", 0.75, 8),
    ("inpaint", "euler-ancestral", 1.0, 5),
    ("inpaint-9", "ddim", 1.0, 6),
    ("inpaint-9", "euler-ancestral", 0.6, 6),
]


def make_unet(**more) -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(4, 8),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=2 * WIDTH,
        attention_head_dim=(1, 2),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=TIME_WIDTH,
        projection_class_embeddings_input_dim=6 * TIME_WIDTH + PROJECTION,
        norm_num_groups=4,
        **more,
    )
    with torch.no_grad():
        for parameter in unet.parameters():
            if parameter.ndim > 1:
                parameter.mul_(1.4)
    return unet.eval()


class Unet(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds, time_ids, timestep_cond=None):
        return self.model(
            sample,
            timestep,
            encoder_hidden_states,
            timestep_cond=timestep_cond,
            added_cond_kwargs={"text_embeds": text_embeds, "time_ids": time_ids},
            return_dict=False,
        )[0]


def export_unet(folder, unet: UNet2DConditionModel) -> None:
    image = {0: "batch", 2: "height", 3: "width"}
    arguments = {
        "sample": torch.zeros(2, unet.config.in_channels, 8, 8),
        "timestep": torch.ones(1),
        "encoder_hidden_states": torch.zeros(2, 77, 2 * WIDTH),
        "text_embeds": torch.zeros(2, PROJECTION),
        "time_ids": torch.zeros(2, 6),
    }
    axes = {
        "sample": image,
        "encoder_hidden_states": {0: "batch", 1: "sequence"},
        "text_embeds": {0: "batch"},
        "time_ids": {0: "batch"},
        "out_sample": image,
    }
    if unet.config.time_cond_proj_dim is not None:
        arguments["timestep_cond"] = torch.zeros(2, GUIDANCE_WIDTH)
        axes["timestep_cond"] = {0: "guidance"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(folder, "unet", Unet(unet), arguments, ["out_sample"], axes, dict(unet.config))


def main() -> None:
    inpaint.retrieve_latents = mean_only
    base, _ = build()
    config = json.loads((MODEL / "scheduler/scheduler_config.json").read_text())
    torch.manual_seed(13)
    painter = make_unet(in_channels=9)
    distilled = make_unet(time_cond_proj_dim=GUIDANCE_WIDTH)
    export_unet(INPAINTING, painter)
    export_unet(CONSISTENCY, distilled)
    shared = {"height": SIDE, "width": SIDE}

    cases = []
    for kind, scheduler, strength, steps in CASES:
        parts = base.components | ({"unet": painter} if kind == "inpaint-9" else {})
        parts |= {"scheduler": SCHEDULERS[scheduler].from_config(config)}
        pipeline = StableDiffusionXLInpaintPipeline(**parts, add_watermarker=False)
        pipeline.set_progress_bar_config(disable=True)
        latents = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            image=Image.fromarray(source()),
            mask_image=Image.fromarray(mask()),
            strength=strength,
            num_inference_steps=steps,
            guidance_scale=5.0,
            output_type="latent",
            generator=torch.Generator().manual_seed(SEED),
            **shared,
        ).images
        cases.append({"kind": kind, "scheduler": scheduler, "strength": strength, "steps": steps, "latents": rounded(latents)})

    consistency = []
    for guidance in (1.5, 8.0):
        pipeline = type(base)(**(base.components | {"unet": distilled, "scheduler": LCMScheduler.from_config(config)}), add_watermarker=False)
        pipeline.set_progress_bar_config(disable=True)

        def draw(output_type: str):
            return pipeline(
                PROMPT,
                num_inference_steps=4,
                guidance_scale=guidance,
                output_type=output_type,
                generator=torch.Generator().manual_seed(SEED),
            **shared,
            ).images

        consistency.append({"guidanceScale": guidance, "steps": 4, "latents": rounded(draw("latent")), "pixels": sparse(draw("np"))})
    golden = {"madeBy": "models/recipes/golden/tiny_sdxl_inpainting.py", "prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED}
    write_json(OUT / "tiny-sdxl-inpainting.json", golden | {"cases": cases, "consistency": consistency})


if __name__ == "__main__":
    with torch.no_grad():
        main()
