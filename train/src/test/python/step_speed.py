"""Tokens per second of training steps in PyTorch, with the arguments of StepSpeed.java, which trains the same model:

    python3 train/src/test/python/step_speed.py hidden layers heads kvHeads ffn vocab microBatch batch sequence threads steps weights

The model is written as one would write it in PyTorch: fused attention and normalization, fake quantization by
x + (quantized - x).detach(), gradients accumulated over micro-batches, every product split over the threads.
"""

import statistics
import sys
import time

import torch
import torch.nn.functional as F

HIDDEN, LAYERS, HEADS, KV_HEADS, FFN, VOCAB, MICRO, BATCH, SEQUENCE, THREADS, STEPS = map(int, sys.argv[1:12])
WEIGHTS = sys.argv[12]
HEAD_DIM = HIDDEN // HEADS
torch.set_num_threads(THREADS)
torch.manual_seed(7)


def quantize(x, w):
    if WEIGHTS == "full":
        return x, w
    s = 127.0 / x.abs().amax(-1, keepdim=True).clamp(min=1e-5)
    x = x + ((x * s).round().clamp(-128, 127) / s - x).detach()
    d = 1.0 / w.abs().mean().clamp(min=1e-5)
    return x, w + ((w * d).round().clamp(-1, 1) / d - w).detach()


class BitLinear(torch.nn.Linear):
    def __init__(self, inner, outer):
        super().__init__(inner, outer, bias=False)
        torch.nn.init.normal_(self.weight, std=0.02)

    def forward(self, x):
        return F.linear(*quantize(x, self.weight))


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = torch.nn.RMSNorm(HIDDEN, 1e-5), torch.nn.RMSNorm(HIDDEN, 1e-5)
        self.sub1, self.sub2 = torch.nn.RMSNorm(HIDDEN, 1e-5), torch.nn.RMSNorm(FFN, 1e-5)
        self.q, self.k = BitLinear(HIDDEN, HIDDEN), BitLinear(HIDDEN, KV_HEADS * HEAD_DIM)
        self.v, self.o = BitLinear(HIDDEN, KV_HEADS * HEAD_DIM), BitLinear(HIDDEN, HIDDEN)
        self.gate, self.up, self.down = BitLinear(HIDDEN, FFN), BitLinear(HIDDEN, FFN), BitLinear(FFN, HIDDEN)

    def forward(self, x, cos, sin):
        b, t, _ = x.shape

        def rope(y):
            a, c = y.chunk(2, -1)
            return torch.cat([a * cos - c * sin, c * cos + a * sin], -1)

        n = self.norm1(x)
        q = rope(self.q(n).view(b, t, HEADS, HEAD_DIM).transpose(1, 2))
        k = rope(self.k(n).view(b, t, KV_HEADS, HEAD_DIM).transpose(1, 2))
        v = self.v(n).view(b, t, KV_HEADS, HEAD_DIM).transpose(1, 2)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.o(self.sub1(a.transpose(1, 2).reshape(b, t, HIDDEN)))
        m = self.norm2(x)
        return x + self.down(self.sub2(F.relu(self.gate(m)).square() * self.up(m)))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCAB, HIDDEN)
        torch.nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = torch.nn.RMSNorm(HIDDEN, 1e-5)
        angles = torch.arange(SEQUENCE)[:, None] * 10_000.0 ** (-torch.arange(0, HEAD_DIM, 2) / HEAD_DIM)
        self.cos, self.sin = angles.cos(), angles.sin()

    def forward(self, ids):
        x = self.embedding(ids[:, :-1])
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        return F.cross_entropy(F.linear(self.norm(x), self.embedding.weight).flatten(0, 1), ids[:, 1:].flatten())


model = Model()
adam = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1)
speeds = []
for step in range(-2, STEPS):
    began = time.perf_counter()
    for _ in range(BATCH // MICRO):
        loss = model(torch.randint(0, VOCAB, (MICRO, SEQUENCE + 1))) * (MICRO / BATCH)
        loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    adam.step()
    adam.zero_grad()
    speed = BATCH * SEQUENCE / (time.perf_counter() - began)
    if step >= 0:
        speeds.append(speed)
    print(f"loss {loss.item() * BATCH / MICRO:.5f} tokens/s {speed:.0f}", flush=True)
print(f"median {statistics.median(speeds):.0f} tokens/s")
