# SPDX-License-Identifier: Apache-2.0
"""Ten steps of every optimizer and the factors of every schedule, from torch.optim."""
import warnings

import numpy as np
import torch

import golden_formula as formula

WEIGHTS, STEPS = 37, 10
warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")


def make_optimizer(row, parameters):
    p = dict(row["params"])
    if row["id"] == "sgd":
        return torch.optim.SGD(parameters, p["lr"], momentum=p["momentum"], weight_decay=p["weight_decay"], nesterov=p["nesterov"])
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[row["id"]]
    return kind(parameters, p["lr"], betas=(p["beta1"], p["beta2"]), eps=p["eps"], weight_decay=p["weight_decay"])


def optimizer_steps(golden, row):
    """The gradient of step t is a formula vector plus 0.3 of the weights; the rate falls by a twentieth a step."""
    weight = torch.nn.Parameter(torch.tensor(formula.values([WEIGHTS], 1, -1, 1)))
    optimizer = make_optimizer(row, [weight])
    for t in range(STEPS):
        optimizer.param_groups[0]["lr"] = row["params"]["lr"] * (1 - 0.05 * t)
        weight.grad = torch.tensor(formula.values([WEIGHTS], 100 + t, -1, 1)) + 0.3 * weight.detach()
        optimizer.step()
        golden.add(f"{row['name']}/step{t}", weight.detach().numpy())


def factors(row, steps):
    """Rates of torch's scheduler stepped once a batch, for a base rate of 1."""
    p, per_epoch = row["params"], row["steps_per_epoch"]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    schedulers = torch.optim.lr_scheduler
    if row["id"] == "constant":
        return np.ones(steps)
    if row["id"] == "step":
        scheduler = schedulers.StepLR(optimizer, p["step_size"] * per_epoch, p["gamma"])
    elif row["id"] == "cosine":
        scheduler = schedulers.CosineAnnealingLR(optimizer, steps, p["final_factor"])
    elif row["id"] == "one_cycle":
        scheduler = schedulers.OneCycleLR(optimizer, 1.0, steps, pct_start=p["pct_start"], div_factor=p["div_factor"],
                                          final_div_factor=p["final_div_factor"], cycle_momentum=False)
    elif row["id"] == "triangular":
        length = steps / p["cycles"]
        scheduler = schedulers.CyclicLR(optimizer, p["base_factor"], 1.0, p["peak"] * length, (1 - p["peak"]) * length,
                                        cycle_momentum=False)
    else:
        raise SystemExit(f"golden_train.py has no PyTorch scheduler for '{row['id']}'")
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        if len(rates) < steps:
            scheduler.step()
    return np.array(rates)


def schedule_rates(golden, row):
    """Warm-up: LinearLR, then the schedule over the steps that remain, as SequentialLR strings them together."""
    steps = row["total_steps"]
    warmup = round(row["params"]["warmup_epochs"] * row["steps_per_epoch"])
    rates = []
    if warmup > 0:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
        scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, row["params"]["warmup_start"], 1.0, warmup)
        for _ in range(warmup):
            rates.append(scheduler.get_last_lr()[0])
            scheduler.step()
    golden.add(row["name"], np.array(rates + list(factors(row, steps - warmup))))


def make(cases):
    golden = formula.GoldenFile()
    for row in cases["optimizers"]:
        optimizer_steps(golden, row)
    for row in cases["schedules"]:
        schedule_rates(golden, row)
    return golden
