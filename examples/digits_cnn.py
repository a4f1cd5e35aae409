"""Digits of 28 × 28: a small convolutional network, with validation."""

import numpy as np

from simulator.engine import Sequential
from simulator.engine.layers import Conv2D, Dense, Flatten, MaxPooling2D
from simulator.engine.utils import to_categorical

rng = np.random.default_rng(0)
x = rng.random((24, 28, 28, 1))
y = to_categorical(rng.integers(0, 10, 24), 10)

model = Sequential(
    [
        Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)),
        MaxPooling2D((2, 2)),
        Flatten(),
        Dense(128, activation="relu"),
        Dense(10, activation="softmax"),
    ],
    seed=1,
)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(x[:16], y[:16], epochs=2, batch_size=8, validation_data=(x[16:], y[16:]))
