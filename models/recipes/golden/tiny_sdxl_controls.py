"""A ControlNet with random weights for the tiny Stable Diffusion XL, and what diffusers draws with it: golden
data for main/engine/diffusion/adapters.

    python models/recipes/golden/tiny_sdxl_controls.py
"""

import warnings

import torch
from diffusers import ControlNetModel, StableDiffusionXLControlNetPipeline
from PIL import Image
from tiny_adapters import RANDOM, normal
from tiny_sdxl import PROJECTION, WIDTH, build, rounded
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, write_json
from torch import nn

FOLDER = OUT / "tiny-sdxl-control"
SIDE, STEPS = 64, 6


class Control(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states, controlnet_cond, text_embeds, time_ids):
        added = {"text_embeds": text_embeds, "time_ids": time_ids}
        down, mid = self.model(sample, timestep, encoder_hidden_states, controlnet_cond, added_cond_kwargs=added, return_dict=False)
        return *down, mid


def export_control(control: ControlNetModel) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    arguments = {
        "sample": torch.zeros(2, 4, 8, 8),
        "timestep": torch.ones(1),
        "encoder_hidden_states": torch.zeros(2, 77, 2 * WIDTH),
        "controlnet_cond": torch.zeros(2, 3, SIDE, SIDE),
        "text_embeds": torch.zeros(2, PROJECTION),
        "time_ids": torch.zeros(2, 6),
    }
    count = len(control.controlnet_down_blocks)
    outputs = [*(f"down_block_res_sample_{index}" for index in range(count)), "mid_block_res_sample"]
    axes = {
        "sample": {0: "batch", 2: "height", 3: "width"},
        "encoder_hidden_states": {0: "batch", 1: "sequence"},
        "controlnet_cond": {0: "batch", 2: "height8", 3: "width8"},
        "text_embeds": {0: "batch"},
        "time_ids": {0: "batch"},
        **{name: {0: "batch", 2: f"{name}_h", 3: f"{name}_w"} for name in outputs},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Control(control).eval(),
            tuple(arguments.values()),
            str(FOLDER / "model.onnx"),
            dynamo=False,
            opset_version=17,
            input_names=list(arguments),
            output_names=outputs,
            dynamic_axes=axes,
        )
    config = {key: value for key, value in control.config.items() if not key.startswith("_")}
    write_json(FOLDER / "config.json", config | {"_class_name": "ControlNetModel"})


def main() -> None:
    base, _ = build()
    RANDOM.manual_seed(2)
    control = ControlNetModel.from_unet(base.unet, conditioning_embedding_out_channels=(4, 4, 8, 8)).eval()
    for parameter in (*control.controlnet_down_blocks.parameters(), *control.controlnet_mid_block.parameters()):
        parameter.copy_(normal(*parameter.shape, scale=0.3))
    for parameter in control.controlnet_cond_embedding.parameters():
        parameter.copy_(normal(*parameter.shape, scale=0.4))
    parts = {name: part for name, part in base.components.items() if part is not None}
    pipeline = StableDiffusionXLControlNetPipeline(**parts, controlnet=control, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)

    def draw(**more) -> list[float]:
        return rounded(
            pipeline(
                PROMPT,
                negative_prompt=NEGATIVE,
                image=Image.open(OUT / "tiny-adapters/control.png"),
                height=SIDE,
                width=SIDE,
                num_inference_steps=STEPS,
                guidance_scale=5.0,
                generator=torch.Generator().manual_seed(SEED),
                output_type="latent",
                **more,
            ).images
        )

    cases = [
        {"use": {"weight": 1.0, "start": 0.0, "end": 1.0}, "latents": draw(controlnet_conditioning_scale=1.0)},
        {
            "use": {"weight": 0.6, "start": 0.3, "end": 0.9},
            "latents": draw(controlnet_conditioning_scale=0.6, control_guidance_start=0.3, control_guidance_end=0.9),
        },
    ]
    export_control(control)
    golden = {"madeBy": "models/recipes/golden/tiny_sdxl_controls.py", "prompt": PROMPT, "negativePrompt": NEGATIVE}
    write_json(OUT / "tiny-sdxl-control.json", golden | {"seed": SEED, "steps": STEPS, "guidanceScale": 5.0, "cases": cases})


if __name__ == "__main__":
    with torch.no_grad():
        main()
