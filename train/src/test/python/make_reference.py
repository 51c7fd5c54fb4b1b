"""Writes src/test/resources/dev/trit/train/{ARCHITECTURE-WEIGHTS}.safetensors: what PyTorch makes of one small model.

    python3 train/src/test/python/make_reference.py

Each file holds initial weights (init.NAME), twenty batches (batches [20, batch, tokens + 1]), the gradients of the first
one after clipping nothing (grad.NAME), the losses and gradient norms of twenty AdamW steps (losses, norms) and the weights
after them (final.NAME). The straight-through estimator is written as in the b1.58 training tips: x + (quantized - x).detach().
"""

import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, FFN, VOCAB, TOKENS, BATCH = 32, 2, 4, 2, 8, 48, 40, 8, 2
EPS, THETA, STEPS, WARMUP, PEAK, PEAK2 = 1e-5, 10_000.0, 20, 2, 3e-3, 2e-3
ADAM_EPS = 1e-5  # large enough that a gradient near zero, which is all rounding, does not decide the sign of an update
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1  # one for which no code lies on a border within rounding
OUT = pathlib.Path(__file__).parent.parent / "resources/dev/trit/train"


def ternary(w):
    scale = 1.0 / w.abs().mean().clamp(min=1e-5)
    return (w * scale).round().clamp(-1, 1) / scale


def sign(w):
    return torch.where(w - w.mean() > 0, 1.0, -1.0) * w.abs().mean()


def int8(x):
    scale = 127.0 / x.abs().amax(dim=-1, keepdim=True).clamp(min=1e-5)
    return (x * scale).round().clamp(-128, 127) / scale


def norm(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * gain


def rope(x, cos, sin):
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * torch.cat([cos, cos], -1) + turned * torch.cat([sin, sin], -1)


class Model:
    def __init__(self, architecture, weights):
        self.squared_relu = architecture == "bitnet-b1.58"
        self.sub_norms = architecture.startswith("bitnet")
        self.weights = weights
        self.p = {"model.embed_tokens.weight": torch.randn(VOCAB, HIDDEN) * 0.02, "model.norm.weight": torch.ones(HIDDEN)}
        shapes = {
            "self_attn.q_proj": (HEADS * HEAD_DIM, HIDDEN),
            "self_attn.k_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
            "self_attn.v_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
            "self_attn.o_proj": (HIDDEN, HEADS * HEAD_DIM),
            "mlp.gate_proj": (FFN, HIDDEN),
            "mlp.up_proj": (FFN, HIDDEN),
            "mlp.down_proj": (HIDDEN, FFN),
        }
        gains = {"input_layernorm": HIDDEN, "post_attention_layernorm": HIDDEN}
        if self.sub_norms:
            gains |= {"self_attn.attn_sub_norm": HEADS * HEAD_DIM, "mlp.ffn_sub_norm": FFN}
        for layer in range(LAYERS):
            for name, shape in shapes.items():
                self.p[f"model.layers.{layer}.{name}.weight"] = torch.randn(shape) * 0.02 + 0.003
            for name, size in gains.items():
                self.p[f"model.layers.{layer}.{name}.weight"] = 1 + 0.1 * torch.randn(size)
        for p in self.p.values():
            p.requires_grad_(True)

    def linear(self, x, name):
        w = self.p[name + ".weight"]
        if self.weights == "full":
            return F.linear(x, w)
        quantized = ternary(w) if self.weights == "b1.58" else sign(w)
        return F.linear(x + (int8(x) - x).detach(), w + (quantized - w).detach())

    def loss(self, batch):
        ids, targets = batch[:, :-1], batch[:, 1:]
        b, t = ids.shape
        angles = torch.arange(t)[:, None] * THETA ** (-torch.arange(0, HEAD_DIM, 2) / HEAD_DIM)[None]
        cos, sin = angles.cos(), angles.sin()
        x = self.p["model.embed_tokens.weight"][ids]
        for layer in range(LAYERS):
            n = f"model.layers.{layer}."
            h = norm(x, self.p[n + "input_layernorm.weight"])
            heads = lambda y, count: y.view(b, t, count, HEAD_DIM).transpose(1, 2)
            q = rope(heads(self.linear(h, n + "self_attn.q_proj"), HEADS), cos, sin)
            k = rope(heads(self.linear(h, n + "self_attn.k_proj"), KV_HEADS), cos, sin)
            v = heads(self.linear(h, n + "self_attn.v_proj"), KV_HEADS)
            k, v = (y.repeat_interleave(HEADS // KV_HEADS, dim=1) for y in (k, v))
            scores = q @ k.transpose(-1, -2) / math.sqrt(HEAD_DIM)
            scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf"))
            a = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, HEADS * HEAD_DIM)
            if self.sub_norms:
                a = norm(a, self.p[n + "self_attn.attn_sub_norm.weight"])
            x = x + self.linear(a, n + "self_attn.o_proj")
            m = norm(x, self.p[n + "post_attention_layernorm.weight"])
            gate = self.linear(m, n + "mlp.gate_proj")
            g = (F.relu(gate) ** 2 if self.squared_relu else F.silu(gate)) * self.linear(m, n + "mlp.up_proj")
            if self.sub_norms:
                g = norm(g, self.p[n + "mlp.ffn_sub_norm.weight"])
            x = x + self.linear(g, n + "mlp.down_proj")
        logits = norm(x, self.p["model.norm.weight"]) @ self.p["model.embed_tokens.weight"].T
        return F.cross_entropy(logits.reshape(-1, VOCAB), targets.reshape(-1))


def schedule(step):
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP, 0.1
    first = step < STEPS / 2
    return (PEAK if first else PEAK2) * (1 - step / STEPS), 0.1 if first else 0.0


def reference(architecture, weights):
    torch.manual_seed(SEED)
    model = Model(architecture, weights)
    data = {"init." + k: v.detach().clone() for k, v in model.p.items()}
    batches = torch.randint(0, VOCAB, (STEPS, BATCH, TOKENS + 1))
    batches[:, :, 1::2] = (batches[:, :, 0:-1:2] * 3 + 1) % VOCAB  # every other token can be learned
    data["batches"] = batches.to(torch.int32)
    decayed = [p for n, p in model.p.items() if p.dim() == 2 and ".layers." in n]
    others = [p for n, p in model.p.items() if p.dim() != 2 or ".layers." not in n]
    adam = torch.optim.AdamW([{"params": decayed}, {"params": others}], betas=(0.9, 0.95), eps=ADAM_EPS)
    losses, norms = [], []
    for step, batch in enumerate(batches):
        adam.zero_grad()
        loss = model.loss(batch)
        loss.backward()
        if step == 0:
            data |= {"grad." + k: v.grad.clone() for k, v in model.p.items()}
        norms.append(torch.nn.utils.clip_grad_norm_(list(model.p.values()), 1.0))
        rate, decay = schedule(step)
        for group, wd in zip(adam.param_groups, (decay, 0.0)):
            group["lr"], group["weight_decay"] = rate, wd
        adam.step()
        losses.append(loss.detach())
    data["losses"], data["norms"] = torch.stack(losses), torch.stack(norms)
    data |= {"final." + k: v.detach().clone() for k, v in model.p.items()}
    save_file(data, OUT / f"{architecture}-{weights}.safetensors")
    print(architecture, weights, losses[0].item(), losses[-1].item(), max(norms).item())


for case in (("bitnet-b1.58", "b1.58"), ("bitnet-b1.58", "full"), ("bitnet", "b1.58"), ("bitnet-b1.58", "b1")):
    reference(*case)
