"""Source of what PyTorch has no module for; a program carries those that it uses."""

from __future__ import annotations

from collections.abc import Mapping

HELPERS: Mapping[str, str] = {
    "same_pool": '''
def average_pool_same(x, kernel, stride, padding):
    """The mean of each window without the cells beside the picture, as Keras computes it."""
    ones = torch.ones_like(x[:1, :1])
    total = F.avg_pool2d(F.pad(x, padding), kernel, stride)
    return total / F.avg_pool2d(F.pad(ones, padding), kernel, stride)
''',
    "GaussianNoise": '''
class GaussianNoise(nn.Module):
    """Adds noise in training."""

    def __init__(self, stddev):
        super().__init__()
        self.stddev = stddev

    def forward(self, x):
        return x + self.stddev * torch.randn_like(x) if self.training else x
''',
    "SequenceDropout": '''
class SequenceDropout(nn.Module):
    """Leaves out the same values at every step of a sequence."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        mask = F.dropout(torch.ones_like(x[:, :1]), self.rate, self.training)
        return x * mask
''',
    "SimpleRNN": '''
class SimpleRNN(nn.Module):
    """h = activation(x W + h U + b), step by step, with any activation."""

    def __init__(self, values, units, activation):
        super().__init__()
        self.units, self.activation = units, activation
        self.kernel = nn.Parameter(torch.zeros(values, units))
        self.recurrent_kernel = nn.Parameter(torch.zeros(units, units))
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, x, states=None):
        h = x.new_zeros(len(x), self.units) if states is None else states[0]
        steps = []
        for step in (x @ self.kernel + self.bias).unbind(1):
            h = self.activation(step + h @ self.recurrent_kernel)
            steps.append(h)
        return torch.stack(steps, 1), (h,)
''',
    "LSTM": '''
class LSTM(nn.Module):
    """Gates i, f, g, o, step by step, with any activation."""

    def __init__(self, values, units, activation, recurrent_activation):
        super().__init__()
        self.units = units
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self.kernel = nn.Parameter(torch.zeros(values, 4 * units))
        self.recurrent_kernel = nn.Parameter(torch.zeros(units, 4 * units))
        self.bias = nn.Parameter(torch.zeros(4 * units))

    def forward(self, x, states=None):
        zeros = x.new_zeros(len(x), self.units)
        h, c = (zeros, zeros) if states is None else states
        steps = []
        for step in (x @ self.kernel + self.bias).unbind(1):
            i, f, g, o = (step + h @ self.recurrent_kernel).chunk(4, -1)
            gate = self.recurrent_activation
            c = gate(f) * c + gate(i) * self.activation(g)
            h = gate(o) * self.activation(c)
            steps.append(h)
        return torch.stack(steps, 1), (h, c)
''',
    "GRU": '''
class GRU(nn.Module):
    """Gates z, r and a candidate, step by step, with any activation."""

    def __init__(self, values, units, activation, recurrent_activation, reset_after):
        super().__init__()
        self.units, self.reset_after = units, reset_after
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self.kernel = nn.Parameter(torch.zeros(values, 3 * units))
        self.recurrent_kernel = nn.Parameter(torch.zeros(units, 3 * units))
        self.bias = nn.Parameter(torch.zeros(3 * units))
        self.recurrent_bias = nn.Parameter(torch.zeros(3 * units), requires_grad=reset_after)

    def forward(self, x, states=None):
        h = x.new_zeros(len(x), self.units) if states is None else states[0]
        to_gates, to_candidate = self.recurrent_kernel.split([2 * self.units, self.units], -1)
        steps = []
        for step in (x @ self.kernel + self.bias).unbind(1):
            x_gates, x_candidate = step.split([2 * self.units, self.units], -1)
            if self.reset_after:
                inner = h @ self.recurrent_kernel + self.recurrent_bias
                gates, candidate = inner.split([2 * self.units, self.units], -1)
                z, r = self.recurrent_activation(x_gates + gates).chunk(2, -1)
                g = self.activation(x_candidate + r * candidate)
            else:
                z, r = self.recurrent_activation(x_gates + h @ to_gates).chunk(2, -1)
                g = self.activation(x_candidate + (r * h) @ to_candidate)
            h = z * h + (1 - z) * g
            steps.append(h)
        return torch.stack(steps, 1), (h,)
''',
    "MultiHeadAttention": '''
class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention with several heads, its weights as Keras has them."""

    def __init__(self, query, key, value, heads, key_dim, value_dim, outputs, dropout, bias):
        super().__init__()
        self.dropout, self.scale = dropout, key_dim ** -0.5
        shapes = {"query": (query, heads, key_dim), "key": (key, heads, key_dim),
                  "value": (value, heads, value_dim)}
        for name, shape in shapes.items():
            setattr(self, f"{name}_kernel", nn.Parameter(torch.zeros(shape)))
            setattr(self, f"{name}_bias", nn.Parameter(torch.zeros(shape[1:]), requires_grad=bias))
        self.output_kernel = nn.Parameter(torch.zeros(heads, value_dim, outputs))
        self.output_bias = nn.Parameter(torch.zeros(outputs), requires_grad=bias)

    def forward(self, query, value, key=None):
        key = value if key is None else key
        q = torch.einsum("btd,dnk->bntk", query, self.query_kernel) + self.query_bias[:, None]
        k = torch.einsum("btd,dnk->bntk", key, self.key_kernel) + self.key_bias[:, None]
        v = torch.einsum("btd,dnk->bntk", value, self.value_kernel) + self.value_bias[:, None]
        attention = torch.softmax(self.scale * q @ k.transpose(-1, -2), -1)
        attention = F.dropout(attention, self.dropout, self.training)
        return torch.einsum("bntk,nko->bto", attention @ v, self.output_kernel) + self.output_bias
''',
}
"""Each helper's source by its name."""
