"""Models: how layers are connected, what they are called, and what goes in and out."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers, regularizers
from simulator.engine.data import DataError
from simulator.engine.memory import NetworkTooLarge
from tests.engine import naive

F64 = {"dtype": "float64"}


def residual(**options):
    """Two inputs, a shared layer, a residual link and two outputs."""
    first, second = Input((4,), name="first"), Input((3,), name="second")
    shared = layers.Dense(4, activation="tanh", name="shared", **options)
    once = shared(first)
    twice = shared(once)
    joined = layers.Concatenate(name="joined")([once, twice, second])
    wide = layers.Dense(11, activation="sigmoid", name="wide", **options)(joined)
    linked = layers.Add(name="linked")([joined, wide])
    normal = layers.LayerNormalization(name="normal", **options)(linked)
    number = layers.Dense(1, name="number", **options)(normal)
    kind = layers.Dense(3, activation="softmax", name="kind", **options)(wide)
    return Model([first, second], [number, kind], seed=3)


def test_a_graph_computes_what_its_layers_do():
    model = residual(**F64)
    weights = {
        f"{layer.name}/{name}": w for layer in model.layers for name, w in layer.weights.items()
    }
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))

    def dense(name, value):
        return value @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    once = np.tanh(dense("shared", x))
    twice = np.tanh(dense("shared", once))
    joined = np.concatenate([once, twice, z], axis=1)
    wide = 1 / (1 + np.exp(-dense("wide", joined)))
    linked = joined + wide
    centred = linked - linked.mean(axis=1, keepdims=True)
    normal = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-3)
    exponentials = np.exp(dense("kind", wide))
    number, kind = model.predict([x, z])
    np.testing.assert_allclose(number, dense("number", normal), rtol=0, atol=1e-12)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(kind, expected, rtol=0, atol=1e-12)
    by_name = model.predict({"second": z, "first": x}, batch_size=2)
    np.testing.assert_array_equal(by_name[0], number)
    trace = model.trace_forward([x, z])
    np.testing.assert_allclose(trace["shared"]["output"], once, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace["shared:1"]["output"], twice, rtol=0, atol=1e-12)
    assert set(trace["linked"]) == {"input:0", "input:1", "output"}


def loss_of(model, x, y):
    return model.evaluate(x, y, return_dict=True)["loss"]


def assert_model_gradients(model, x, y):
    """Of the whole loss, by every weight, and by the inputs."""
    found = model.gradients(x, y)
    seen = 0
    for layer in model.layers:
        for name in layer.trainable_names:
            weight, gradient = layer.weights[name], found[layer.name][name]
            for place in list(np.ndindex(weight.shape))[:: max(1, weight.size // 12)]:
                kept, h = weight[place], 1e-6
                weight[place] = kept + h
                above = loss_of(model, x, y)
                weight[place] = kept - h
                below = loss_of(model, x, y)
                weight[place] = kept
                assert gradient[place] == pytest.approx((above - below) / (2 * h), abs=2e-7)
                seen += 1
    assert seen


def test_gradients_of_shared_layers_and_several_losses(backend):
    model = residual(**F64)
    model.backend = backend
    model.compile(
        "sgd", loss=["mse", "categorical_crossentropy"], loss_weights={"number": 0.5, "kind": 2}
    )
    rng = np.random.default_rng(1)
    x = [rng.normal(size=(4, 4)), rng.normal(size=(4, 3))]
    y = [rng.normal(size=(4, 1)), np.eye(3)[[0, 2, 1, 0]]]
    assert_model_gradients(model, x, y)
    expected = naive.finite_differences(
        lambda first: np.array(loss_of(model, [first, x[1]], y)), x[0], np.array(1.0)
    )
    gradient = model.gradients(x, y)["first"]["output"]
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7)


def test_regularizers_add_to_the_loss_and_its_gradients():
    l2, l1 = regularizers.L2(0.1), regularizers.L1(0.05)
    model = Sequential(
        [
            layers.Dense(
                3,
                activation="tanh",
                kernel_regularizer=l2,
                activity_regularizer=l1,
                input_shape=(2,),
                **F64,
            ),
            layers.Dense(1, bias_regularizer=l2, bias_initializer="ones", **F64),
        ],
        seed=1,
    )
    model.compile("sgd", "mse")
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
    hidden = model.trace_forward(x)[model.layers[0].name]["output"]
    expected = np.mean((model.predict(x) - y) ** 2)
    expected += 0.1 * np.sum(model.layers[0].weights["kernel"] ** 2) + 0.1
    expected += 0.05 * np.sum(np.abs(hidden)) / 6
    assert loss_of(model, x, y) == pytest.approx(expected, abs=1e-12)
    assert_model_gradients(model, x, y)


def test_models_are_layers_of_models(backend):
    encoder = Sequential(
        [layers.Dense(3, activation="relu", **F64), layers.Dense(2, **F64)], name="encoder"
    )
    given = Input((2,), name="code")
    decoder = Model(given, layers.Dense(4, activation="sigmoid", **F64)(given), name="decoder")
    x = Input((4,))
    model = Model(x, decoder(encoder(x)), seed=2, backend=backend)
    model.compile("sgd", "mse")
    rng = np.random.default_rng(0)
    data = rng.normal(size=(5, 4))
    codes = encoder.predict(data)
    np.testing.assert_allclose(model.predict(data), decoder.predict(codes), rtol=0, atol=1e-12)
    assert_model_gradients(model, data, data)
    before = encoder.get_weights()
    encoder.trainable = False
    model.fit(data, data, verbose=0)
    for kept, weight in zip(before, encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)
    assert len(model.trainable_names) == 2
    assert model.count_params() == encoder.count_params() + decoder.count_params()


def test_a_part_of_a_model_is_a_model():
    model = Sequential(
        [
            layers.Conv2D(2, 2, activation="relu", input_shape=(4, 4, 1), name="convolution"),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    maps = Model(inputs=model.inputs, outputs=model.get_layer("convolution").output)
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 1)).astype("float32")
    trace = model.trace_forward(x)
    np.testing.assert_array_equal(maps.predict(x), trace["convolution"]["output"])
    code = Input((18,))
    tail = Model(code, model.layers[-1](code))
    np.testing.assert_array_equal(
        tail.predict(trace["convolution"]["output"].reshape(2, -1)), model.predict(x)
    )
    np.testing.assert_array_equal(model(x), model.predict(x))


def test_the_seed_settles_the_weights():
    def make(seed):
        return Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2)], seed=seed)

    first, second, other = make(5), make(5), make(6)
    for a, b, c in zip(*(m.get_weights() for m in (first, second, other)), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.ndim == 1 or not np.array_equal(a, c)
    unseeded = Sequential([layers.Dense(4, input_shape=(3,))])
    again = Sequential([layers.Dense(4, input_shape=(3,))], seed=unseeded.seed)
    np.testing.assert_array_equal(unseeded.get_weights()[0], again.get_weights()[0])


def test_a_sequential_takes_its_input_from_the_data():
    model = Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)], seed=1)
    with pytest.raises(ValueError, match="has not been built"):
        model.graph  # noqa: B018
    model.compile("adam", "mse")
    model.fit(np.ones((8, 3)), np.ones(8), verbose=0)
    assert model.count_params() == 4 * 3 + 4 + 5
    built = Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)], seed=1)
    built.build((None, 3))
    assert built.count_params() == model.count_params()
    built.pop()
    built.add(layers.Dense(2))
    assert built.predict(np.ones((1, 3))).shape == (1, 2)


def test_summary_is_kerass():
    model = Sequential(
        [
            layers.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1), name="conv2d"),
            layers.BatchNormalization(name="batch_normalization"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, name="dense"),
        ],
        name="sequential",
    )
    shown = []
    model.summary(print_fn=shown.append)
    assert shown[0].splitlines() == [
        'Model: "sequential"',
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓",
        "┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩",
        "│ conv2d (Conv2D)                 │ (None, 26, 26, 32)     │           320 │",
        "├─────────────────────────────────┼────────────────────────┼───────────────┤",
        "│ batch_normalization             │ (None, 26, 26, 32)     │           128 │",
        "│ (BatchNormalization)            │                        │               │",
        "├─────────────────────────────────┼────────────────────────┼───────────────┤",
        "│ flatten (Flatten)               │ (None, 21632)          │             0 │",
        "├─────────────────────────────────┼────────────────────────┼───────────────┤",
        "│ dense (Dense)                   │ (None, 10)             │       216,330 │",
        "└─────────────────────────────────┴────────────────────────┴───────────────┘",
        " Total params: 216,778 (846.79 KB)",
        " Trainable params: 216,714 (846.54 KB)",
        " Non-trainable params: 64 (256.00 B)",
    ]
    residual().summary(print_fn=shown.append)
    assert "Connected to" in shown[1]
    assert "shared[1][0]" in shown[1]


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (np.ones((4, 5)), np.ones(4), layers.ShapeError, "got data of shape (4, 5), but needs"),
        (np.ones((4, 3)), np.ones(5), DataError, "there are 4 samples, but 5 targets for 'last'"),
        (np.ones((0, 3)), np.ones(0), DataError, "holds no samples"),
        ([["a"] * 3], [1], DataError, "must hold numbers"),
        ([[1, 2, 3], [1]], [1, 2], DataError, "differ in length"),
        (np.ones((4, 3)), None, DataError, "no targets"),
        (np.array([[1, 2, 3], [4, np.nan, np.inf]]), np.ones(2), DataError,
         "holds 2 values that are no finite numbers: the first is nan at sample 1, position (1,)"),
        (np.ones((2, 3)), [1, np.inf], DataError,
         "The targets of the output 'last' holds a value that is no finite number: it is"),
    ],
)  # fmt: skip
def test_bad_data_is_found_before_training(x, y, error, message):
    model = Sequential([layers.Dense(1, input_shape=(3,), name="last")])
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(error) as raised:
        model.fit(x, y, verbose=0)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    for kept, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)


def test_the_batch_must_go_through():
    with pytest.raises(layers.ShapeError, match=r"wide \(Dense\) got an input of shape"):
        layers.Dense(2, name="wide")(Input((None,)))
    one, other = Input((2,)), Input((2,), name="other")
    both = layers.Add()([one, other])
    with pytest.raises(ValueError, match="need the input 'other'"):
        Model(one, both)
    twice = layers.Dense(2, name="same")(layers.Dense(2, name="same")(one))
    with pytest.raises(ValueError, match="Two layers of the model are called 'same'"):
        Model(one, twice)
    mixed = Sequential([layers.Dense(2, input_shape=(2,)), layers.Dense(2, **F64)])
    with pytest.raises(ValueError, match="different dtypes"):
        mixed.build()


def test_wrong_names_get_the_nearest():
    model = Sequential([layers.Dense(1, input_shape=(3,), name="only")])
    with pytest.raises(ValueError, match="did you mean 'adam'"):
        model.compile("adm", "mse")
    with pytest.raises(ValueError, match="did you mean 'mean_squared_error'"):
        model.compile("adam", "mean_square_error")
    with pytest.raises(ValueError, match="did you mean 'precision'"):
        model.compile("adam", "mse", metrics=["precison"])
    with pytest.raises(TypeError, match="did you mean 'metrics'"):
        model.compile("adam", "mse", metric=["mae"])
    with pytest.raises(ValueError, match="is not compiled"):
        model.fit(np.ones((2, 3)), np.ones(2))
    model.compile("adam", "mse")
    with pytest.raises(TypeError, match="did you mean 'epochs'"):
        model.fit(np.ones((2, 3)), np.ones(2), epoch=3)
    with pytest.raises(ValueError, match="batch_size is 0"):
        model.fit(np.ones((2, 3)), np.ones(2), batch_size=0)
    with pytest.raises(ValueError, match="did you mean 'only'"):
        model.get_layer("onli")


def test_a_network_too_large_is_refused_before_it_is_made():
    model = Sequential([layers.Dense(10**7, input_shape=(10**6,))])
    with pytest.raises(NetworkTooLarge, match=r"The 10,000,010,000,000 weights .* 109\.1 TiB"):
        model.build()
    small = Sequential([layers.Conv2D(512, 1, input_shape=(4096, 4096, 1)), layers.Flatten()])
    small.compile("sgd", "mse")
    x = np.broadcast_to(np.float32(0), (2, 4096, 4096, 1))
    with pytest.raises(NetworkTooLarge, match=r"with 2 samples at a time .* smaller batches"):
        small.fit(x, np.zeros(2), batch_size=2)
    for refused in (small.train_on_batch, small.test_on_batch, small.evaluate, small.gradients):
        with pytest.raises(NetworkTooLarge, match=r"with 2 samples at a time .* smaller batches"):
            refused(x, np.zeros(2))
