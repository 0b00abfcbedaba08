"""Golden data for main/engine/diffusion/schedulers: full loops of diffusers' schedulers.

    python models/recipes/golden/schedulers.py

The "model" is a smooth function of its input and the timestep that any language computes alike.
Noise comes from torch's CPU generator, as in the pipelines.
"""

import itertools
import json
from pathlib import Path

import diffusers
import torch

OUT = Path(__file__).parents[3] / "main/engine/diffusion/schedulers/golden/loops.json"
SHAPE = (1, 4, 6, 6)
SEED = 7

STABLE_DIFFUSION = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False}
CONFIGS = {
    "sd1": {**STABLE_DIFFUSION, "steps_offset": 1, "set_alpha_to_one": False, "timestep_spacing": "leading"},
    "sd2-v": {**STABLE_DIFFUSION, "prediction_type": "v_prediction"},
    "linear-v-trailing": {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear", "prediction_type": "v_prediction", "timestep_spacing": "trailing", "clip_sample": False},
    "cosine": {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "squaredcos_cap_v2", "timestep_spacing": "linspace", "clip_sample": True},
    "zero-snr": {
        **STABLE_DIFFUSION,
        "prediction_type": "v_prediction",
        "rescale_betas_zero_snr": True,
        "timestep_spacing": "trailing",
    },
    "sigma-min": {**STABLE_DIFFUSION, "final_sigmas_type": "sigma_min", "timestep_spacing": "trailing"},
    "euler-at-final": {**STABLE_DIFFUSION, "euler_at_final": True, "final_sigmas_type": "sigma_min"},
    "bare": {"beta_start": 0.001, "beta_end": 0.01, "beta_schedule": "linear"},
    "sample": {**STABLE_DIFFUSION, "prediction_type": "sample", "final_sigmas_type": "sigma_min"},
}
SCHEDULERS = {
    "ddim": (diffusers.DDIMScheduler, ["normal"]),
    "euler": (diffusers.EulerDiscreteScheduler, ["normal", "karras"]),
    "euler-ancestral": (diffusers.EulerAncestralDiscreteScheduler, ["normal"]),
    "dpmpp-2m": (diffusers.DPMSolverMultistepScheduler, ["normal", "karras"]),
    "lcm": (diffusers.LCMScheduler, ["normal"]),
}


def model(sample: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
    return 0.8 * sample + 0.3 * torch.sin(3 * sample + timestep.float() / 100)


def run(scheduler_class, config: dict, schedule: str, steps: int) -> dict:
    own = dict(config)
    if schedule == "karras":
        own["use_karras_sigmas"] = True
    scheduler = scheduler_class.from_config(own)
    scheduler.set_timesteps(steps)
    # Where rounding makes the first two timesteps equal, diffusers would otherwise begin at the second.
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    generator = torch.Generator().manual_seed(SEED)
    latents = torch.randn(SHAPE, generator=generator) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        output = model(scheduler.scale_model_input(latents, timestep), timestep)
        # Only the stochastic methods take a generator; the others take no such argument in every version.
        arguments = {} if "DPM" in scheduler_class.__name__ else {"generator": generator}
        latents = scheduler.step(output, timestep, latents, **arguments).prev_sample
    return {
        "timesteps": [round(float(t), 4) for t in scheduler.timesteps],
        "latents": [float(f"{value:.7g}") for value in latents.flatten().tolist()],
    }


def main() -> None:
    cases = []
    for (config_name, config), (name, (scheduler_class, schedules)) in itertools.product(
        CONFIGS.items(), SCHEDULERS.items()
    ):
        for schedule in schedules:
            for steps in (4, 20):
                if name == "euler-ancestral" and config.get("prediction_type") == "sample":
                    continue  # diffusers does not implement it
                case = run(scheduler_class, config, schedule, steps)
                if any(value != value for value in case["latents"]):
                    print(f"left out: {config_name} {name} {steps}: diffusers itself ends in NaN")
                    continue
                cases.append({"config": config_name, "scheduler": name, "schedule": schedule, "steps": steps, **case})
    OUT.write_text(
        json.dumps(
            {
                "madeBy": "models/recipes/golden/schedulers.py",
                "diffusers": diffusers.__version__,
                "seed": SEED,
                "shape": SHAPE,
                "configs": CONFIGS,
                "cases": cases,
            }
        )
        + "\n"
    )
    print(f"{len(cases)} cases, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
