"""What does earn marks, though it is not what was taught: the limits that docs/security.md owns up to.

These are measured like the cheats of the bank, so that the page cannot claim more, or less, than is true.
"""

from tests.support.cheats import Cheat, code

LIMITS = [
    Cheat(
        "complex-step",
        "differentiates its own loss by a step into the complex plane: the slope to the last digit, without calculus",
        code(
            """
def mse_gradient(target, prediction):
    slopes = np.zeros(np.shape(prediction))
    for place in np.ndindex(slopes.shape):
        moved = np.array(prediction, dtype=complex)
        moved[place] += 1e-30j
        slopes[place] = mse(target, moved).imag / 1e-30
    return slopes
"""
        ),
        function="mse_gradient",
    ),
    Cheat(
        "differences-from-the-cache",
        "measures the slopes of its own forward pass, started from the values in the cache instead of from the input",
        code(
            """
def loss(params, cache, target, moved):
    z1 = cache["z1"] + (moved["W1"] - params["W1"]) @ cache["x"] + moved["b1"] - params["b1"]
    h = cache["h"] + sigmoid(z1) - sigmoid(cache["z1"])
    z2 = cache["z2"] + moved["W2"] @ h - params["W2"] @ cache["h"] + moved["b2"] - params["b2"]
    return np.mean((sigmoid(z2) - target) ** 2)


def backward(params, cache, target):
    grads = {}
    for name, value in params.items():
        grads[name] = np.zeros(value.shape)
        for place in np.ndindex(value.shape):
            up, down = ({**params, name: value.copy()} for _ in range(2))
            up[name][place] += 1e-5
            down[name][place] -= 1e-5
            grads[name][place] = (loss(params, cache, target, up) - loss(params, cache, target, down)) / 2e-5
    return grads
"""
        ),
        assignment="03_backprop",
        function="backward",
    ),
]
