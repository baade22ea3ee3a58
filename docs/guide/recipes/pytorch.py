"""A training loop that takes turns: it saves when it is asked to leave, and goes on where it was."""
import os
import signal
import sys
import time

import torch

# --- the recipe, part 1
folder = os.environ.get("ROTA_CHECKPOINT_DIR", "checkpoint")
last = os.path.join(folder, "last.pt")
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
# ---

torch.manual_seed(7)
model = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(64, 1))
optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
steps, pause, first = int(os.environ.get("STEPS", 200)), float(os.environ.get("PAUSE", 0)), 0

# --- the recipe, part 2
if os.path.exists(last):
    saved = torch.load(last)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    first = saved["step"]
# ---

with open("loss.txt", "a", buffering=1) as curve:
    for step in range(first, steps):
        x = torch.randn(16, 32)
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        curve.write(f"{step} {loss.item().hex()}\n")
        time.sleep(pause)
        # --- the recipe, part 3
        if asked:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save(state | {"random": torch.get_rng_state(), "step": step + 1}, last + ".new")
            os.replace(last + ".new", last)
            sys.exit()
        # ---
