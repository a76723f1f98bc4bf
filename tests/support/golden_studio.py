# SPDX-License-Identifier: Apache-2.0
"""Grad-CAM, bilinear scaling of maps, clipping of gradients and the learning-rate sweep, as PyTorch has them."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import golden_formula as formula


class Skip(nn.Module):
    """Two convolutions, the second within a skip connection; gradCamSpec() of tst_grad_cam.cpp."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.fc = nn.Linear(4 * 4 * 3, 3)

    def forward(self, x):
        self.relu1 = F.relu(self.bn1(self.conv1(x)))
        self.relu2 = F.relu(self.bn2(self.conv2(self.relu1)) + self.relu1)
        self.pool = F.max_pool2d(self.relu2, 2)
        for kept in (self.relu1, self.relu2, self.pool):
            kept.retain_grad()
        return self.fc(self.pool.flatten(1))


def add_grad_cam(golden):
    model = Skip().double().eval()
    for k, (name, value) in enumerate(item for item in model.state_dict().items() if not item[0].endswith("tracked")):
        low, high = (0.5, 1.5) if name.endswith("var") else (-0.5, 0.5)
        value.copy_(torch.tensor(formula.values(list(value.shape), 8500 + k, low, high)))
    x = torch.tensor(formula.values([1, 2, 8, 6], 8100, -1, 1))
    for wanted in range(3):
        for layer in ("relu1", "relu2", "pool"):
            model.zero_grad()
            model(x)[0, wanted].backward()
            kept = getattr(model, layer)
            weights = kept.grad.mean(dim=(2, 3), keepdim=True)
            heat = F.relu((weights * kept).sum(dim=1))[0]
            golden.add(f"grad_cam/{layer} {wanted}", (heat / heat.max() if heat.max() > 0 else heat).detach().numpy())
    heat = torch.tensor(formula.values([5, 7], 8200, 0, 1))
    for size in ((13, 11), (5, 7), (32, 32), (3, 4)):
        scaled = F.interpolate(heat[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
        golden.add(f"upsample/{size[0]}x{size[1]}", scaled.numpy())


def add_clipping(golden):
    for longest in (0.1, 1.0, 5.0, 1000.0):
        parameters = [torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in ((3, 2, 3, 3), (3,), (5, 12), (5,))]
        for k, parameter in enumerate(parameters):
            parameter.grad = torch.tensor(formula.values(list(parameter.shape), 8300 + k, -1, 1))
        norm = torch.nn.utils.clip_grad_norm_(parameters, longest)
        golden.add(f"clip/{longest:g} norm", np.array([norm.item()]))
        golden.add(f"clip/{longest:g}", torch.cat([p.grad.reshape(-1) for p in parameters]).numpy())


def add_sweep(golden):
    """24 pictures 1x4x4 in one batch, a linear layer, SGD with momentum: 30 steps from 1e-3 to 3."""
    pixels = torch.tensor(formula.indices([24, 16], 8400, 256) / 255.0)
    labels = torch.arange(24) % 3
    weight = torch.tensor(formula.values([3, 16], 8401, -0.5, 0.5), requires_grad=True)
    bias = torch.tensor(formula.values([3], 8402, -0.5, 0.5), requires_grad=True)
    optimizer = torch.optim.SGD([weight, bias], lr=1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    rates = np.geomspace(1e-3, 3, 30)
    losses, smoothed, mean = [], [], 0
    for step, rate in enumerate(rates):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = F.cross_entropy(pixels @ weight.T + bias, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        mean = 0.9 * mean + 0.1 * loss.item()
        smoothed.append(mean / (1 - 0.9 ** (step + 1)))
    golden.add("sweep/rates", rates)
    golden.add("sweep/losses", np.array(losses))
    golden.add("sweep/smoothed", np.array(smoothed))
    lowest = int(np.argmin(smoothed))
    slopes = np.gradient(np.array(smoothed))[: lowest + 1]
    golden.add("sweep/steepest", np.array([rates[int(np.argmin(slopes))]]))
    golden.add("sweep/tenth", np.array([rates[lowest] / 10]))


def make():
    golden = formula.GoldenFile()
    add_grad_cam(golden)
    add_clipping(golden)
    add_sweep(golden)
    return golden
