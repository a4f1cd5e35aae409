"""A whole PyTorch program: the network, its weights from a file, and training on any number of
processes.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator.formats.exports import pytorch_training
from simulator.formats.exports.helpers import HELPERS
from simulator.formats.exports.pytorch_network import Module, write_module
from simulator.formats.exports.writing import Array, array_names, listed
from simulator.formats.network import base_name
from simulator.formats.program import ProgramSpec


def write_program(
    program: ProgramSpec, weights: Mapping[str, Array], stem: str
) -> tuple[str, dict[str, Array]]:
    """Return the source of STEM.py, and the arrays of STEM.npz beside it.

    Raises:
        ExportError: something has no counterpart in PyTorch.
        SpecError: shapes do not fit or are not known.
    """
    module = write_module(program.network, weights)
    make, notes = pytorch_training.optimizer(program.compile.optimizer)
    outputs = [base_name(each) for each in program.network.outputs]
    loss = pytorch_training.loss_functions(program.compile, outputs)
    right = pytorch_training.right_function(program.compile, outputs)
    clip = pytorch_training.clipping(program.compile.optimizer)
    notes = [*module.notes, *notes, *_penalties(program)]
    x, y = array_names(program.network)
    training = _TRAINING.format(
        loss=loss,
        right=right or "def right(y, target):\n    return torch.zeros(())\n",
        make=make,
        clip=f"            {clip}\n" if clip else "",
        epochs=program.fit.epochs,
        batch_size=program.fit.batch_size,
        seed=program.seed,
        inputs=listed(x),
        targets=listed(y),
        target="targets" if len(y) > 1 else "targets[0]",
        shuffle=program.fit.shuffle,
        shown=", accuracy {share:.4f}" if right else "",
    )
    return _head(stem, notes, module, x, y) + training, module.state


def _penalties(program: ProgramSpec) -> list[str]:
    names = [
        layer.name
        for layer in program.network.layers
        if any(name.endswith("_regularizer") for name in layer.arguments)
    ]
    return [f"{', '.join(names)}: penalties on weights are left out."] if names else []


def _head(stem: str, notes: list[str], module: Module, x: list[str], y: list[str]) -> str:
    told = "".join(f"\n- {note}" for note in notes)
    more = f"\n\nWhat differs from the simulator:{told}" if told else ""
    helpers = "\n".join(HELPERS[name] for name in sorted(module.helpers))
    classes = "\n\n\n".join(module.classes)
    needed = ", ".join([*x, *y])
    held = ", ".join(f"{each}_val" for each in (*x, *y))
    return _HEAD.format(
        stem=stem, more=more, helpers=helpers, classes=classes, needed=needed, held=held
    )


_HEAD = '''"""A network from the Deep Learning Simulator, with its weights, in PyTorch.

On one process:    python {stem}.py
On several:        torchrun --nproc-per-node 4 {stem}.py

Samples have their channels last, as in Keras. Training reads {stem}_data.npz, with the arrays
{needed} (and {held}, if there are some), and writes {stem}_trained.pt.{more}
"""

import argparse
import os
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

HERE = Path(__file__).resolve().parent
STEM = Path(__file__).stem

{helpers}
{classes}

'''

_TRAINING = '''
INPUTS = {inputs}
TARGETS = {targets}


def load_network():
    """The network with the weights of the file beside this one."""
    network = Network()
    with np.load(HERE / f"{{STEM}}.npz") as arrays:
        state = {{name: torch.from_numpy(arrays[name]) for name in arrays.files}}
    network.load_state_dict(state)
    return network


{loss}

{right}

def load_data():
    """The samples to train with, and to validate with if there are some: inputs, then targets."""
    path = HERE / f"{{STEM}}_data.npz"
    if not path.exists():
        raise SystemExit(f"{{path}} is missing: save the data there with np.savez. {{__doc__}}")
    with np.load(path) as arrays:
        parts = {{name: torch.from_numpy(arrays[name]) for name in arrays.files}}
    names = [*INPUTS, *TARGETS]
    train = TensorDataset(*(parts[name] for name in names))
    held = None
    if f"{{TARGETS[0]}}_val" in parts:
        held = TensorDataset(*(parts[f"{{name}}_val"] for name in names))
    return train, held


def answered(network, batch, device):
    """What the network puts out for a batch, and the targets."""
    moved = [each.to(device) for each in batch]
    x, targets = moved[: len(INPUTS)], moved[len(INPUTS) :]
    return network(*x), {target}


@torch.no_grad()
def validate(network, data, batch_size, device):
    """The mean loss and the share of right answers."""
    network.eval()
    sums, count = torch.zeros(2), 0
    for batch in DataLoader(data, batch_size):
        y, target = answered(network, batch, device)
        sums += len(batch[0]) * torch.stack([loss_of(y, target), right(y, target)]).cpu()
        count += len(batch[0])
    return (sums / count).tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default={epochs})
    parser.add_argument("--batch-size", type=int, default={batch_size}, help="on each process")
    parser.add_argument("--seed", type=int, default={seed})
    options = parser.parse_args()
    several = "RANK" in os.environ  # torchrun sets it
    rank = 0
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if several:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        rank = dist.get_rank()
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
    torch.manual_seed(options.seed + rank)
    network = load_network().to(device)
    model = network
    if several:
        model = DistributedDataParallel(
            network, device_ids=[device.index] if device.type == "cuda" else None
        )
    parameters = [each for each in network.parameters() if each.requires_grad]
    optimizer = {make}
    train, held = load_data()
    shuffle = {shuffle}
    sampler = DistributedSampler(train, shuffle=shuffle, seed=options.seed) if several else None
    loader = DataLoader(train, options.batch_size, shuffle=shuffle and not several, sampler=sampler)
    for epoch in range(options.epochs):
        if sampler is not None:
            sampler.set_epoch(epoch)
        model.train()
        total, count = 0.0, 0
        for batch in loader:
            loss = loss_of(*answered(model, batch, device))
            optimizer.zero_grad()
            loss.backward()
{clip}            optimizer.step()
            total, count = total + len(batch[0]) * loss.item(), count + len(batch[0])
        if rank == 0:
            told = f"epoch {{epoch + 1}}/{{options.epochs}}: loss {{total / count:.4f}}"
            if held is not None:
                held_loss, share = validate(network, held, options.batch_size, device)
                told += f", validation loss {{held_loss:.4f}}{shown}"
            print(told)
    if rank == 0:
        torch.save(network.state_dict(), HERE / f"{{STEM}}_trained.pt")
    if several:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
'''
