"""The same with the Trainer of Hugging Face."""
import os
import signal
import time

import torch
import transformers
from transformers.trainer_utils import get_last_checkpoint

steps, pause = int(os.environ.get("STEPS", 200)), float(os.environ.get("PAUSE", 0))

# --- the recipe
folder = os.environ.get("ROTA_CHECKPOINT_DIR", "checkpoint")
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(True))


class SaveWhenAsked(transformers.TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        control.should_save = control.should_training_stop = bool(asked)
# ---


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))

    def forward(self, x, **_):
        loss = ((self.net(x) - x.sum(1, keepdim=True)) ** 2).mean()
        with open("loss.txt", "a") as curve:
            curve.write(f"{trainer.state.global_step} {loss.item().hex()}\n")
        time.sleep(pause)
        return {"loss": loss}


transformers.set_seed(7)
data = [{"x": row} for row in torch.randn(16 * steps, 32)]
trainer = transformers.Trainer(
    Net(),
    transformers.TrainingArguments(
        folder, per_device_train_batch_size=16, max_steps=steps, learning_rate=1e-2, use_cpu=True, report_to="none",
        save_strategy="no", disable_tqdm=True,
    ),
    train_dataset=data,
    callbacks=[SaveWhenAsked()],  # the recipe
)
trainer.train(resume_from_checkpoint=get_last_checkpoint(folder) if os.path.isdir(folder) else None)  # the recipe
