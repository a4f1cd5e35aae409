"""Colour pictures of 128 × 128 in four classes: windows of 2 × 2, with the functional API."""

import numpy as np

from simulator.engine import Input, Model
from simulator.engine.layers import Conv2D, Dense, Flatten, MaxPooling2D

CLASSES = 4

rng = np.random.default_rng(0)
pictures = rng.random((4, 128, 128, 3))
labels = rng.integers(0, CLASSES, 4)

inputs = Input(shape=(128, 128, 3))
x = Conv2D(16, (2, 2), activation="relu")(inputs)
x = MaxPooling2D((2, 2), strides=2)(x)
x = Conv2D(32, (2, 2), activation="relu")(x)
x = MaxPooling2D((2, 2), strides=2)(x)
x = Flatten()(x)
x = Dense(100, activation="relu")(x)
outputs = Dense(CLASSES, activation="softmax")(x)

model = Model(inputs, outputs, seed=1)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(pictures, labels, epochs=10)
