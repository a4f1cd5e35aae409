"""A hundred sequences in two classes: a plain recurrent network."""

import numpy as np

from simulator.engine import Sequential
from simulator.engine.layers import Dense, SimpleRNN

rng = np.random.default_rng(0)
x = rng.normal(size=(100, 10, 8))
y = (x[:, :, 0].sum(axis=1) > 0).astype(int)

model = Sequential(
    [SimpleRNN(32, activation="tanh", input_shape=(10, 8)), Dense(1, activation="sigmoid")], seed=1
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(x, y, epochs=5, batch_size=16)
