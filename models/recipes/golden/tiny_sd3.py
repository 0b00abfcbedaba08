"""A Stable Diffusion 3 of real architecture and tiny size with random weights, and what diffusers draws with
it, with and without T5: golden data for main/engine/diffusion.

    python models/recipes/golden/tiny_sd3.py
"""

import warnings

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Img2ImgPipeline,
    StableDiffusion3Pipeline,
)
from PIL import Image
from tiny_image_to_image import source
from tiny_stable_diffusion import END, NEGATIVE, OUT, PROMPT, SEED, export, make_tokenizer, write_json
from tiny_t5 import (
    CLIP_WIDTH,
    PROJECTION,
    T5_WIDTH,
    enlarge,
    export_clip,
    export_t5,
    export_vae,
    make_clip_config,
    make_t5,
    make_t5_tokenizer,
    make_vae,
    rounded,
    sparse,
    write_golden,
)
from torch import nn
from transformers import CLIPTextModelWithProjection

MODEL = OUT / "tiny-sd3"
CHANNELS = 16


class Transformer(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, hidden_states, encoder_hidden_states, pooled_projections, timestep):
        return self.model(hidden_states, encoder_hidden_states, pooled_projections, timestep, return_dict=False)[0]


def build() -> StableDiffusion3Pipeline:
    torch.manual_seed(5)
    tokenizer = make_tokenizer(MODEL / "tokenizer", pad_token=END, context=77)
    tokenizer_2 = make_tokenizer(MODEL / "tokenizer_2", pad_token="!", context=77)
    tokenizer_3 = make_t5_tokenizer(MODEL / "tokenizer_3")
    text_encoder = CLIPTextModelWithProjection(make_clip_config(tokenizer, projection_dim=PROJECTION)).eval()
    text_encoder_2 = CLIPTextModelWithProjection(make_clip_config(tokenizer_2, projection_dim=PROJECTION, hidden_act="gelu")).eval()
    assert 2 * CLIP_WIDTH < T5_WIDTH
    transformer = SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=T5_WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * PROJECTION,
        pos_embed_max_size=16,
        # As Stable Diffusion 3.5 has them.
        dual_attention_layers=(0,),
        qk_norm="rms_norm",
    ).eval()
    for encoder in (text_encoder, text_encoder_2):
        enlarge(encoder, 3)
    enlarge(transformer, 1.2)
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=3.0)
    vae = make_vae(CHANNELS, 1.5305, 0.0609)
    return StableDiffusion3Pipeline(
        transformer, scheduler, vae, text_encoder, tokenizer, text_encoder_2, tokenizer_2, make_t5(tokenizer_3), tokenizer_3
    )


def export_all(pipeline: StableDiffusion3Pipeline) -> None:
    batch = {0: "batch_size"}
    image = {0: "batch_size", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_clip(MODEL, "text_encoder", pipeline.text_encoder, "text_embeds")
        export_clip(MODEL, "text_encoder_2", pipeline.text_encoder_2, "text_embeds")
        export_t5(MODEL, "text_encoder_3", pipeline.text_encoder_3)
        export(
            MODEL,
            "transformer",
            Transformer(pipeline.transformer),
            {
                "hidden_states": torch.zeros(2, CHANNELS, 8, 8),
                "encoder_hidden_states": torch.zeros(2, 333, T5_WIDTH),
                "pooled_projections": torch.zeros(2, 2 * PROJECTION),
                "timestep": torch.ones(1),
            },
            ["out_hidden_states"],
            {
                "hidden_states": image,
                "encoder_hidden_states": {0: "batch_size", 1: "sequence_length"},
                "pooled_projections": batch,
                "timestep": {0: "step"},
                "out_hidden_states": image,
            },
            dict(pipeline.transformer.config) | {"_class_name": "SD3Transformer2DModel"},
        )
        export_vae(MODEL, pipeline.vae)
    (MODEL / "scheduler").mkdir(exist_ok=True)
    pipeline.scheduler.save_config(MODEL / "scheduler")
    write_json(MODEL / "model_index.json", {"_class_name": "StableDiffusion3Pipeline"})


def main() -> None:
    pipeline = build()
    export_all(pipeline)
    pipeline.set_progress_bar_config(disable=True)
    t5 = pipeline.text_encoder_3
    cases = []

    def add(name: str, has_t5: bool, guidance: float, width: int = 64) -> None:
        pipeline.text_encoder_3 = t5 if has_t5 else None
        settings = {"width": width, "height": 64, "steps": 6, "guidanceScale": guidance}

        def draw(output_type: str):
            return pipeline(
                PROMPT,
                negative_prompt=NEGATIVE,
                width=width,
                height=64,
                num_inference_steps=6,
                guidance_scale=guidance,
                generator=torch.Generator().manual_seed(SEED),
                output_type=output_type,
            ).images

        with torch.no_grad():
            latents, pixels = rounded(draw("latent")), sparse(draw("np"))
        cases.append({"name": name, "hasT5": has_t5, "settings": settings, "latents": latents, "pixels": pixels})

    add("guided", True, 5.0)
    add("without guidance, wide", True, 1.0, width=96)
    add("without T5", False, 5.0)
    pipeline.text_encoder_3 = t5
    # From the middle of the posterior, as the exported encoder makes it.
    pixels = pipeline.image_processor.preprocess(Image.fromarray(source()))
    strength, steps = 0.5, 8
    with torch.no_grad():
        mean = pipeline.vae.encode(pixels).latent_dist.mean
        latents = StableDiffusion3Img2ImgPipeline(**pipeline.components)(
            PROMPT,
            negative_prompt=NEGATIVE,
            image=(mean - pipeline.vae.config.shift_factor) * pipeline.vae.config.scaling_factor,
            width=64,
            height=64,
            strength=strength,
            num_inference_steps=steps,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
        ).images
    from_picture = {"strength": strength, "steps": steps, "guidanceScale": 5.0, "latents": rounded(latents)}
    golden = {"madeBy": "models/recipes/golden/tiny_sd3.py", "prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED}
    write_golden(OUT / "tiny-sd3.json", golden | {"cases": cases, "fromPicture": from_picture})


if __name__ == "__main__":
    main()
