# SPDX-License-Identifier: Apache-2.0
"""Whole networks: 100 training steps of lenet5, and the gradients of vgg_small, speed and resnet18."""
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import golden_formula as formula

STEPS, BATCH = 100, 32
CIFAR = [os.environ.get("STRATA_CIFAR10", ""), "/tmp/cifar-10", "/work/shared/data/cifar-10"]


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.c2, self.b2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        plain = stride == 1 and i == o
        self.short = nn.Sequential() if plain else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        return F.relu(self.b2(self.c2(F.relu(self.b1(self.c1(x))))) + self.short(x))


def residual(stages, blocks, c, classes):
    layers, i = [nn.Conv2d(c, stages[0], 3, 1, 1, bias=False), nn.BatchNorm2d(stages[0]), nn.ReLU()], stages[0]
    for s, o in enumerate(stages):
        for b in range(blocks):
            layers.append(Block(i, o, 2 if s > 0 and b == 0 else 1))
            i = o
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(i, classes))


def resnet18(c=3, size=32, classes=10):
    return residual((64, 128, 256, 512), 2, c, classes)


def resnet20(c=3, size=32, classes=10):
    return residual((16, 32, 64), 3, c, classes)


def resnet9(c=3, size=32, classes=10):
    """Page, "How to train your ResNet"; for counting only: the skips have no weights."""
    def part(i, o):
        return [nn.Conv2d(i, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
    return nn.Sequential(*part(c, 64), *part(64, 128), *part(128, 128), *part(128, 128), *part(128, 256), *part(256, 512),
                         *part(512, 512), *part(512, 512), nn.Linear(512, classes))


def vgg_small(c=3, size=32, classes=10):
    layers, i = [], c
    for o in (32, 64, 128):
        layers += [nn.Conv2d(i, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2)]
        i = o
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * (size // 8) ** 2, classes))


def speed(c=3, size=32, classes=10):
    layers, i = [nn.Conv2d(c, 24, 2), nn.GELU()], 24
    for o in (64, 256, 256):
        layers += [nn.Conv2d(i, o, 3, 1, 1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(o), nn.GELU(),
                   nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.GELU()]
        i = o
    layers[0].weight.requires_grad = False
    return nn.Sequential(*layers, nn.MaxPool2d(3), nn.Flatten(), nn.Linear(256, classes, bias=False))


def lenet5(c=3, size=32, classes=10):
    return nn.Sequential(nn.Conv2d(c, 6, 5, padding=2 if size < 32 else 0), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
                         nn.Linear(84, classes))


def mlp(c=3, size=32, classes=10):
    return nn.Sequential(nn.Flatten(), nn.Linear(c * size * size, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, classes))


def linear(c=3, size=32, classes=10):
    return nn.Sequential(nn.Flatten(), nn.Linear(c * size * size, classes))


def set_weights(model):
    """Parameter k of the network from stream 5000 + k, in the range that its initialiser has."""
    k = 0
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if isinstance(module, nn.BatchNorm2d):
                low, high = (0.5, 1.5) if name == "weight" else (-0.5, 0.5)
            else:
                high = 1 / np.sqrt(np.prod(module.weight.shape[1:]))
                low = -high
            parameter.data.copy_(torch.tensor(formula.values(list(parameter.shape), 5000 + k, low, high)))
            k += 1


def formula_images():
    """Labels and images [3200, 3, 32, 32]: the label's pattern of 4x4 coloured tiles of 8x8 pixels, plus noise."""
    labels = formula.indices([STEPS * BATCH], 42, 10)
    patterns = formula.values([10, 3, 4, 4], 43, -1, 1).repeat(8, axis=2).repeat(8, axis=3)
    return patterns[labels] + formula.values([STEPS * BATCH, 3, 32, 32], 44, -1, 1), labels


def cifar_images():
    """The first 3,200 images of data_batch_1.bin, (pixel / 255 - 0.5) / 0.25, as f32."""
    path = next((os.path.join(f, "data_batch_1.bin") for f in CIFAR if f and os.path.exists(os.path.join(f, "data_batch_1.bin"))), None)
    if path is None:
        raise SystemExit("golden_networks.py needs CIFAR-10: set STRATA_CIFAR10")
    records = np.fromfile(path, dtype=np.uint8, count=STEPS * BATCH * 3073).reshape(-1, 3073)
    pixels = records[:, 1:].astype(np.float32).reshape(-1, 3, 32, 32)
    return (pixels / np.float32(255) - np.float32(0.5)) / np.float32(0.25), records[:, 0].astype(np.int64)


def lenet_losses(images, labels):
    model = lenet5()
    set_weights(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
    images, labels = torch.tensor(images, dtype=torch.float32), torch.tensor(labels)
    losses = []
    for step in range(STEPS):
        at = slice(step * BATCH, (step + 1) * BATCH)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images[at]), labels[at])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def gradients(make, batch, dtype):
    model = make().to(dtype)
    set_weights(model)
    x = torch.tensor(formula.values([batch, 3, 32, 32], 7000, -1.7, 1.7), dtype=dtype)
    labels = torch.tensor(formula.indices([batch], 7001, 10))
    logits = model(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    grads = [p.grad.double().numpy() for p in model.parameters() if p.requires_grad]
    return logits.detach().double().numpy(), loss.item(), grads


def add_gradients(golden, name, make, batch):
    """In f64; `spread` is how far PyTorch's own f32 gradients lie from them, tensor by tensor."""
    logits, loss, grads = gradients(make, batch, torch.float64)
    single = gradients(make, batch, torch.float32)[2]
    golden.add(name + "/logits", logits)
    golden.add(name + "/loss", np.array([loss]))
    for k, gradient in enumerate(grads):
        golden.add(f"{name}/grad{k}", gradient)
    spread = [np.abs(a - b).max() / max(np.abs(b).max(), 1e-12) for a, b in zip(single, grads)]
    golden.add(name + "/spread", np.array(spread))
    print(f"{name}: PyTorch's f32 gradients differ from its f64 ones by up to {max(spread):.2e}")


def add_counts(golden):
    for build in (linear, mlp, lenet5, vgg_small, speed, resnet9, resnet18, resnet20):
        for c, size, classes in ((1, 28, 10), (3, 32, 10), (3, 32, 100)):
            model = build(c, size, classes)
            if build is not resnet9:
                model.eval()(torch.zeros(1, c, size, size))
            golden.add(f"count {build.__name__} {c}x{size}x{size} {classes}", np.array([sum(p.numel() for p in model.parameters())]))


def make(cases):
    golden = formula.GoldenFile()
    add_counts(golden)
    golden.add("lenet5/formula losses", lenet_losses(*formula_images()))
    golden.add("lenet5/cifar10 losses", lenet_losses(*cifar_images()))
    for name, build, batch in (("vgg_small", vgg_small, 8), ("speed", speed, 8), ("resnet18", resnet18, 4)):
        add_gradients(golden, name, build, batch)
    return golden
