"""A Stable Diffusion 2 of real architecture and tiny size with random weights (linear projections, a number
of heads per block, OpenCLIP's activation and padding, v-prediction), and what diffusers draws with it:
golden data for main/engine/diffusion.

    python models/recipes/golden/tiny_sd2.py
"""

import json
import warnings

import torch
from diffusers import AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, TextEncoder, Unet, VaeDecoder, export, make_tokenizer, write_json
from transformers import CLIPTextConfig, CLIPTextModel

MODEL = OUT / "tiny-sd2"
WIDTH = 24


def build() -> StableDiffusionPipeline:
    torch.manual_seed(5)
    tokenizer = make_tokenizer(MODEL / "tokenizer", pad_token="!", context=77)
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        norm_num_groups=4,
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        sample_size=64,
    )
    with torch.no_grad():
        for parameter in unet.parameters():
            if parameter.ndim > 1:
                parameter.mul_(1.4)
    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction",
    )
    text_encoder = CLIPTextModel(config).eval()
    return StableDiffusionPipeline(vae.eval(), text_encoder, tokenizer, unet.eval(), scheduler, None, None, requires_safety_checker=False)


def export_all(pipeline: StableDiffusionPipeline) -> None:
    batch = {0: "batch"}
    image = {0: "batch", 2: "height", 3: "width"}
    text_outputs = ["last_hidden_state", "pooler_output"]
    unet_arguments = {
        "sample": torch.zeros(2, 4, 8, 8),
        "timestep": torch.ones(1),
        "encoder_hidden_states": torch.zeros(2, 77, WIDTH),
    }
    unet_axes = {"sample": image, "encoder_hidden_states": {0: "batch", 1: "sequence"}, "out_sample": image}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(
            MODEL,
            "text_encoder",
            TextEncoder(pipeline.text_encoder),
            {"input_ids": torch.zeros(2, 77, dtype=torch.int32)},
            text_outputs,
            {name: batch for name in ("input_ids", *text_outputs)},
            pipeline.text_encoder.config.to_diff_dict(),
        )
        export(MODEL, "unet", Unet(pipeline.unet), unet_arguments, ["out_sample"], unet_axes, dict(pipeline.unet.config))
        export(
            MODEL,
            "vae_decoder",
            VaeDecoder(pipeline.vae),
            {"latent_sample": torch.zeros(1, 4, 8, 8)},
            ["sample"],
            {"latent_sample": image, "sample": image},
            dict(pipeline.vae.config),
        )
    (MODEL / "scheduler").mkdir(exist_ok=True)
    pipeline.scheduler.save_config(MODEL / "scheduler")
    write_json(MODEL / "model_index.json", {"_class_name": "StableDiffusionPipeline"})


def main() -> None:
    pipeline = build()
    export_all(pipeline)
    pipeline.set_progress_bar_config(disable=True)
    config = json.loads((MODEL / "scheduler/scheduler_config.json").read_text())
    cases = []
    for name, scheduler_class, steps, guidance in (("ddim", DDIMScheduler, 10, 5.0), ("euler", EulerDiscreteScheduler, 8, 7.5)):
        pipeline.scheduler = scheduler_class.from_config(config)

        def draw(output_type: str):
            with torch.no_grad():
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

        pixels = (draw("np")[0] * 255).round().astype("uint8")
        latents = [float(f"{value:.6g}") for value in draw("latent").flatten().tolist()]
        settings = {"scheduler": name, "steps": steps, "guidanceScale": guidance}
        cases.append({"settings": settings, "latents": latents, "pixels": pixels[::8, ::8].reshape(-1).tolist()})
    golden = {"madeBy": "models/recipes/golden/tiny_sd2.py", "prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED}
    write_json(OUT / "tiny-sd2.json", golden | {"cases": cases})


if __name__ == "__main__":
    main()
