"""The UNet of the tiny Stable Diffusion XL with weights of 8 bits, as onnxruntime's own tools make them:
dynamically quantised, and with quantise and dequantise nodes (QDQ) calibrated on the steps of a picture.

    python models/recipes/golden/tiny_int8.py
"""

import tempfile
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from tiny_sdxl import MODEL, NEGATIVE, OUT, PROMPT, SEED, build

FOLDER = OUT / "tiny-int8"
LINEAR = ["MatMul", "Gemm"]


class RealSteps(CalibrationDataReader):
    """What the UNet is given while a picture is drawn."""

    def __init__(self):
        steps = []

        def record(_module, arguments, named):
            sample, timestep = arguments[:2]
            added = named["added_cond_kwargs"]
            steps.append(
                {
                    "sample": sample.numpy(),
                    "timestep": np.array([float(timestep)], np.float32),
                    "encoder_hidden_states": named["encoder_hidden_states"].numpy(),
                    "text_embeds": added["text_embeds"].numpy(),
                    "time_ids": added["time_ids"].float().numpy(),
                }
            )

        base, _ = build()
        base.unet.register_forward_pre_hook(record, with_kwargs=True)
        with torch.no_grad():
            base(PROMPT, negative_prompt=NEGATIVE, height=64, width=64, num_inference_steps=10, generator=torch.Generator().manual_seed(SEED))
        self.steps = iter(steps)

    def get_next(self):
        return next(self.steps, None)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        prepared = Path(temporary) / "prepared.onnx"
        quant_pre_process(MODEL / "unet/model.onnx", prepared, skip_symbolic_shape=True)
        quantize_dynamic(prepared, FOLDER / "dynamic.onnx", op_types_to_quantize=LINEAR, weight_type=QuantType.QInt8)
        quantize_static(
            prepared,
            FOLDER / "qdq.onnx",
            RealSteps(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=LINEAR,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )


if __name__ == "__main__":
    main()
