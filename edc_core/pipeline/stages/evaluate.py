"""Evaluate: train one student on the condensed images and their labels (paper, sec. 3.2 and 3.3)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from edc_core.config import EvaluateConfig
from edc_core.environment import live_points
from edc_core.errors import Diverged
from edc_core.events import Scalars
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.stages.divergence import is_finite
from edc_core.pipeline.stages.live_sharpness import StudentSharpness
from edc_core.pipeline.stages.squeeze import look
from edc_core.torch_utils.cuda_graphs import GraphedCallable
from edc_core.training.ema import make_ema_model
from edc_core.training.label_losses import LOSSES, LossInputs
from edc_core.training.schedules import make_schedule
from edc_core.training.stored_labels import StoredLabels
from edc_core.training.views import Normalisation, View, ViewPlan

LIVE_IMAGES = 500  # of the held-out training images
WEIGHTS_KEPT = 8


def evaluate(context: StageContext) -> None:
    """Leaves `student.safetensors` ("raw." and "ema." weights), `path.safetensors` and `student.json`.

    The student is the last epoch's, never the best one's.
    """
    config, relabel = context.config.evaluate, context.config.relabel
    student = context.node.trained_student
    runtime = context.runtime({student.network: config.precision}, scaled=True)
    labeller = LABELLERS["stored" if relabel.stores else relabel.labels](context)
    with runtime.use_threads():
        training = Training(context, config, runtime, labeller, student.network, student.seed)
        training.run()
    states = {"raw": training.student.state_dict(), "ema": training.ema.module.state_dict()}
    tensors = {f"{kind}.{key}": value for kind, state in states.items() for key, value in state.items()}
    context.save_tensors("student", tensors)
    context.save_tensors("path", training.path)
    context.save_json("student", {"network": student.network, "seed": student.seed, "steps": training.plan.steps})


# Who labels a view: epoch, its first place there, its rows, its normalised images (B, C, H, W) -> (B, classes).
SoftLabeller = Callable[[int, int, Tensor, Tensor], Tensor | None]


def on_the_fly(context: StageContext) -> SoftLabeller:
    """Committee labels computed for every view while the student trains."""
    relabel = context.config.relabel
    runtime = context.runtime(dict.fromkeys(relabel.observers, relabel.precision), "teachers")
    with runtime.use_threads():
        committee = GraphedCallable(context.committee(runtime))
    return lambda epoch, start, rows, images: committee(images).clone()


def from_the_store(context: StageContext) -> SoftLabeller:
    """Committee labels of the same views, read from the store an epoch at a time."""
    labels = StoredLabels(context.upstream_dir("relabel"), len(context.dataset.description.classes))
    return lambda epoch, start, rows, images: labels(epoch, start, rows).to(images.device)


def no_soft_labels(context: StageContext) -> SoftLabeller:
    """Hard labels: the class itself."""
    return lambda epoch, start, rows, images: None


LABELLERS: dict[str, Callable[[StageContext], SoftLabeller]] = {
    "soft": on_the_fly,
    "stored": from_the_store,
    "hard": no_soft_labels,
}


def parameter_groups(student: nn.Module, weight_decay: float) -> list[dict]:
    """Weight decay on matrices and filters only: no 1-D parameter (norms, biases) decays."""
    parameters = list(student.parameters())
    return [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]


def make_optimiser(student: nn.Module, config: EvaluateConfig) -> torch.optim.Optimizer:
    groups = parameter_groups(student, config.weight_decay)
    if config.optimiser == "sgd":
        return torch.optim.SGD(groups, config.lr, momentum=config.momentum)
    fused = next(student.parameters()).device.type in ("cpu", "cuda", "mps")  # the only ones that have it
    return torch.optim.AdamW(groups, config.lr, fused=fused)


@dataclass
class Training:
    """A student on its way: weights raw and averaged, optimiser, schedule, place in the plan."""

    context: StageContext
    config: EvaluateConfig
    runtime: Runtime
    labeller: SoftLabeller
    name: str
    seed: int
    step: int = 0
    loss_sum: float = 0.0
    path: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        context, device = self.context, self.runtime.device
        pixels, labels = context.condensed()
        self.pixels, self.labels = pixels.to(device), labels.to(device)
        self.plan = ViewPlan(context.config.views, len(pixels), pixels.shape[-1])
        self.student = self.runtime.prepare_network(
            context.new_network(self.name, "student", self.seed), self.name
        ).train()
        self.ema = make_ema_model(self.student, self.config.ema_decay)
        self.optimiser = make_optimiser(self.student, self.config)
        self.schedule = make_schedule(self.config)
        self.scaler = self.runtime.scaler(self.name)
        self.normalise: Normalisation = context.normalisation(device)
        self.live_epochs = _evenly(self.plan.epochs, live_points())
        self.held_out = context.dataset.part("val").first(LIVE_IMAGES)
        self.sharpness = StudentSharpness(self.held_out, self.normalise, device)
        self.first_step = 0

    def run(self) -> None:
        """Every epoch of the plan, from the last checkpoint on."""
        if state := self.context.resume_state():
            self._restore(state)
        self.first_step = self.step
        for epoch in range(self.step // self.plan.batches, self.plan.epochs):
            for batch, view in enumerate(self.plan.epoch(epoch)):
                if epoch * self.plan.batches + batch < self.step:
                    continue  # done before the last checkpoint
                self.loss_sum += self._train_on(view, epoch, batch)
                self.step += 1
                if self.step in ((epoch + 1) * self.plan.batches, self.plan.steps):
                    self._epoch_ended(epoch + 1, batch + 1)
                self.context.progress(self.step, self.plan.steps, "step")
                if self.context.checkpoint_due():
                    self.context.save_checkpoint(self._state())

    def _train_on(self, view: View, epoch: int, batch: int) -> float:
        images = view.render(self.pixels, self.normalise)
        soft = self.labeller(epoch, batch * self.plan.config.batch_size, view.rows, images)
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * self.schedule(self.step / self.plan.steps)
        with self.runtime.autocast(self.name):
            logits = self.student(images.contiguous(memory_format=self.runtime.memory_format(self.name)))
        labels = self.labels[view.rows.to(self.labels.device)]
        loss = LOSSES[self.config.loss](LossInputs(logits.float(), labels, soft, view.cutmix), self.config)
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.ema.update_parameters(self.student)
        return loss.item()

    def _epoch_ended(self, epoch: int, batches: int) -> None:
        loss = self.loss_sum / batches
        self.loss_sum = 0.0
        values = {"lr": self.optimiser.param_groups[0]["lr"]}
        if math.isfinite(loss):
            self.schedule.on_epoch_end(loss)
            values["loss/train"] = loss
        elif not is_finite(self.student):  # else the scaler left those steps out, and later ones may go well
            raise self._diverged(epoch)
        if epoch in self.live_epochs:
            for kind, network in (("raw", self.student), ("ema", self.ema.module)):
                seen = look(network, self.name, self.held_out, self.normalise, self.runtime)
                values[f"top1/{kind}"] = seen.top1
                if epoch == self.plan.epochs and not (seen.finite and is_finite(network)):
                    raise self._diverged(epoch)
        if epoch in _evenly(self.plan.epochs, WEIGHTS_KEPT):
            for key, parameter in self.student.named_parameters():
                self.path[f"{epoch}.{key}"] = parameter.detach().to("cpu", torch.float16, copy=True)
        networks = {"raw": self.student, "ema": self.ema.module}
        taken = self.step - self.first_step
        values |= self.sharpness.values(networks, taken, min(self.plan.config.batch_size, len(self.pixels)))
        self.context.observe(Scalars(epoch, values))

    def _diverged(self, epoch: int) -> Diverged:
        cure = f"lower evaluate.lr (now {self.config.lr}) or the weights of its loss"
        return Diverged(f"student {self.name} diverged in epoch {epoch}", cure)

    def _state(self) -> dict:
        return {
            "step": self.step,
            "loss_sum": self.loss_sum,
            "student": self.student.state_dict(),
            "ema": self.ema.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state(),
            "scaler": self.scaler.state_dict(),
            "path": self.path,
        }

    def _restore(self, state: dict) -> None:
        self.step, self.loss_sum, self.path = state["step"], state["loss_sum"], state["path"]
        self.student.load_state_dict(state["student"])
        self.ema.load_state_dict(state["ema"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.scaler.load_state_dict(state.get("scaler", {}))
        for name, value in state["schedule"].items():
            setattr(self.schedule, name, value)


def _evenly(epochs: int, points: int) -> set[int]:
    """`points` epochs spread evenly, the last among them."""
    return {round(epochs * (i + 1) / points) for i in range(points)} - {0} | {epochs}
