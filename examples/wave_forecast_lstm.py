"""A wave forecast from its last ten values: an LSTM with ReLU."""

import numpy as np

from simulator.engine import Sequential
from simulator.engine.layers import LSTM, Dense

wave = np.sin(np.linspace(0, 20, 120))
x = np.array([wave[start : start + 10] for start in range(100)]).reshape(100, 10, 1)
y = wave[10:110]

model = Sequential([LSTM(50, activation="relu", input_shape=(10, 1)), Dense(1)], seed=1)
model.compile(optimizer="adam", loss="mse")
model.summary()
history = model.fit(x, y, epochs=3)
