"""A latent consistency model of real architecture and tiny size with random weights, as an ONNX
folder in which everything is as different as the layout allows: float16 graphs, int64 token ids, a
scalar integer timestep, the guidance scale as an embedding, v-prediction, a shifted latent space,
prompts of 16 tokens padded with "!". Beside it what diffusers draws with the same weights in
float32: golden data for main/engine/diffusion.

    python models/recipes/golden/tiny_consistency_model.py
"""

import warnings

import onnx
import torch
from diffusers import AutoencoderKL, LCMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from onnxruntime.transformers.float16 import convert_float_to_float16
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from tiny_stable_diffusion import OUT, SEED, TextEncoder, VaeDecoder, export, make_tokenizer, write_json

MODEL = OUT / "tiny-consistency-model"
PROMPT = "a green pear, photo"
CONTEXT = 16
GUIDANCE_WIDTH = 8
SIDE = 32


class GuidedUnet(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states, timestep_cond):
        return self.model(sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, return_dict=False)[0]


def build() -> StableDiffusionPipeline:
    torch.manual_seed(1)
    tokenizer = make_tokenizer(MODEL / "tokenizer", pad_token="!", context=CONTEXT)
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=CONTEXT,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=4,
        norm_num_groups=4,
        time_cond_proj_dim=GUIDANCE_WIDTH,
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        norm_num_groups=4,
        sample_size=SIDE,
        scaling_factor=0.5,
        shift_factor=0.1,
    )
    with torch.no_grad():
        for module in (text_encoder, unet, vae):
            for parameter in module.parameters():
                if parameter.ndim > 1 and module is not text_encoder:
                    parameter.mul_(1.4)
                # What the graphs hold, so that only their arithmetic differs.
                parameter.copy_(parameter.to(torch.float16).float())
    scheduler = LCMScheduler(prediction_type="v_prediction")
    return StableDiffusionPipeline(
        vae.eval(), text_encoder.eval(), tokenizer, unet.eval(), scheduler, None, None, requires_safety_checker=False
    )


def draw(pipeline: StableDiffusionPipeline, guidance: float) -> dict:
    pipeline.set_progress_bar_config(disable=True)
    # The pipeline leaves the shift of the latent space out; here it is put in.
    latents = pipeline(
        PROMPT,
        height=SIDE,
        width=SIDE,
        num_inference_steps=4,
        guidance_scale=guidance,
        generator=torch.Generator().manual_seed(SEED),
        output_type="latent",
    ).images
    config = pipeline.vae.config
    with torch.no_grad():
        picture = pipeline.vae.decode(latents / config.scaling_factor + config.shift_factor).sample
    pixels = ((picture / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return {
        "guidance": guidance,
        "latents": [float(f"{value:.6g}") for value in latents.flatten().tolist()],
        "pixels": pixels[0].permute(1, 2, 0)[::4, ::4].reshape(-1).tolist(),
    }


def main() -> None:
    pipeline = build()
    golden = {
        "madeBy": "models/recipes/golden/tiny_consistency_model.py",
        "prompt": PROMPT,
        "seed": SEED,
        "cases": [draw(pipeline, guidance) for guidance in (1.5, 8.0)],
    }
    write_json(OUT / "tiny-consistency-model.json", golden)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(
            MODEL,
            "text_encoder",
            TextEncoder(pipeline.text_encoder),
            {"input_ids": torch.zeros(1, CONTEXT, dtype=torch.int64)},
            ["last_hidden_state", "pooler_output"],
            {"input_ids": {0: "batch"}, "last_hidden_state": {0: "batch"}, "pooler_output": {0: "batch"}},
            pipeline.text_encoder.config.to_diff_dict(),
        )
        export(
            MODEL,
            "unet",
            GuidedUnet(pipeline.unet),
            {
                "sample": torch.zeros(1, 4, 8, 8),
                "timestep": torch.tensor(1),
                "encoder_hidden_states": torch.zeros(1, CONTEXT, 16),
                "timestep_cond": torch.zeros(1, GUIDANCE_WIDTH),
            },
            ["out_sample"],
            {},
            dict(pipeline.unet.config),
        )
        export(
            MODEL,
            "vae_decoder",
            VaeDecoder(pipeline.vae),
            {"latent_sample": torch.zeros(1, 4, 8, 8)},
            ["sample"],
            {},
            dict(pipeline.vae.config),
        )
    for part in ("text_encoder", "unet", "vae_decoder"):
        path = MODEL / part / "model.onnx"
        onnx.save(convert_float_to_float16(onnx.load(path)), path)
    (MODEL / "scheduler").mkdir(exist_ok=True)
    pipeline.scheduler.save_config(MODEL / "scheduler")
    index = {
        "_class_name": "LatentConsistencyModelPipeline",
        **{part: ["diffusers", "OnnxRuntimeModel"] for part in ("text_encoder", "unet", "vae_decoder")},
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "LCMScheduler"],
    }
    write_json(MODEL / "model_index.json", index)


if __name__ == "__main__":
    main()
