"""The same with Lightning."""
import os
import signal
import time

import lightning
import torch
from torchdata.stateful_dataloader import StatefulDataLoader

steps, pause = int(os.environ.get("STEPS", 200)), float(os.environ.get("PAUSE", 0))

# --- the recipe
folder = os.environ.get("ROTA_CHECKPOINT_DIR", "checkpoint")
last = os.path.join(folder, "last.ckpt")
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(True))


class SaveWhenAsked(lightning.Callback):
    def on_train_batch_end(self, trainer, *_):
        if asked:
            trainer.save_checkpoint(last)
            os._exit(0)
# ---


class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))

    def training_step(self, x):
        loss = ((self.net(x) - x.sum(1, keepdim=True)) ** 2).mean()
        with open("loss.txt", "a") as curve:
            curve.write(f"{self.global_step} {loss.item().hex()}\n")
        time.sleep(pause)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), 1e-2)


lightning.seed_everything(7)
data = StatefulDataLoader(torch.randn(16 * steps, 32), 16)  # the recipe: it goes on inside an epoch
trainer = lightning.Trainer(
    accelerator="cpu", max_epochs=1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
    callbacks=[SaveWhenAsked()],  # the recipe
)
trainer.fit(Net(), data, ckpt_path=last if os.path.exists(last) else None)  # the recipe
