"""Golden data for main/engine/diffusion/schedulers: full loops of diffusers' schedulers.

    python models/recipes/golden/schedulers.py

The "model" is a smooth function of its input and the timestep that any language computes alike.
Noise comes from torch's CPU generator, as in the pipelines. DPM++ SDE draws a Brownian path: in
place of torchsde's tree, whose numbers depend on its depth, the path is drawn half by half.
Where diffusers has no such schedule (SGM uniform, align your steps) Euler is given the levels.
"""

import itertools
import json
import math
from inspect import signature
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers.schedulers import scheduling_dpmsolver_sde

OUT = Path(__file__).parents[3] / "main/engine/diffusion/schedulers/golden/loops.json"
SHAPE = (1, 4, 5, 3)
SEED = 7
STEPS = (4, 20, 50)

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
FLOWS = {
    "flow": {"prediction_type": "flow_prediction"},
    "flow-shifted": {"prediction_type": "flow_prediction", "shift": 3.0},
    "flow-dynamic": {"prediction_type": "flow_prediction", "use_dynamic_shifting": True},
    "flow-terminal": {"prediction_type": "flow_prediction", "shift": 3.0, "shift_terminal": 0.1},
}
IMAGE_TOKENS = 1024
ALL = ("normal", "karras", "exponential", "beta")
ORDER_2 = {"solver_order": 2}
SCHEDULERS = {
    "ddim": (diffusers.DDIMScheduler, {}, ("normal",)),
    "euler": (diffusers.EulerDiscreteScheduler, {}, (*ALL, "sgm-uniform", "ays")),
    "euler-ancestral": (diffusers.EulerAncestralDiscreteScheduler, {}, ("normal",)),
    "dpmpp-2m": (diffusers.DPMSolverMultistepScheduler, {}, ALL),
    "lcm": (diffusers.LCMScheduler, {}, ("normal",)),
    "ddpm": (diffusers.DDPMScheduler, {}, ("normal",)),
    "pndm": (diffusers.PNDMScheduler, {"skip_prk_steps": True}, ("normal",)),
    "lms": (diffusers.LMSDiscreteScheduler, {}, ALL),
    "heun": (diffusers.HeunDiscreteScheduler, {}, ALL),
    "dpm2": (diffusers.KDPM2DiscreteScheduler, {}, ALL),
    "dpm2-ancestral": (diffusers.KDPM2AncestralDiscreteScheduler, {}, ALL),
    "dpmpp-2m-sde": (diffusers.DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++"}, ALL),
    "dpmpp-3m-sde": (diffusers.DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}, ALL),
    "dpmpp-sde": (diffusers.DPMSolverSDEScheduler, {}, ALL),
    "unipc": (diffusers.UniPCMultistepScheduler, ORDER_2, ALL),
    "deis": (diffusers.DEISMultistepScheduler, ORDER_2, ALL),
    "tcd": (diffusers.TCDScheduler, {}, ("normal",)),
}
FLOW_SCHEDULERS = {
    "flow-euler": (diffusers.FlowMatchEulerDiscreteScheduler, {}, ALL),
    "flow-heun": (diffusers.FlowMatchHeunDiscreteScheduler, {}, ("normal",)),
}
FIRST = ("ddim", "euler", "euler-ancestral", "dpmpp-2m", "lcm")
OPTIONS = [
    ("ddim", "sd1", {"eta": 0.5}),
    ("ddim", "sd2-v", {"eta": 1.0}),
    ("tcd", "sd1", {"eta": 0.0}),
    ("tcd", "sd1", {"eta": 0.8}),
    ("euler", "sd1", {"s_churn": 5.0, "s_noise": 1.01}),
    ("euler", "sd1", {"s_churn": 40.0, "s_tmin": 0.1, "s_tmax": 8.0}),
]
AYS = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029]


class PathSampler:
    """One Brownian path over sigma, drawn half by half within each step."""

    generator: torch.Generator

    def __init__(self, sample, *_arguments, **_options):
        self.shape = sample.shape
        self.half = None

    def __call__(self, start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
        fresh = torch.randn(self.shape, generator=PathSampler.generator)
        if self.half is None:
            self.half = (fresh, float(start - end))
            return fresh
        first, covered = self.half
        self.half = None
        whole = float(start - end)
        return (math.sqrt(covered) * first + math.sqrt(whole - covered) * fresh) / math.sqrt(whole)


scheduling_dpmsolver_sde.BrownianTreeNoiseSampler = PathSampler


def model(sample: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
    return 0.8 * sample + 0.3 * torch.sin(3 * sample + timestep.float() / 100)


def given_levels(schedule: str, alphas_cumprod: torch.Tensor, steps: int) -> list[float]:
    training = torch.sqrt((1 - alphas_cumprod) / alphas_cumprod).double().numpy()
    if schedule == "ays":
        places = np.linspace(0, len(AYS) - 1, steps + 1)
        levels = np.exp(np.interp(places, np.arange(len(AYS)), np.log(AYS)))[:-1]
    else:
        timesteps = np.linspace(len(training) - 1, 0, steps + 1)[:-1]
        levels = np.exp(np.interp(timesteps, np.arange(len(training)), np.log(training)))
    return [*levels.tolist(), 0.0]


def run(scheduler_class, config: dict, extra: dict, schedule: str, steps: int, options: dict) -> dict:
    own = {**config, **extra}
    if schedule in ("karras", "exponential", "beta"):
        own[f"use_{schedule}_sigmas"] = True
    scheduler = scheduler_class.from_config(own)
    if schedule in ("sgm-uniform", "ays"):
        scheduler.set_timesteps(sigmas=given_levels(schedule, scheduler.alphas_cumprod, steps))
    elif config.get("use_dynamic_shifting"):
        slope = (1.15 - 0.5) / (4096 - 256)
        scheduler.set_timesteps(steps, mu=0.5 + slope * (IMAGE_TOKENS - 256))
    else:
        scheduler.set_timesteps(steps)
    # Where rounding makes the first two timesteps equal, diffusers would otherwise begin at the second.
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    generator = torch.Generator().manual_seed(SEED)
    PathSampler.generator = generator
    latents = torch.randn(SHAPE, generator=generator) * getattr(scheduler, "init_noise_sigma", 1)
    accepted = scheduler.step.__code__.co_varnames[: scheduler.step.__code__.co_argcount]
    arguments = {**({"generator": generator} if "generator" in accepted else {}), **options}
    for timestep in scheduler.timesteps:
        scaled = scheduler.scale_model_input(latents, timestep) if hasattr(scheduler, "scale_model_input") else latents
        output = model(scaled, timestep)
        latents = scheduler.step(output, timestep, latents, **arguments).prev_sample
    return {
        "timesteps": [round(float(t), 4) for t in scheduler.timesteps],
        "latents": [float(f"{value:.7g}") for value in latents.flatten().tolist()],
    }


def wanted_cases():
    for (config_name, config), (name, entry), steps in itertools.product(CONFIGS.items(), SCHEDULERS.items(), STEPS):
        for schedule in entry[2]:
            # The first five methods meet every configuration, the others those that change their way.
            everywhere = name in FIRST and schedule in ("normal", "karras")
            if "rescale_betas_zero_snr" in config and "rescale_betas_zero_snr" not in signature(entry[0]).parameters:
                continue  # diffusers would pass over the field
            if name in ("heun", "dpm2-ancestral") and config_name == "cosine":
                continue  # sigma begins at 20,000, where diffusers' float32 differences cancel: its rounding decides
            if everywhere or config_name in ("sd1", "sd2-v") or (schedule == "normal" and config_name in ("zero-snr", "bare", "sigma-min", "cosine")):
                yield config_name, config, name, entry, schedule, steps, {}
    for (config_name, config), (name, entry), steps in itertools.product(FLOWS.items(), FLOW_SCHEDULERS.items(), STEPS):
        if name == "flow-heun" and config_name not in ("flow", "flow-shifted"):
            continue
        for schedule in entry[2]:
            yield config_name, config, name, entry, schedule, steps, {}
    for name, config_name, options in OPTIONS:
        for steps in STEPS:
            yield config_name, CONFIGS[config_name], name, SCHEDULERS[name], "normal", steps, options


def main() -> None:
    cases = []
    for config_name, config, name, (scheduler_class, extra, _), schedule, steps, options in wanted_cases():
        label = f"{config_name} {name} {schedule} {steps}"
        try:
            case = run(scheduler_class, config, extra, schedule, steps, options)
        except (NotImplementedError, ValueError, IndexError, RuntimeError, AssertionError) as error:
            print(f"left out: {label}: diffusers refuses: {str(error)[:90]}")
            continue
        if any(value != value or abs(value) == math.inf for value in case["latents"]):
            print(f"left out: {label}: diffusers itself ends in NaN")
            continue
        cases.append({"config": config_name, "scheduler": name, "schedule": schedule, "steps": steps, **({"options": options} if options else {}), **case})
    OUT.write_text(
        json.dumps(
            {
                "madeBy": "models/recipes/golden/schedulers.py",
                "diffusers": diffusers.__version__,
                "seed": SEED,
                "shape": SHAPE,
                "imageTokens": IMAGE_TOKENS,
                "configs": {**CONFIGS, **FLOWS},
                "cases": cases,
            },
            separators=(",", ":"),
        )
        + "\n"
    )
    print(f"{len(cases)} cases, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
