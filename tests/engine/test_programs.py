"""Programs from a course, as their learners type them, with the import line changed alone."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers, network, utils

PROGRAMS = {
    "digits with a convolutional network": """
from simulator.engine import layers
from simulator.engine import Sequential
from simulator.engine.utils import to_categorical
model = Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu', input_shape=(28, 28, 1)))
model.add(layers.MaxPool2D((2, 2)))
model.add(layers.Flatten())
model.add(layers.Dense(128, activation='relu'))
model.add(layers.Dense(10, activation='softmax'))
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
x = rng.random((24, 28, 28, 1)); y = to_categorical(rng.integers(0, 10, 24), 10)
history = model.fit(x[:16], y[:16], epochs=2, batch_size=8, validation_data=(x[16:], y[16:]),
                    verbose=0)
""",
    "colour pictures": """
import simulator.engine as keras
from simulator.engine.layers import Conv2D, MaxPooling2D, Flatten, Dense
model = keras.Sequential([
    Conv2D(32, (3, 3), activation='relu', input_shape=(64, 64, 3)),
    MaxPooling2D(2, 2),
    Conv2D(64, (3, 3), activation='relu'),
    MaxPooling2D(2, 2),
    Flatten(),
    Dense(128, activation='relu'),
    Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit(rng.random((8, 64, 64, 3)), rng.integers(0, 10, 8), epochs=4, verbose=0)
""",
    "a window of two by two": """
from simulator.engine.layers import Input, Conv2D, MaxPooling2D, Flatten, Dense
from simulator.engine import Model
inputs = Input(shape=(128, 128, 3))
x = Conv2D(16, (2, 2), activation='relu')(inputs)
x = MaxPooling2D((2, 2), strides=2)(x)
x = Conv2D(32, (2, 2), activation='relu')(x)
x = MaxPooling2D((2, 2), strides=2)(x)
x = Flatten()(x)
x = Dense(100, activation='relu')(x)
model = Model(inputs, Dense(4, activation='softmax')(x))
model.compile('adam', 'sparse_categorical_crossentropy')
history = model.fit(rng.random((4, 128, 128, 3)), rng.integers(0, 4, 4), epochs=10, verbose=0)
""",
    "forecasting": """
from simulator.engine import Sequential
from simulator.engine.layers import LSTM, Dense
from simulator.engine.optimizers import Adam
series = np.sin(np.linspace(0, 20, 120))
x = np.array([series[i:i + 10] for i in range(100)]).reshape((100, 10, 1))
y = series[10:110]
model = Sequential([LSTM(50, activation='relu', input_shape=(10, 1)), Dense(1)])
model.compile(optimizer=Adam(learning_rate=0.001), loss='mse')
history = model.fit(x, y, epochs=3, verbose=0)
""",
    "sequences in two classes": """
from simulator.engine import Sequential, layers
model = Sequential([
    layers.SimpleRNN(32, activation='tanh', input_shape=(10, 8)),
    layers.Dense(1, activation='sigmoid'),
])
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
x = rng.normal(size=(100, 10, 8))
y = (x[:, :, 0].sum(axis=1) > 0).astype(int)
history = model.fit(x, y, epochs=5, batch_size=16, verbose=0)
""",
    "sequences with an LSTM": """
from simulator.engine import Sequential, layers
model = Sequential()
model.add(layers.LSTM(128, input_shape=(10, 1)))
model.add(layers.Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
x = rng.normal(size=(64, 10, 1))
y = (x.sum(axis=(1, 2)) > 0).astype('float32')
history = model.fit(x, y, batch_size=32, epochs=3, validation_split=0.25, verbose=0)
""",
    "an autoencoder": """
from simulator.engine import Input, Model, layers
picture = Input(shape=(784,))
encoded = layers.Dense(128, activation='relu')(picture)
code = layers.Dense(32, activation='relu')(encoded)
decoded = layers.Dense(128, activation='relu')(code)
output = layers.Dense(784, activation='sigmoid')(decoded)
model = Model(picture, output)
encoder = Model(picture, code)
model.compile(optimizer='adam', loss='binary_crossentropy')
x = rng.random((64, 784)).astype('float32')
history = model.fit(x, x, epochs=3, batch_size=16, shuffle=True, verbose=0)
assert encoder.predict(x).shape == (64, 32)
""",
    "a residual network": """
from simulator.engine import Model, layers
inputs = layers.Input(shape=(16, 16, 3))
x = layers.Conv2D(8, 3, padding='same')(inputs)
for _ in range(2):
    shortcut = x
    x = layers.Conv2D(8, 3, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(8, 3, padding='same')(x)
    x = layers.add([x, shortcut])
x = layers.GlobalAvgPool2D()(x)
model = Model(inputs, layers.Dense(3, activation='softmax')(x))
model.compile(optimizer='rmsprop', loss='sparse_categorical_crossentropy', metrics=['acc'])
history = model.fit(rng.random((16, 16, 16, 3)), rng.integers(0, 3, 16), epochs=2, verbose=0)
""",
    "words": """
from simulator.engine import Sequential, layers
from simulator.engine.callbacks import EarlyStopping
model = Sequential([
    layers.Embedding(50, 8),
    layers.Bidirectional(layers.GRU(6, return_sequences=True)),
    layers.GlobalMaxPooling1D(),
    layers.Dropout(0.2),
    layers.Dense(1, activation='sigmoid'),
])
model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
x = rng.integers(0, 50, (40, 12)); y = rng.integers(0, 2, 40)
history = model.fit(x, y, epochs=4, validation_split=0.2, verbose=0,
                    callbacks=[EarlyStopping(monitor='val_loss', patience=3)])
""",
    "imports of every kind": """
import simulator.engine as keras
from simulator.engine.models import Sequential
from simulator.engine.layers import Dense, BatchNormalization
from simulator.engine.initializers import he_normal
from simulator.engine.regularizers import l2
from simulator.engine.losses import SparseCategoricalCrossentropy
from simulator.engine.metrics import SparseCategoricalAccuracy
from simulator.engine.optimizers.schedules import ExponentialDecay
from simulator.engine.callbacks import LearningRateScheduler, ReduceLROnPlateau
keras.utils.set_random_seed(3)
keras.utils.clear_session()
model = Sequential(name='classifier')
model.add(Dense(16, input_dim=4, kernel_initializer=he_normal(), kernel_regularizer=l2(0.001)))
model.add(BatchNormalization())
model.add(keras.layers.Activation(keras.activations.relu))
model.add(Dense(3))
rate = ExponentialDecay(initial_learning_rate=0.05, decay_steps=20, decay_rate=0.9)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=rate, momentum=0.9, nesterov=True),
    loss=SparseCategoricalCrossentropy(from_logits=True),
    metrics=[SparseCategoricalAccuracy(name='right')],
    jit_compile=False,
)
x = np.random.normal(size=(90, 4)); y = np.argmax(x[:, :3], axis=1)
history = model.fit(x, y, epochs=5, batch_size=10, verbose=0)
assert set(history.history) == {'loss', 'right'}
assert [layer.name for layer in model.layers][:2] == ['dense', 'batch_normalization']
assert len(model.trainable_weights) == 6 and len(model.non_trainable_weights) == 2
loss, right = model.evaluate(x, y, verbose=0)
logits = model(x[:5], training=False)
assert np.array_equal(logits, model.predict(x[:5], verbose=0))
""",
}

PARAMETERS = {
    "digits with a convolutional network": 693_962,
    "colour pictures": 1_626_442,
    "a window of two by two": 3_077_992,
    "forecasting": 10_451,
    "sequences in two classes": 1_345,
    "sequences with an LSTM": 66_689,
    "an autoencoder": 209_968,
    "a residual network": 2_635,
    "words": 989,
    "imports of every kind": 195,
}


@pytest.fixture(autouse=True)
def _same_weights_every_time(monkeypatch):
    monkeypatch.setattr(network, "fresh_seed", lambda: 1)


@pytest.mark.parametrize("title", PROGRAMS)
def test_program(title):
    names = {"np": np, "rng": np.random.default_rng(0)}
    exec(PROGRAMS[title], names)
    losses = names["history"].history["loss"]
    assert losses[-1] < losses[0]
    assert names["model"].count_params() == PARAMETERS[title]


def test_class_numbers_become_rows():
    np.testing.assert_array_equal(utils.to_categorical([[2], [0]]), [[0, 0, 1], [1, 0, 0]])
    assert utils.to_categorical([1, 0], num_classes=4).shape == (2, 4)
    with pytest.raises(ValueError, match="there is a class 4, but num_classes is 4"):
        utils.to_categorical([4], num_classes=4)
    with pytest.raises(ValueError, match="whole numbers"):
        utils.to_categorical([0.5])


@pytest.mark.slow
def test_a_frozen_vgg16_under_a_new_head():
    """Its shape is Simonyan & Zisserman 2014, table 1, column D; counts as Keras prints them."""
    picture = Input((224, 224, 3))
    x = picture
    for block, (filters, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]):
        for number in range(depth):
            name = f"block{block + 1}_conv{number + 1}"
            x = layers.Conv2D(filters, 3, activation="relu", padding="same", name=name)(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block + 1}_pool")(x)
    base = Model(picture, x, name="vgg16", seed=1)
    assert base.count_params() == 14_714_688
    base.trainable = False
    model = Sequential(
        [
            base,
            layers.Flatten(),
            layers.Dense(1024, activation="relu"),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        seed=1,
    )
    assert model.count_params() == 14_714_688 + 25_691_136 + 262_400 + 2_570
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    before = base.get_weights()[0]
    x = np.random.default_rng(0).random((2, 224, 224, 3), np.float32)
    history = model.fit(x, np.array([3, 7]), epochs=2, verbose=0)
    assert history.history["loss"][1] < history.history["loss"][0]
    np.testing.assert_array_equal(base.get_weights()[0], before)
