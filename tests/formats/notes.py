"""Programs as they stand in course notes, whole and damaged, each with what must be read of it.

`parameters` is what Keras counts; `told` are parts of notices that must be there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    source: str
    kinds: str
    parameters: int | None = None
    told: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


NOTES: dict[str, Note] = {}

NOTES["lstm forecast"] = Note(
    """
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense

model = Sequential()
model.add(LSTM(50, activation='relu', input_shape=(10, 1)))
model.add(Dense(1))
model.compile(optimizer='adam', loss='mse')
model.fit(X_train, y_train, epochs=200, verbose=0)
""",
    "LSTM Dense",
    10_451,
    ("X_train, y_train: the data set that you choose",),
)

NOTES["colour pictures"] = Note(
    """
import tensorflow as tf
from tensorflow.keras import layers, models

model = models.Sequential([
    layers.Conv2D(32, (3, 3), activation='relu', input_shape=(64, 64, 3)),
    layers.MaxPooling2D((2, 2)),
    layers.Conv2D(64, (3, 3), activation='relu'),
    layers.MaxPooling2D((2, 2)),
    layers.Flatten(),
    layers.Dense(128, activation='relu'),
    layers.Dense(10, activation='softmax')
])

model.compile(optimizer='adam',
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])
model.summary()
""",
    "Conv2D MaxPooling2D Conv2D MaxPooling2D Flatten Dense Dense",
    1_626_442,
    ("fit is missing",),
)

NOTES["made-up sequences"] = Note(
    """
import tensorflow as tf

X = tf.random.normal([100, 10, 8])   # 100 sequences, 10 steps, 8 features
y = tf.random.uniform([100], minval=0, maxval=2, dtype=tf.int32)

model = tf.keras.Sequential([
    tf.keras.layers.SimpleRNN(32, activation='tanh', input_shape=(10, 8)),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
model.fit(X, y, epochs=5, batch_size=16)
""",
    "SimpleRNN Dense",
    1_345,
)

NOTES["mnist"] = Note(
    """
import numpy as np
from tensorflow.keras.datasets import mnist
from tensorflow.keras.utils import to_categorical
from tensorflow import keras
from tensorflow.keras import layers
import matplotlib.pyplot as plt

(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train.reshape(-1, 28, 28, 1).astype('float32') / 255.0
X_test = X_test.reshape((X_test.shape[0], 28, 28, 1)) / 255
y_train = to_categorical(y_train, 10)
y_test = to_categorical(y_test, 10)

model = keras.Sequential()
model.add(layers.Conv2D(32, kernel_size=(3, 3), activation='relu', input_shape=(28, 28, 1)))
model.add(layers.MaxPooling2D(pool_size=(2, 2)))
model.add(layers.Flatten())
model.add(layers.Dense(128, activation='relu'))
model.add(layers.Dense(10, activation='softmax'))

model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(X_train, y_train, epochs=5, batch_size=128, validation_data=(X_test, y_test))

score = model.evaluate(X_test, y_test, verbose=0)
print('Test accuracy:', score[1])
plt.plot(history.history['accuracy'])
plt.legend(['train', 'test'])
plt.show()
predictions = model.predict(X_test[:5])
print(np.argmax(predictions, axis=1))
""",
    "Conv2D MaxPooling2D Flatten Dense Dense",
    693_962,
    ("The program loads mnist",),
)

NOTES["split and validation"] = Note(
    """
from keras.models import Sequential
from keras.layers import LSTM, Dense
from sklearn.model_selection import train_test_split

X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=42)
model = Sequential([LSTM(128, input_shape=(X_train.shape[1], X_train.shape[2])),
                    Dense(1, activation='sigmoid')])
model.compile('adam', 'binary_crossentropy', ['accuracy'])
model.fit(X_train, y_train, 32, 20, validation_data=(X_val, y_val))
""",
    "LSTM Dense",
)

NOTES["two by two windows"] = Note(
    """
from keras.layers import Input, Conv2D, MaxPool2D, Flatten, Dense
from keras.models import Model

num_classes = 5
inputs = Input(shape=(128, 128, 3))
x = Conv2D(16, (2, 2), activation="relu")(inputs)
x = MaxPool2D(pool_size=(2, 2), strides=(2, 2))(x)
x = Conv2D(32, (2, 2), activation="relu")(x)
x = MaxPool2D()(x)
x = Flatten()(x)
x = Dense(100, activation="relu")(x)
outputs = Dense(num_classes, activation="softmax")(x)
model = Model(inputs=inputs, outputs=outputs)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
""",
    "Conv2D MaxPooling2D Conv2D MaxPooling2D Flatten Dense Dense",
    3_078_093,
    ("fit is missing",),
)

NOTES["vgg16 frozen"] = Note(
    """
from tensorflow.keras.applications import VGG16
from tensorflow.keras import models, layers

base_model = VGG16(weights='imagenet', include_top=False, input_shape=(224, 224, 3))
for layer in base_model.layers:
    layer.trainable = False

model = models.Sequential([
    base_model,
    layers.Flatten(),
    layers.Dense(1024, activation='relu'),
    layers.Dense(256, activation='relu'),
    layers.Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
""",
    "VGG16 Flatten Dense Dense Dense",
    40_670_794,
    ("not bundled",),
)

NOTES["vgg16 functional"] = Note(
    """
from keras.applications.vgg16 import VGG16
from keras.layers import Dense, GlobalAveragePooling2D
from keras.models import Model

base = VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
for layer in base.layers[:-4]:
    layer.trainable = False
x = base.output
x = GlobalAveragePooling2D()(x)
x = Dense(64, activation='relu')(x)
predictions = Dense(4, activation='softmax')(x)
model = Model(inputs=base.input, outputs=predictions)
model.compile(optimizer='sgd', loss='categorical_crossentropy')
""",
    " ".join(
        ["Conv2D"] * 2
        + ["MaxPooling2D"]
        + ["Conv2D"] * 2
        + ["MaxPooling2D"]
        + (["Conv2D"] * 3 + ["MaxPooling2D"]) * 3
    )
    + " GlobalAveragePooling2D Dense Dense",
    14_714_688 + 32_832 + 260,
)

# ---- fragments

NOTES["fragment: only add"] = Note(
    """
model.add(Dense(64, activation='relu', input_dim=20))
model.add(Dropout(0.5))
model.add(Dense(num_classes, activation='softmax'))
""",
    "Dense Dropout Dense",
    1_994,
    ("Imports are missing", "model = Sequential() is assumed", "compile is missing"),
    ("num_classes",),
)

NOTES["fragment: loose layers"] = Note(
    """
Conv2D(32, (3, 3), activation='relu', input_shape=(28, 28, 1))
MaxPooling2D((2, 2))
Flatten()
Dense(10, activation='softmax')
""",
    "Conv2D MaxPooling2D Flatten Dense",
    54_410,
    ("a Sequential of these layers is assumed",),
)

NOTES["fragment: no model line"] = Note(
    """
inputs = keras.Input(shape=(16,))
x = layers.Dense(8, activation="relu")(inputs)
outputs = layers.Dense(3)(x)
model.compile("rmsprop", "mse")
model.fit(x_train, y_train, epochs=3)
""",
    "Dense Dense",
    163,
    ("Model(inputs, outputs)",),
)

NOTES["fragment: names for sizes"] = Note(
    """
model = Sequential([
    Embedding(vocab_size, embedding_dim, input_length=max_length),
    GRU(units, return_sequences=True),
    GlobalAveragePooling1D(),
    Dense(n, activation='softmax'),
])
model.compile(optimizer=Adam(learning_rate=lr), loss='sparse_categorical_crossentropy')
model.fit(padded, labels, epochs=num_epochs, batch_size=BATCH_SIZE)
""",
    "Embedding GRU GlobalAveragePooling1D Dense",
    None,
    (),
    ("vocab_size", "embedding_dim", "units", "n", "lr", "num_epochs", "BATCH_SIZE"),
)

# ---- damage

NOTES["damage: spaces for underscores"] = Note(
    """
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense
model = Sequential()
model.add(LSTM(128, input shape=(10, 1)))
model.add(Dense(1, activation='sigmoid'))
model.compile(optimizer='adam', loss='binary crossentropy', metrics=['accuracy'])
model.fit(X train, y train, epochs=10, batch size=32, validation data=(X test, y test))
""",
    "LSTM Dense",
    66_689,
    ("input_shape", "Names in quotes"),
)

NOTES["damage: curly quotes"] = Note(
    """
model = Sequential()
model.add(Dense(10, activation=‘relu’, input_shape=(4,)))  # “ten” units, don’t ask
model.add(Dense(3, activation=“softmax”))
model.compile(loss=’sparse_categorical_crossentropy’, optimizer=‘adam', metrics=[‘accuracy’])
""",
    "Dense Dense",
    83,
    ("Curly quotes",),
)

NOTES["damage: ligatures and minus"] = Note(
    """
model = Sequential([Conv2D(ﬁlters=8, kernel_size=3, input_shape=(8, 8, 1)), Flatten(),
    Dense(2, activation=’softmax’)])
model.compile(optimizer=SGD(learning_rate=1e–2), loss="categorical_crossentropy")
model.ﬁt(x_train, y_train, epochs=2)
""",
    "Conv2D Flatten Dense",
    80 + 578,
    ("Ligatures", "minus signs", "Curly quotes"),
)

NOTES["damage: line numbers"] = Note(
    """
1  from keras.models import Sequential
2  from keras.layers import Dense
3
4  model = Sequential([
5      Dense(8, activation='tanh', input_shape=(2,)),
6      Dense(1, activation='sigmoid'),
7  ])
8  model.compile(loss='binary_crossentropy', optimizer='sgd')
9  model.fit(X, y, epochs=100)
""",
    "Dense Dense",
    33,
    ("Line numbers",),
)

NOTES["damage: lost indentation"] = Note(
    """
base_model = VGG16(weights="imagenet", include_top=False, input_shape=(48, 48, 3))
for layer in base_model.layers:
layer.trainable = False
model = Sequential()
   model.add(base_model)
   model.add(Flatten())
   model.add(Dense(2, activation="softmax"))
""",
    "VGG16 Flatten Dense",
    14_714_688 + 1_026,
    ("Lost indentation", "Indentation that means nothing"),
)

NOTES["damage: broken lines"] = Note(
    """
from tensorflow.keras.layers import Conv2D,
MaxPooling2D, Flatten, Dense
model =
Sequential()
model.add(Conv2D(4, (3, 3), activa-
tion='relu', input_
shape=(8, 8, 1)))
model.add(Flatten())
model.add(Dense(10,
activation='soft
max'))
model.compile(loss='sparse_categorical_
crossentropy',
optimizer='adam')
""",
    "Conv2D Flatten Dense",
    40 + 1_450,
    ("Broken lines joined",),
)

NOTES["damage: names apart"] = Note(
    """
model = Sequential([
Conv2 D(4, kernel size=(3, 3), input shape=(8, 8, 1)),
Max Pooling2D(pool size=(2, 2)),
Flatten(),
Dense(2),
])
""",
    "Conv2D MaxPooling2D Flatten Dense",
    40 + 74,
    ("Names that were taken apart",),
)

NOTES["damage: cut off"] = Note(
    """
model = Sequential([
    Dense(4, input_shape=(3,)),
    Dense(1)
model.compile(loss='mse', optimizer='adam'
model.fit(X, y, epochs=3
""",
    "Dense Dense",
    21,
    ("Missing closing bracket",),
)

NOTES["damage: words between"] = Note(
    """
First we build the model:
model = Sequential()
model.add(Dense(4, input_shape=(3,)))
Then we add the output layer.
model.add(Dense(1))
Page 3 of 17
""",
    "Dense Dense",
    21,
    ("Words between the code", "Page numbers"),
)

NOTES["damage: notebook"] = Note(
    """
In [1]: !pip install tensorflow
In [2]: model = Sequential()
>>> model.add(Dense(4, input_shape=(3,)))
%matplotlib inline
```python
model.add(Dense(1))
```
Out[3]: <keras.Sequential>
""",
    "Dense Dense",
    21,
    ("Prompts", "notebook"),
)

NOTES["damage: special spaces"] = Note(
    "model\u00a0=\u00a0Sequential([\u2003Dense(4,\u00a0input_shape=(3,)),\u200b\tDense(1)])",
    "Dense Dense",
    21,
    ("Special spaces",),
)

# ---- more of Keras

NOTES["autoencoder"] = Note(
    """
from keras.layers import Input, Dense
from keras.models import Model

encoding_dim = 32
input_img = Input(shape=(784,))
encoded = Dense(encoding_dim, activation='relu')(input_img)
decoded = Dense(784, activation='sigmoid')(encoded)
autoencoder = Model(input_img, decoded)
encoder = Model(input_img, encoded)
autoencoder.compile(optimizer='adadelta' if False else 'adam', loss='binary_crossentropy')
autoencoder.fit(x_train, x_train, epochs=50, batch_size=256, shuffle=True,
                validation_data=(x_test, x_test))
encoded_imgs = encoder.predict(x_test)
""",
    "Dense Dense",
    50_992,
)

NOTES["networks within a network"] = Note(
    """
encoder = keras.Sequential([layers.Dense(8, activation="relu", input_shape=(16,)),
                            layers.Dense(3)], name="encoder")
decoder = keras.Sequential([layers.Dense(8, activation="relu", input_shape=(3,)),
                            layers.Dense(16)], name="decoder")
inputs = keras.Input((16,))
model = keras.Model(inputs, decoder(encoder(inputs)))
model.compile("adam", "mse")
model.fit(x, x, epochs=1)
""",
    "Sequential Sequential",
    163 + 176,
)

NOTES["residual"] = Note(
    """
inputs = Input((8, 8, 4))
shortcut = inputs
x = Conv2D(4, 3, padding="same")(inputs)
x = BatchNormalization()(x)
x = Activation("relu")(x)
x = add([x, shortcut])
x = x + shortcut
shared = Dense(4)
x = shared(shared(x))
x = GlobalAveragePooling2D()(x)
model = Model(inputs, Dense(2, activation="softmax")(x))
""",
    "Conv2D BatchNormalization Activation Add Add Dense Dense GlobalAveragePooling2D Dense",
    148 + 16 + 20 + 10,
)

NOTES["sequence to sequence"] = Note(
    """
encoder_inputs = Input(shape=(None, 5))
_, state_h, state_c = LSTM(7, return_state=True)(encoder_inputs)
decoder_inputs = Input(shape=(None, 6))
x, _, _ = LSTM(7, return_sequences=True, return_state=True)(
    decoder_inputs, initial_state=[state_h, state_c])
outputs = TimeDistributed(Dense(6, activation="softmax"))(x)
model = Model([encoder_inputs, decoder_inputs], outputs)
model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
""",
    "LSTM LSTM TimeDistributed",
    364 + 392 + 48,
)

NOTES["regularized"] = Note(
    """
from tensorflow.keras import regularizers, initializers
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint
model = Sequential([
    Dense(8, kernel_regularizer=regularizers.l2(0.01), kernel_initializer="he_normal",
          bias_initializer=initializers.Constant(0.1), input_shape=(4,)),
    LeakyReLU(alpha=0.2),
    Dense(8, activation=tf.nn.relu, activity_regularizer=regularizers.L1L2(l1=1e-4)),
    Dense(1),
])
stop = EarlyStopping(monitor='val_loss', patience=3, restore_best_weights=True)
model.compile(optimizer=keras.optimizers.RMSprop(1e-3, momentum=0.9), loss=keras.losses.Huber())
model.fit(X, y, validation_split=0.2, epochs=30, callbacks=[stop, ModelCheckpoint('best.h5')])
""",
    "Dense LeakyReLU Dense Dense",
    40 + 72 + 9,
    ("ModelCheckpoint is left out",),
)

NOTES["bidirectional"] = Note(
    """
model = Sequential()
model.add(Embedding(input_dim=2000, output_dim=16, input_length=50))
model.add(Bidirectional(LSTM(8, return_sequences=True), merge_mode="concat"))
model.add(Bidirectional(GRU(4)))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["acc"])
""",
    "Embedding Bidirectional Bidirectional Dense",
    32_000 + 1_600 + 528 + 9,
)

NOTES["functions and loops"] = Note(
    """
def build_model(units=16, depth=2, dropout=0.1):
    model = keras.Sequential()
    model.add(keras.layers.Input(shape=(6,)))
    for i in range(depth):
        model.add(keras.layers.Dense(units, activation="relu", name=f"hidden_{i}"))
        if dropout > 0:
            model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(1))
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model

if __name__ == "__main__":
    net = build_model(depth=3)
    net.fit(X_train, y_train, epochs=4)
""",
    "Dense Dropout Dense Dropout Dense Dropout Dense",
    112 + 272 + 272 + 17,
)

NOTES["exclusive or"] = Note(
    """
import numpy as np
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
model = Sequential([Dense(4, activation="tanh", input_dim=2), Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer=Adam(lr=0.1))
model.fit(X, y, epochs=500, batch_size=4)
""",
    "Dense Dense",
    17,
    ("lr is called learning_rate",),
)

NOTES["windows of a wave"] = Note(
    """
import numpy as np
series = np.sin(0.1 * np.arange(200)) + 0.05 * np.random.randn(200)
X, y = [], []
for i in range(len(series) - 10):
    X.append(series[i:i + 10])
    y.append(series[i + 10])
X = np.array(X).reshape(-1, 10, 1)
y = np.array(y)
model = Sequential([LSTM(4, input_shape=(10, 1)), Dense(1)])
model.compile("adam", "mse")
model.fit(X, y, epochs=2)
""",
    "LSTM Dense",
    96 + 5,
)

NOTES["older Keras"] = Note(
    """
from keras.layers.core import Dense, Dropout, Flatten
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.utils import np_utils
nb_classes = 10
Y_train = np_utils.to_categorical(y_train, nb_classes)
model = Sequential()
model.add(Convolution2D(8, 3, 3, border_mode='valid', input_shape=(28, 28, 1), init='he_normal'))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(p=0.25))
model.add(Flatten())
model.add(Dense(output_dim=nb_classes, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adadelta' if 0 else 'sgd')
model.fit(X_train, Y_train, batch_size=128, nb_epoch=12, verbose=1, validation_split=0.1)
""",
    "Conv2D MaxPooling2D Dropout Flatten Dense",
    80 + 13_530,
    ("nb_epoch is called epochs today", "border_mode is called padding", "(rows, columns)"),
)

NOTES["text classes"] = Note(
    """
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences
import pandas as pd

df = pd.read_csv("reviews.csv")
tokenizer = Tokenizer(num_words=5000)
tokenizer.fit_on_texts(df["text"])
sequences = tokenizer.texts_to_sequences(df["text"])
X = pad_sequences(sequences, maxlen=40)
y = df["label"].values

model = keras.Sequential([
    keras.layers.Embedding(5000, 16, input_length=40),
    keras.layers.LSTM(32, dropout=0.2, recurrent_dropout=0.2),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(1e-3),
              metrics=[keras.metrics.BinaryAccuracy(), "Precision", keras.metrics.Recall()])
model.fit(X, y, epochs=3, validation_split=0.2, class_weight={0: 1.0, 1: 3.0})
""",
    "Embedding LSTM Dense",
    80_000 + 6_272 + 33,
    ("read_csv is not run",),
)

NOTES["scaled series"] = Note(
    """
import numpy as np
from sklearn.preprocessing import MinMaxScaler
data = np.loadtxt("prices.csv")
scaler = MinMaxScaler(feature_range=(0, 1))
scaled = scaler.fit_transform(data.reshape(-1, 1))
def create_dataset(values, look_back=1):
    dataX, dataY = [], []
    for i in range(len(values) - look_back - 1):
        dataX.append(values[i:(i + look_back), 0])
        dataY.append(values[i + look_back, 0])
    return np.array(dataX), np.array(dataY)
look_back = 3
train_size = int(len(scaled) * 0.67)
train, test = scaled[0:train_size, :], scaled[train_size:len(scaled), :]
trainX, trainY = create_dataset(train, look_back)
testX, testY = create_dataset(test, look_back)
trainX = np.reshape(trainX, (trainX.shape[0], 1, trainX.shape[1]))
model = Sequential()
model.add(LSTM(4, input_shape=(1, look_back)))
model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer='adam')
model.fit(trainX, trainY, epochs=100, batch_size=1, verbose=2)
trainPredict = model.predict(trainX)
trainPredict = scaler.inverse_transform(trainPredict)
""",
    "LSTM Dense",
    128 + 5,
    ("the data set that you choose",),
)

NOTES["generator of pictures"] = Note(
    """
from tensorflow.keras.preprocessing.image import ImageDataGenerator
train_datagen = ImageDataGenerator(rescale=1./255, shear_range=0.2, horizontal_flip=True)
training_set = train_datagen.flow_from_directory('data/train', target_size=(64, 64),
                                                 batch_size=32, class_mode='binary')
test_set = train_datagen.flow_from_directory('data/test', target_size=(64, 64))
cnn = tf.keras.models.Sequential()
cnn.add(tf.keras.layers.Conv2D(filters=4, kernel_size=3, activation='relu',
                               input_shape=[64, 64, 3]))
cnn.add(tf.keras.layers.MaxPool2D(pool_size=2, strides=2))
cnn.add(tf.keras.layers.Flatten())
cnn.add(tf.keras.layers.Dense(units=1, activation='sigmoid'))
cnn.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
cnn.fit(x=training_set, validation_data=test_set, epochs=25)
""",
    "Conv2D MaxPooling2D Flatten Dense",
    112 + 3_845,
)

NOTES["left out"] = Note(
    """
augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])
inputs = keras.Input(shape=(18, 18, 3))
x = augmentation(inputs)
x = layers.Rescaling(1./255)(x)
x = layers.Conv2D(4, 3, activation="relu")(x)
x = layers.Flatten()(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile(optimizer="adam", loss="binary_crossentropy",
              metrics=["F1Score", "acc", keras.metrics.AUC(multi_label=True)])
""",
    "Conv2D Flatten Dense",
    112 + 1_025,
    (
        "RandomFlip is left out",
        "Rescaling is left out",
        "The metric F1Score is left out",
        "The metric AUC with multi_label is left out",
    ),
)

NOTES["series taken apart"] = Note(
    """
import numpy as np
from tensorflow import keras
n_steps = 50
def generate(batch_size, n_steps):
    freq1, freq2, offsets1, offsets2 = np.random.rand(4, batch_size, 1)
    time = np.linspace(0, 1, n_steps)
    series = 0.5 * np.sin((time - offsets1) * (freq1 * 10 + 10))
    series += 0.2 * np.sin((time - offsets2) * (freq2 * 20 + 20))
    return series[..., np.newaxis].astype(np.float32)
series = generate(40, n_steps + 1)
X_train, y_train = series[:30, :n_steps], series[:30, -1]
X_valid, y_valid = series[30:, :n_steps], series[30:, -1]
model = keras.models.Sequential([
    keras.layers.SimpleRNN(20, return_sequences=True, input_shape=[None, 1]),
    keras.layers.SimpleRNN(20),
    keras.layers.Dense(1)
])
model.compile(loss="mse", optimizer="adam")
model.fit(X_train, y_train, epochs=20, validation_data=(X_valid, y_valid))
""",
    "SimpleRNN SimpleRNN Dense",
    440 + 820 + 21,
)

NOTES["shapes of tensors"] = Note(
    """
from tensorflow.keras import backend as K
def residual_block(x, filters, downsample=False):
    shortcut = x
    stride = 2 if downsample else 1
    x = layers.Conv2D(filters, 3, strides=stride, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    if downsample or shortcut.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=stride)(shortcut)
    return layers.ReLU()(layers.Add()([x, shortcut]))
inp = Input((16, 16, 1))
x = residual_block(inp, 8)
x = residual_block(x, 8)
x = residual_block(x, 16, True)
shape = K.int_shape(x)
x = layers.Flatten()(x)
code = layers.Dense(5)(x)
x = layers.Dense(np.prod(shape[1:]))(code)
x = layers.Reshape(shape[1:])(x)
x = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")(x)
model = Model(inp, x)
model.compile("adam", "mse")
""",
    "Conv2D BatchNormalization Conv2D Add ReLU Conv2D BatchNormalization Add ReLU "
    "Conv2D BatchNormalization Conv2D Add ReLU Flatten Dense Dense Reshape Conv2DTranspose",
    120 + 608 + 1_360 + 5_125 + 6_144 + 145,
)

NOTES["one way or the other"] = Note(
    """
model = Sequential([Conv2D(4, (3, 3), input_shape=(8, 8, 3)), Flatten(), Dense(10)])
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam')
if not data_augmentation:
    model.fit(X_train, Y_train, batch_size=8, nb_epoch=7, validation_data=(X_test, Y_test))
else:
    datagen.fit(X_train)
    model.fit_generator(datagen.flow(X_train, Y_train), samples_per_epoch=100, nb_epoch=9)
""",
    "Conv2D Flatten Dense Activation",
    112 + 1_450,
    ("those of its else are left out", "X_train, Y_train, X_test, Y_test: the data set"),
)

NOTES["cross-validation"] = Note(
    """
from keras.datasets import boston_housing
from keras import models, layers
import numpy as np
(train_data, train_targets), (test_data, test_targets) = boston_housing.load_data()
train_data -= train_data.mean(axis=0)
def build_model():
    model = models.Sequential()
    model.add(layers.Dense(6, activation='relu', input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(1))
    model.compile(optimizer='rmsprop', loss='mse', metrics=['mae'])
    return model
k = 4
count = len(train_data) // k
scores = []
for i in range(k):
    held = train_data[i * count: (i + 1) * count]
    data = np.concatenate([train_data[:i * count], train_data[(i + 1) * count:]], axis=0)
    targets = np.concatenate([train_targets[:i * count], train_targets[(i + 1) * count:]], axis=0)
    model = build_model()
    model.fit(data, targets, epochs=9, batch_size=1, verbose=0)
    scores.append(model.evaluate(held, train_targets, verbose=0))
np.mean(scores)
""",
    "Dense Dense",
    None,
    ("The program trains 4 networks", "data, targets: the data set that you choose"),
)

NOTES["windows appended one by one"] = Note(
    """
from sklearn.preprocessing import MinMaxScaler
prices = pd.read_csv('prices.csv').iloc[:, 1:2].values
scaled = MinMaxScaler(feature_range=(0, 1)).fit_transform(prices)
X_train = []
y_train = []
for i in range(60, 1258):
    X_train.append(scaled[i-60:i, 0])
    y_train.append(scaled[i, 0])
X_train, y_train = np.array(X_train), np.array(y_train)
X_train = np.reshape(X_train, (X_train.shape[0], X_train.shape[1], 1))
regressor = Sequential()
regressor.add(LSTM(units=5, return_sequences=True, input_shape=(X_train.shape[1], 1)))
regressor.add(LSTM(units=5))
regressor.add(Dense(units=1))
regressor.compile(optimizer='adam', loss='mean_squared_error')
regressor.fit(X_train, y_train, epochs=10, batch_size=32)
""",
    "LSTM LSTM Dense",
    None,
    ("X_train, y_train: the data set that you choose",),
)

NOTES["as many units as there are letters"] = Note(
    """
with io.open(path, encoding='utf-8') as f:
    text = f.read().lower()
chars = sorted(list(set(text)))
places = dict((c, i) for i, c in enumerate(chars))
x = np.zeros((len(text), 40, len(chars)), dtype=np.bool)
for i, letter in enumerate(text):
    x[i, 0, places[letter]] = 1
model = Sequential()
model.add(LSTM(8, input_shape=(40, len(chars))))
model.add(Dense(len(chars), activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam')
model.fit(x, y, batch_size=128, epochs=60)
""",
    "LSTM Dense",
    None,
    ("num_classes is not told", "x, y: the data set that you choose"),
    ("num_classes",),
)

NOTES["as many units as folders"] = Note(
    """
model = Sequential([Flatten(input_shape=(8, 8, 3)), Dense(len(folders), activation='softmax')])
model.compile(loss='categorical_crossentropy', optimizer='adam')
model.fit(training_set, validation_data=test_set, epochs=5, steps_per_epoch=len(training_set))
""",
    "Flatten Dense",
    1_930,
    ("num_classes is not told", "training_set, test_set: the data set that you choose"),
    ("num_classes",),
)
