"""A frozen VGG16 without its top, and a new head that is trained.

The shape of VGG16 is that of Simonyan & Zisserman 2014, table 1, column D. Its weights are drawn
here, not learned from ImageNet, so the head learns from random features.
"""

import numpy as np

from simulator.engine import Input, Model, Sequential
from simulator.engine.layers import Conv2D, Dense, Flatten, MaxPooling2D

rng = np.random.default_rng(0)
pictures = rng.random((2, 224, 224, 3), np.float32)
labels = np.array([3, 7])

inputs = Input(shape=(224, 224, 3))
x = inputs
for block, (filters, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
    for number in range(1, depth + 1):
        name = f"block{block}_conv{number}"
        x = Conv2D(filters, (3, 3), activation="relu", padding="same", name=name)(x)
    x = MaxPooling2D((2, 2), strides=2, name=f"block{block}_pool")(x)
base = Model(inputs, x, name="vgg16", seed=1)
base.trainable = False

model = Sequential(
    [
        base,
        Flatten(),
        Dense(1024, activation="relu"),
        Dense(256, activation="relu"),
        Dense(10, activation="softmax"),
    ],
    seed=1,
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(pictures, labels, epochs=2)
