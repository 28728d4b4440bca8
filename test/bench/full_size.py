"""The same step as full-size.ts, in diffusers. FOLDER holds `unet/`."""

import re
import sys
import time
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

began = time.perf_counter()
unet = UNet2DConditionModel.from_pretrained(sys.argv[1], subfolder="unet", torch_dtype=torch.float32).eval()
loaded = time.perf_counter()
generator = torch.Generator("cpu").manual_seed(7)
sample = torch.randn([2, 4, 64, 64], generator=generator)
context = torch.randn([2, 77, 768], generator=generator)
with torch.no_grad():
    unet(sample, torch.tensor([500, 500]), context)
done = time.perf_counter()
kilobytes = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1))
print(
    f"diffusers: loaded in {loaded - began:.1f} s, a step in {done - loaded:.1f} s, at most {kilobytes / 2**20:.2f} GiB"
)
