import unittest

import torch
from torch import nn

from winograd import WinogradConv2d, speed_up


def _both(inputs: int, outputs: int):
    """A plain convolution and one of the same weights by Winograd's way."""
    torch.manual_seed(0)
    plain, fast = nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(inputs, outputs, 3, padding=1)
    fast.load_state_dict(plain.state_dict())
    return plain, speed_up(fast, least=32)


class Winograd(unittest.TestCase):
    def test_values_and_gradients_are_the_plain_convolutions(self):
        plain, fast = _both(40, 48)
        self.assertIsInstance(fast, WinogradConv2d)
        for size in ((8, 8), (4, 12)):
            x = torch.randn(3, 40, *size, requires_grad=True)
            pull = torch.randn(3, 48, *size)
            results = []
            for layer in (plain, fast):
                y = layer(x)
                results.append((y, *torch.autograd.grad(y, [x, layer.weight, layer.bias], pull)))
            for wanted, found in zip(*results, strict=True):
                self.assertEqual(wanted.shape, found.shape)
                self.assertLess((wanted - found).abs().max(), 2e-5 * wanted.abs().max())

    def test_other_sizes_and_layers_compute_as_ever(self):
        plain, fast = _both(32, 32)
        x = torch.randn(1, 32, 6, 8)
        self.assertTrue(torch.allclose(plain(x), fast(x), atol=1e-5))
        others = [nn.Conv2d(32, 32, 3, stride=2, padding=1), nn.Conv2d(32, 32, 1), nn.Conv2d(8, 32, 3, padding=1)]
        others += [nn.Conv2d(32, 32, 3, padding=1, groups=2), nn.Conv2d(32, 32, 3, padding=1, dilation=2)]
        layers = speed_up(nn.Sequential(*others), least=32)
        self.assertFalse(any(isinstance(layer, WinogradConv2d) for layer in layers))

    def test_weights_learn_where_the_picture_needs_no_gradient(self):
        plain, fast = _both(32, 32)
        x = torch.randn(1, 32, 4, 4)
        for layer in (plain, fast):
            layer(x).square().sum().backward()
        self.assertIsNone(x.grad)
        torch.testing.assert_close(fast.weight.grad, plain.weight.grad, rtol=1e-4, atol=1e-3)

    def test_what_is_not_a_number_stays_one(self):
        _, fast = _both(32, 32)
        x = torch.zeros(1, 32, 4, 4)
        x[0, 0, 1, 1] = float("nan")
        self.assertTrue(fast(x).isnan().any())


if __name__ == "__main__":
    unittest.main()
