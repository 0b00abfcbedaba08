"""What diffusers draws with the tiny Stable Diffusion where the text encoder's last layer is left out:
golden data for main/engine/diffusion.

    python models/recipes/golden/tiny_clip_skip.py
"""

import torch
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, build, write_json
from transformers import CLIPTextModel

# Where diffusers looks for the last normalisation; newer transformers have it on the model itself.
if not hasattr(CLIPTextModel, "text_model"):
    CLIPTextModel.text_model = property(lambda model: model)


def main() -> None:
    pipeline = build()
    pipeline.set_progress_bar_config(disable=True)
    with torch.no_grad():
        # Counted from 0 there and from 1 here. diffusers leaves the negative prompt whole, others do not.
        prompt, negative = (pipeline.encode_prompt(text, "cpu", 1, False, clip_skip=1)[0] for text in (PROMPT, NEGATIVE))
        latents = pipeline(
            prompt_embeds=prompt,
            negative_prompt_embeds=negative,
            height=64,
            width=64,
            num_inference_steps=6,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
        ).images
    golden = {"madeBy": "models/recipes/golden/tiny_clip_skip.py", "prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED}
    values = [float(f"{value:.6g}") for value in latents.flatten().tolist()]
    write_json(OUT / "tiny-clip-skip.json", golden | {"steps": 6, "guidanceScale": 5.0, "clipSkip": 2, "latents": values})


if __name__ == "__main__":
    main()
