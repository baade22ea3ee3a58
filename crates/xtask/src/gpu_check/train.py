"""A training that is the same in every run: STEPS steps, GIB of ballast on the GPU, a line of loss.txt a step.

With simulated GPUs it trains on the CPU and says so to the folder that stands for the driver.
"""
import os

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
import torch

steps, gib, curve_file = int(os.environ["STEPS"]), float(os.environ["GIB"]), os.environ["CURVE"]
simulated = os.environ.get("FAKE_GPU_DIR")
torch.manual_seed(7)
torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)
if simulated:
    device = "cpu"
    line = os.path.join(simulated, "procs", str(os.getpid()))
    with open(line, "w") as file:
        file.write(f"0 {int(gib * 1024)} 0\n")
else:
    device = "cuda"
    ballast = torch.full((int(gib * 2**28),), 3.0, device=device)
net = torch.nn.Sequential(
    torch.nn.Linear(512, 1024), torch.nn.GELU(), torch.nn.Dropout(0.1), torch.nn.Linear(1024, 512)
).to(device)
optimizer = torch.optim.AdamW(net.parameters(), 1e-3)
with open(curve_file, "w", buffering=1) as curve:
    for step in range(steps):
        x = torch.randn(256, 512, device=device)
        loss = ((net(x) - x) ** 2).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        curve.write(f"{step} {loss.item().hex()}\n")
    if not simulated:
        curve.write(f"ballast {bool((ballast == 3.0).all())}\n")
if simulated:
    os.unlink(line)
