"""Works around slow weight gradients of some bfloat16 convolutions in oneDNN on CPU.

The weight gradient of 3x3 convolutions with many input channels, with few channels, or with stride 2 falls off the
fast path and is 20 to 40 times slower than the rest. Here it is computed in two channel halves, in float32, or at
stride 1 with a zero-filled gradient. 1x1 convolutions are done as matrix products. The forward pass and the input
gradient are untouched, so the result is the same.
"""

import types

import torch
from torch import nn
from torch.nn import functional as F

# Channel counts that still take the fast path.
WIDEST, NARROWEST = 320, 32


class _Conv(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, stride):
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return F.conv2d(x, weight, stride=stride, padding=1)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last)

        def backward(grad, x, weight, stride, mask):
            return torch.ops.aten.convolution_backward(
                grad, x, weight, None, [stride] * 2, [1, 1], [1, 1], False, [0, 0], 1, mask
            )

        grad_x = backward(grad, x, weight, ctx.stride, [True, False, False])[0]
        if ctx.stride == 2:
            full = grad.new_zeros(*grad.shape[:2], *x.shape[2:]).to(memory_format=torch.channels_last)
            full[:, :, ::2, ::2] = grad
            grad = full
        if min(weight.shape[:2]) < NARROWEST:
            grad, x, weight = grad.float(), x.float(), weight.float()
        halves = 2 if x.shape[1] > WIDEST else 1
        parts = []
        for xs, ws in zip(x.chunk(halves, 1), weight.chunk(halves, 1)):
            xs = xs.contiguous(memory_format=torch.channels_last)
            ws = ws.contiguous(memory_format=torch.channels_last)
            parts.append(backward(grad, xs, ws, 1, [False, True, False])[1])
        return grad_x, torch.cat(parts, 1).to(torch.bfloat16), None


def _forward(self, x):
    y = _Conv.apply(x.to(torch.bfloat16), self.weight.to(torch.bfloat16), self.stride[0])
    return y + self.bias.to(torch.bfloat16).view(1, -1, 1, 1)


def _forward_1x1(self, x):
    return F.linear(x.permute(0, 2, 3, 1), self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)


def speed_up(model):
    """Replace the training-time forward of the affected convolutions of `model`."""
    for module in model.modules():
        if not isinstance(module, nn.Conv2d):
            continue
        if module.kernel_size == (1, 1):
            module.forward = types.MethodType(_forward_1x1, module)
        elif module.kernel_size == (3, 3):
            narrow = min(module.in_channels, module.out_channels) < NARROWEST
            if narrow or module.in_channels > WIDEST or module.stride == (2, 2):
                module.forward = types.MethodType(_forward, module)
