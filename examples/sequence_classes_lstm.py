"""Sequences of ten numbers in two classes: an LSTM, with a part held back for validation."""

import numpy as np

from simulator.engine import Sequential
from simulator.engine.layers import LSTM, Dense

rng = np.random.default_rng(0)
x = rng.normal(size=(64, 10, 1))
y = (x.sum(axis=(1, 2)) > 0).astype(int)

model = Sequential([LSTM(128, input_shape=(10, 1)), Dense(1, activation="sigmoid")], seed=1)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(x, y, epochs=3, batch_size=32, validation_split=0.25)
