#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch's numbers for ten optimizer steps, for learning-rate schedules and for losses; writes tests/data/train/*.json.

Run with Debian's python3-torch: /usr/bin/python3 tests/support/make_train_golden.py
"""
import json
import pathlib
import warnings

import torch

warnings.simplefilter("ignore")
OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "train"


def save(name, value):
    (OUT / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


def optimizers():
    torch.manual_seed(1)
    cases = []
    kinds = [
        ("sgd", {"lr": 0.1, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0}, torch.optim.SGD),
        ("sgd", {"lr": 0.1, "momentum": 0.0, "nesterov": False, "weight_decay": 0.05}, torch.optim.SGD),
        ("sgd", {"lr": 0.05, "momentum": 0.9, "nesterov": False, "weight_decay": 0.01}, torch.optim.SGD),
        ("sgd", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0005}, torch.optim.SGD),
        ("adam", {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}, torch.optim.Adam),
        ("adam", {"lr": 0.02, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6, "weight_decay": 0.1}, torch.optim.Adam),
        ("adamw", {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}, torch.optim.AdamW),
        ("adamw", {"lr": 0.02, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6, "weight_decay": 0.3}, torch.optim.AdamW),
    ]
    for ident, params, make in kinds:
        weights = torch.randn(21, dtype=torch.float64, requires_grad=True)
        start = weights.detach().clone()
        arguments = dict(params)
        if "beta1" in arguments:
            arguments["betas"] = (arguments.pop("beta1"), arguments.pop("beta2"))
        optimizer = make([weights], **arguments)
        gradients, after, rates = [], [], []
        for step in range(10):
            rate = params["lr"] * (1 + 0.1 * step)
            optimizer.param_groups[0]["lr"] = rate
            gradient = torch.randn(21, dtype=torch.float64)
            weights.grad = gradient.clone()
            optimizer.step()
            gradients.append(gradient.tolist())
            after.append(weights.detach().tolist())
            rates.append(rate)
        cases.append({"id": ident, "params": params, "start": start.tolist(), "gradients": gradients, "after": after, "rates": rates})
    save("optimizers.json", cases)


def rates(make, steps, each_epoch=0):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    found = []
    for step in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not each_epoch or (step + 1) % each_epoch == 0:
            scheduler.step()
    return found


def schedules():
    S = torch.optim.lr_scheduler
    per_epoch, epochs = 7, 6
    total = per_epoch * epochs
    cases = []

    def add(ident, params, make, each_epoch=0):
        steps = total
        cases.append({"id": ident, "params": params, "steps_per_epoch": per_epoch, "total_steps": total,
                      "factors": rates(make, steps, each_epoch)})

    add("constant", {}, lambda o: S.ConstantLR(o, factor=1.0, total_iters=1))
    add("step", {"step_size": 2, "gamma": 0.3}, lambda o: S.StepLR(o, 2, 0.3), per_epoch)
    add("cosine", {"final_factor": 0.05}, lambda o: S.CosineAnnealingLR(o, total, eta_min=0.05))
    add("cosine", {}, lambda o: S.CosineAnnealingLR(o, total))
    add("one_cycle", {}, lambda o: S.OneCycleLR(o, 1.0, total_steps=total, cycle_momentum=False))
    add("one_cycle", {"pct_start": 0.5, "div_factor": 10.0, "final_div_factor": 100.0},
        lambda o: S.OneCycleLR(o, 1.0, total_steps=total, pct_start=0.5, div_factor=10, final_div_factor=100, cycle_momentum=False))
    add("triangular", {"cycles": 1.0, "peak": 0.25, "base_factor": 0.1},
        lambda o: S.CyclicLR(o, 0.1, 1.0, step_size_up=total * 0.25, step_size_down=total * 0.75, cycle_momentum=False))
    add("triangular", {"cycles": 3.0, "peak": 0.5, "base_factor": 0.0},
        lambda o: S.CyclicLR(o, 0.0, 1.0, step_size_up=total / 6, step_size_down=total / 6, cycle_momentum=False))
    warm = 2 * per_epoch

    def warmed(make):
        def both(optimizer):
            first = S.LinearLR(optimizer, start_factor=0.2, end_factor=1.0, total_iters=warm)
            return S.SequentialLR(optimizer, [first, make(optimizer)], milestones=[warm])
        return both

    add("cosine", {"final_factor": 0.05, "warmup_epochs": 2.0, "warmup_start": 0.2},
        warmed(lambda o: S.CosineAnnealingLR(o, total - warm, eta_min=0.05)))
    add("constant", {"warmup_epochs": 2.0, "warmup_start": 0.2}, warmed(lambda o: S.ConstantLR(o, factor=1.0, total_iters=1)))
    save("schedules.json", cases)


def losses():
    torch.manual_seed(2)
    cases = []
    for ident, params, make in [
        ("cross_entropy", {}, lambda z, t: torch.nn.functional.cross_entropy(z, t)),
        ("cross_entropy", {"label_smoothing": 0.1}, lambda z, t: torch.nn.functional.cross_entropy(z, t, label_smoothing=0.1)),
        ("mse", {}, lambda z, t: torch.nn.functional.mse_loss(z, torch.nn.functional.one_hot(t, z.shape[1]).to(z.dtype))),
    ]:
        for scale in (1.0, 30.0):
            outputs = (torch.randn(6, 5, dtype=torch.float64) * scale).requires_grad_()
            targets = torch.tensor([0, 4, 2, 2, 1, 3])
            loss = make(outputs, targets)
            loss.backward()
            cases.append({"id": ident, "params": params, "outputs": outputs.detach().flatten().tolist(), "targets": targets.tolist(),
                          "loss": loss.item(), "gradient": outputs.grad.flatten().tolist()})
    save("losses.json", cases)


OUT.mkdir(parents=True, exist_ok=True)
optimizers()
schedules()
losses()
