"""Ordinary hidden tests, plain asserts as nbgrader's manual teaches them, for every test cell of the five assignments.

Stock nbgrader cannot grade by questions. With these in place of the questions, both tools can grade one class, and
their marks can be held against each other.
"""

HIDDEN_ASSERTS = {
    # 01_mse
    "test_squared_errors": """
dice = np.random.default_rng(101)
for shape in [(6,), (5, 1), (2, 5), (2, 3, 4)]:
    t, p = dice.uniform(-2, 2, shape), dice.uniform(-2, 2, shape)
    answer = squared_errors(t, p)
    assert np.shape(answer) == shape
    assert np.allclose(answer, (p - t) ** 2)
""",
    "test_mse": """
dice = np.random.default_rng(102)
for shape in [(7,), (5, 1), (1, 4), (2, 5), (2, 3, 4)]:
    t, p = dice.uniform(-2, 2, shape), dice.uniform(-2, 2, shape)
    answer = mse(t, p)
    assert np.ndim(answer) == 0
    assert np.isclose(answer, ((p - t) ** 2).sum() / p.size)
""",
    "test_mse_gradient": """
dice = np.random.default_rng(103)
for shape in [(6,), (5, 1), (2, 5), (3, 3), (2, 3, 4)]:
    t, p = dice.uniform(-2, 2, shape), dice.uniform(-2, 2, shape)
    assert np.allclose(mse_gradient(t, p), 2 * (p - t) / p.size)
""",
    # 02_gradient_descent
    "test_numerical_gradient": """
dice = np.random.default_rng(201)
place = dice.uniform(-2, 2, 4)
assert np.allclose(numerical_gradient(lambda w: np.sum(w**3), place), 3 * place**2, atol=1e-6)
matrix = dice.uniform(-2, 2, (3, 2))
slopes = numerical_gradient(lambda w: np.sum(np.sin(w)), matrix)
assert np.shape(slopes) == (3, 2)
assert np.allclose(slopes, np.cos(matrix), atol=1e-6)
assert np.isclose(numerical_gradient(lambda w: w**3, 2.0, 0.5), 12.25)
""",
    "test_gradient_step": """
dice = np.random.default_rng(202)
w, slopes = dice.uniform(-2, 2, (3, 2)), dice.uniform(-2, 2, (3, 2))
assert np.allclose(gradient_step(w.copy(), slopes.copy(), 0.3), w - 0.3 * slopes)
assert np.isclose(gradient_step(1.0, -4.0, 0.25), 2.0)
""",
    "test_gradient_descent": """
path = gradient_descent(lambda w: 2 * w, np.array([3.0, -1.0]), 0.1, 8)
assert np.shape(path) == (9, 2)
assert np.allclose(path, np.array([3.0, -1.0]) * 0.8 ** np.arange(9)[:, None])
assert np.allclose(gradient_descent(lambda w: 3 * w**2, 1.0, 0.1, 2), [1, 0.7, 0.553])
""",
    # 03_backprop
    "test_sigmoid": """
z = np.random.default_rng(301).normal(size=(3, 4)) * 3
assert np.allclose(sigmoid(z), 1 / (1 + np.exp(-z)))
assert sigmoid(z).shape == (3, 4)
""",
    "test_sigmoid_derivative": """
z = np.random.default_rng(302).normal(size=(3, 4)) * 3
s = 1 / (1 + np.exp(-z))
assert np.allclose(sigmoid_derivative(z), s * (1 - s))
""",
    "test_forward": """
dice = np.random.default_rng(303)
shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (2, 4), "b2": (2, 1)}
params = {name: dice.normal(size=shape) for name, shape in shapes.items()}
x = dice.normal(size=(3, 5))
cache = forward(params, x)
h = 1 / (1 + np.exp(-(params["W1"] @ x + params["b1"])))
y = 1 / (1 + np.exp(-(params["W2"] @ h + params["b2"])))
assert set(cache) == {"x", "z1", "h", "z2", "y"}
assert np.allclose(cache["h"], h)
assert np.allclose(cache["y"], y)
""",
    "test_output_delta": """
dice = np.random.default_rng(304)
z2, target = dice.normal(size=(2, 5)), dice.uniform(size=(2, 5))
y = 1 / (1 + np.exp(-z2))
assert np.allclose(output_delta({"z2": z2, "y": y}, target), 2 * (y - target) / 10 * y * (1 - y))
""",
    "test_hidden_delta": """
dice = np.random.default_rng(305)
z1, W2, delta2 = dice.normal(size=(4, 5)), dice.normal(size=(2, 4)), dice.normal(size=(2, 5))
h = 1 / (1 + np.exp(-z1))
assert np.allclose(hidden_delta({"W2": W2}, {"z1": z1, "h": h}, delta2), W2.T @ delta2 * h * (1 - h))
""",
    "test_backward": """
dice = np.random.default_rng(306)
shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (2, 4), "b2": (2, 1)}
params = {name: dice.normal(size=shape) for name, shape in shapes.items()}
x, target = dice.normal(size=(3, 5)), dice.uniform(size=(2, 5))
z1 = params["W1"] @ x + params["b1"]
h = 1 / (1 + np.exp(-z1))
z2 = params["W2"] @ h + params["b2"]
y = 1 / (1 + np.exp(-z2))
grads = backward(params, {"x": x, "z1": z1, "h": h, "z2": z2, "y": y}, target)
delta2 = 2 * (y - target) / 10 * y * (1 - y)
delta1 = params["W2"].T @ delta2 * h * (1 - h)
assert np.allclose(grads["W1"], delta1 @ x.T)
assert np.allclose(grads["b1"], delta1.sum(axis=1, keepdims=True))
assert np.allclose(grads["W2"], delta2 @ h.T)
assert np.allclose(grads["b2"], delta2.sum(axis=1, keepdims=True))
""",
    # 04_training_loop
    "test_update": """
params, grads = {"a": np.ones((2, 3)), "b": np.zeros(2)}, {"a": np.full((2, 3), 4.0), "b": np.array([1.0, -1.0])}
after = update(params, grads, 0.25)
assert np.allclose(after["a"], 0)
assert np.allclose(after["b"], [-0.25, 0.25])
assert np.allclose(params["a"], 1), "the old params have changed"
""",
    "test_train_epoch": """
dice = np.random.default_rng(402)
shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
begin = {name: dice.normal(size=shape) for name, shape in shapes.items()}
X, y = xor()
after, loss = train_epoch({name: value.copy() for name, value in begin.items()}, X, y, 0.5)
params, losses = begin, []
for i in range(4):
    cache = forward(params, X[i : i + 1].T)
    losses.append(np.mean((cache["y"] - y[i : i + 1].T) ** 2))
    grads = backward(params, cache, y[i : i + 1].T)
    params = {name: params[name] - 0.5 * grads[name] for name in params}
assert np.isclose(loss, np.mean(losses))
assert all(np.allclose(after[name], params[name]) for name in params)
""",
    "test_train": """
dice = np.random.default_rng(403)
shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
begin = {name: dice.normal(size=shape) for name, shape in shapes.items()}
X, y = xor()
after, losses = train({name: value.copy() for name, value in begin.items()}, X, y, 0.5, 300)
assert len(losses) == 300
assert losses[-1] < losses[0]
""",
    "test_has_converged": """
assert has_converged([0.9, 0.5, 0.49, 0.485, 0.4849], 0.02, 3) is True
assert not has_converged([0.9, 0.5, 0.49, 0.485, 0.4849], 0.02, 4)
assert not has_converged([0.5, 0.5], 0.1, 2)
assert not has_converged([0.5, 0.51, 0.5, 0.9], 0.1, 2)
""",
    "test_predict": """
dice = np.random.default_rng(405)
params = {"W1": dice.normal(size=(3, 2)), "b1": dice.normal(size=(3, 1)), "W2": dice.normal(size=(2, 3)), "b2": np.zeros((2, 1))}
X = dice.normal(size=(5, 2))
assert np.allclose(predict(params, X), forward(params, X.T)["y"].T)
""",
    # 05_hyperparameters
    "test_initialize": """
params = initialize(4, 30, 3, np.random.default_rng(501))
assert params["W1"].shape == (30, 4) and params["W2"].shape == (3, 30)
assert not params["b1"].any() and not params["b2"].any()
assert 0.7 < params["W1"].std() < 1.3
again = initialize(4, 30, 3, np.random.default_rng(501))
assert np.array_equal(params["W1"], again["W1"])
""",
    "test_diagnose": """
assert diagnose(np.exp(-np.linspace(0, 8, 80))) == "healthy"
assert diagnose(np.full(40, 0.25)) == "flat"
assert diagnose(np.append(np.linspace(1, 0.2, 20), np.linspace(0.2, 0.9, 20))) == "increasing"
assert diagnose(np.tile([1.0, 0.2], 20)) == "jumpy"
assert diagnose(np.append(np.ones(10), np.full(10, np.nan))) == "increasing"
""",
    "test_compare_learning_rates": """
found = compare_learning_rates(lambda rate: [1.0, rate, rate / 2], [0.1, 1.0, 10.0])
assert found == {0.1: 0.05, 1.0: 0.5, 10.0: 5.0}
""",
    "test_best_learning_rate": """
assert best_learning_rate({0.1: 0.4, 1.0: 0.1, 10.0: 0.3}) == 1.0
assert best_learning_rate({0.1: np.nan, 1.0: 0.2, 10.0: np.inf}) == 1.0
assert best_learning_rate({}) is None
""",
    "test_my_choice": """
choice = my_choice()
assert share_solved(choice["n_hidden"], choice["learning_rate"], choice["epochs"], seeds=range(60)) > 0.8
""",
}
