"""Colour pictures of 64 × 64 in ten classes: two convolutions."""

import numpy as np

from simulator.engine import Sequential
from simulator.engine.layers import Conv2D, Dense, Flatten, MaxPooling2D

rng = np.random.default_rng(0)
x = rng.random((8, 64, 64, 3))
y = rng.integers(0, 10, 8)

model = Sequential(
    [
        Conv2D(32, (3, 3), activation="relu", input_shape=(64, 64, 3)),
        MaxPooling2D((2, 2)),
        Conv2D(64, (3, 3), activation="relu"),
        MaxPooling2D((2, 2)),
        Flatten(),
        Dense(128, activation="relu"),
        Dense(10, activation="softmax"),
    ],
    seed=1,
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(x, y, epochs=4)
