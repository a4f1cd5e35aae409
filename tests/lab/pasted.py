"""Programs as students paste them, and what must come of them.

`data` is what they are tried on: none for those that need data of their own. `bound` is a part of
what is told of how the data were made to fit. `refused` are line, reason and what is possible instead.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pasted:
    source: str
    kinds: str = ""
    data: str = ""
    told: tuple[str, ...] = ()
    bound: str = ""
    refused: tuple[tuple[int, str, str], ...] = ()


PASTED: dict[str, Pasted] = {}

PASTED["two inputs"] = Pasted(
    """
from tensorflow.keras.layers import Input, Dense, Concatenate
from tensorflow.keras.models import Model

input_a = Input(shape=(32,), name='input_a')
input_b = Input(shape=(16,), name='input_b')
x1 = Dense(64, activation='relu')(input_a)
x2 = Dense(32, activation='relu')(input_b)
merged = Concatenate()([x1, x2])
out = Dense(1, activation='sigmoid')(merged)
model = Model(inputs=[input_a, input_b], outputs=out)
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
history = model.fit([X_a_train, X_b_train], y_train, epochs=10, batch_size=32, validation_data=([X_a_test, X_b_test], y_test))
""",
    "Dense Dense Concatenate Dense",
    "circle",
    ("X_a_train, X_b_train",),
    "Random numbers of the network’s shapes stand in",
)

PASTED["two outputs"] = Pasted(
    """
inputs = keras.Input(shape=(28, 28, 1))
x = layers.Conv2D(16, 3, activation='relu')(inputs)
x = layers.GlobalAveragePooling2D()(x)
digit = layers.Dense(10, activation='softmax', name='digit')(x)
thick = layers.Dense(1, name='thick')(x)
model = keras.Model(inputs, [digit, thick])
model.compile(optimizer='adam',
   loss={'digit': 'sparse_categorical_crossentropy', 'thick': 'mse'},
   loss_weights={'digit': 1.0, 'thick': 0.5},
   metrics={'digit': ['accuracy'], 'thick': ['mae']})
model.fit(x_train, {'digit': y_train, 'thick': t_train}, epochs=3)
""",
    "Conv2D GlobalAveragePooling2D Dense Dense",
    "small digits",
    ("t_train",),
    "Random numbers of the network’s shapes stand in",
)

PASTED["nested sequential"] = Pasted(
    """
import tensorflow as tf
feature_extractor = tf.keras.Sequential([
    tf.keras.layers.Conv2D(16, 3, activation='relu', input_shape=(28, 28, 1)),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.Flatten(),
], name="features")
classifier = tf.keras.Sequential([tf.keras.layers.Dense(64, activation='relu'), tf.keras.layers.Dense(10, activation='softmax')])
model = tf.keras.Sequential([feature_extractor, classifier])
model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(train_images, train_labels, epochs=5, validation_data=(test_images, test_labels))
test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=2)
print('\\nTest accuracy:', test_acc)
""",
    "Sequential Sequential",
    "small digits",
    ("test_images",),
    "",
)

PASTED["autoencoder functional"] = Pasted(
    """
code_size = 32
picture = keras.Input(shape=(784,))
code = layers.Dense(code_size, activation='relu')(picture)
out = layers.Dense(784, activation='sigmoid')(code)
whole = keras.Model(picture, out)
encoder = keras.Model(picture, code)
some_code = keras.Input(shape=(code_size,))
decoder_layer = whole.layers[-1]
decoder = keras.Model(some_code, decoder_layer(some_code))
whole.compile(optimizer='adam', loss='binary_crossentropy')
(digits, _), (held_data, _) = mnist.load_data()
digits = digits.astype('float32') / 255.
held_data = held_data.astype('float32') / 255.
digits = digits.reshape((len(digits), np.prod(digits.shape[1:])))
held_data = held_data.reshape((len(held_data), np.prod(held_data.shape[1:])))
whole.fit(digits, digits, epochs=12, batch_size=200, shuffle=True, validation_data=(held_data, held_data))
codes = encoder.predict(held_data)
drawn = decoder.predict(codes)
shown = 6
plt.figure()
for i in range(shown):
    plt.subplot(1, shown, i + 1)
    plt.imshow(held_data[i].reshape(28, 28))
plt.show()
""",
    "Dense Dense",
    "small digits",
    ("The program loads mnist",),
    "made flat: 784",
)

PASTED["iris"] = Pasted(
    """
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler, OneHotEncoder
iris = load_iris()
X = iris.data
y = iris.target.reshape(-1, 1)
encoder = OneHotEncoder(sparse=False)
y = encoder.fit_transform(y)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
model = Sequential()
model.add(Dense(10, input_dim=4, activation='relu'))
model.add(Dense(3, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer=Adam(learning_rate=0.01), metrics=['accuracy'])
history = model.fit(X_train, y_train, epochs=100, batch_size=8, verbose=0, validation_split=0.1)
y_pred = np.argmax(model.predict(X_test), axis=-1)
print(classification_report(np.argmax(y_test, axis=1), y_pred))
""",
    "Dense Dense",
    "four",
    ("load_iris is not run",),
    "rows of zeros and a one",
)

PASTED["callbacks"] = Pasted(
    """
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, LearningRateScheduler
model = Sequential([Dense(64, activation='relu', input_shape=(X_train.shape[1],)), BatchNormalization(), Dropout(0.3), Dense(1)])
model.compile(optimizer=tf.keras.optimizers.RMSprop(0.001), loss='mse', metrics=['mae', 'mse'])
def scheduler(epoch, lr):
    if epoch < 10:
        return lr
    return lr * tf.math.exp(-0.1)
cb = [EarlyStopping(monitor='val_loss', patience=5, restore_best_weights=True), ModelCheckpoint('best.h5', save_best_only=True), LearningRateScheduler(scheduler)]
history = model.fit(X_train, y_train, epochs=100, validation_split=0.2, callbacks=cb, verbose=1)
hist = pd.DataFrame(history.history)
hist['epoch'] = history.epoch
hist.tail()
""",
    "Dense BatchNormalization Dropout Dense",
    "circle",
    ("LearningRateScheduler is left out", "ModelCheckpoint is left out"),
    "",
)

PASTED["seq2seq"] = Pasted(
    """
units = 256
encoder_inputs = Input(shape=(None, num_encoder_tokens))
first = LSTM(units, return_state=True)
encoder_outputs, state_h, state_c = first(encoder_inputs)
memory = [state_h, state_c]
decoder_inputs = Input(shape=(None, num_decoder_tokens))
second = LSTM(units, return_sequences=True, return_state=True)
decoder_outputs, _, _ = second(decoder_inputs, initial_state=memory)
last = Dense(num_decoder_tokens, activation='softmax')
decoder_outputs = last(decoder_outputs)
model = Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(optimizer='rmsprop', loss='categorical_crossentropy')
model.fit([encoder_input_data, decoder_input_data], decoder_target_data, batch_size=64, epochs=10, validation_split=0.2)
""",
    "LSTM LSTM Dense",
    "circle",
    ("num_encoder_tokens is not told: 30",),
    "Random numbers",
)

PASTED["custom loop"] = Pasted(
    """
model = tf.keras.Sequential([tf.keras.layers.Dense(10, input_shape=(4,)), tf.keras.layers.Dense(3)])
optimizer = tf.keras.optimizers.Adam()
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = loss_fn(y, logits)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss
for epoch in range(10):
    for x, y in dataset:
        loss = train_step(x, y)
    print(f"Epoch {epoch}: {loss.numpy():.4f}")
""",
    "Dense Dense",
    "four",
    ("Adam and the loss SparseCategoricalCrossentropy are assumed", "This loop is left out"),
    "",
)

PASTED["siamese"] = Pasted(
    """
def tower(input_shape):
    inp = Input(shape=input_shape)
    x = Flatten()(inp)
    x = Dense(128, activation='relu')(x)
    x = Dropout(0.1)(x)
    x = Dense(64, activation='relu')(x)
    return Model(inp, x)
shared = tower((28, 28))
a = Input(shape=(28, 28))
b = Input(shape=(28, 28))
pa = shared(a)
pb = shared(b)
d = Subtract()([pa, pb])
out = Dense(1, activation='sigmoid')(d)
siamese = Model([a, b], out)
siamese.compile(loss='binary_crossentropy', optimizer='rmsprop')
siamese.fit([pairs[:, 0], pairs[:, 1]], labels, epochs=10)
""",
    "Functional Functional Subtract Dense",
    "circle",
    ("pairs, labels",),
    "Random numbers",
)

PASTED["stock"] = Pasted(
    """
df = pd.read_csv('prices.csv')
data = df[['close']].values
scaler = MinMaxScaler(feature_range=(0,1))
scaled = scaler.fit_transform(data)
count = math.ceil(len(data) * .8)
train_data = scaled[0:count, :]
x_train = []
y_train = []
for i in range(60, len(train_data)):
    x_train.append(train_data[i-60:i, 0])
    y_train.append(train_data[i, 0])
x_train, y_train = np.array(x_train), np.array(y_train)
x_train = np.reshape(x_train, (x_train.shape[0], x_train.shape[1], 1))
model = Sequential()
model.add(LSTM(8, return_sequences=True, input_shape=(x_train.shape[1], 1)))
model.add(LSTM(8, return_sequences=False))
model.add(Dense(25))
model.add(Dense(1))
model.compile(optimizer='adam', loss='mean_squared_error')
model.fit(x_train, y_train, batch_size=1, epochs=1)
rmse = np.sqrt(np.mean(((predictions - y_test) ** 2)))
""",
    "LSTM LSTM Dense Dense",
    "sine",
    ("read_csv is not run", "This loop is left out"),
    "",
)

PASTED["jupyter"] = Pasted(
    """
In [1]: import tensorflow as tf
In [2]: model = tf.keras.Sequential([
   ...:     tf.keras.layers.Dense(8, activation="relu", input_shape=(2,)),
   ...:     tf.keras.layers.Dense(1, activation="sigmoid")])
In [3]: model.compile(loss="binary_crossentropy", optimizer=tf.keras.optimizers.SGD(learning_rate=0.1), metrics=["accuracy"])
In [4]: %time model.fit(X, y, epochs=100, verbose=0)
!pip install keras
""",
    "Dense Dense",
    "circle",
    (),
    "",
)

PASTED["tf.data"] = Pasted(
    """
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.cifar10.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0
train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(10000).batch(32)
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(32)
model = tf.keras.models.Sequential([
  tf.keras.layers.Input((32,32,3)),
  tf.keras.layers.Rescaling(1./255),
  tf.keras.layers.Conv2D(32, 3, padding='same', activation='relu'),
  tf.keras.layers.MaxPooling2D(),
  tf.keras.layers.Flatten(),
  tf.keras.layers.Dense(10)
])
model.compile(optimizer='adam', loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
model.fit(train_ds, validation_data=test_ds, epochs=5)
""",
    "Conv2D MaxPooling2D Flatten Dense",
    "",
    ("The program loads cifar10", "Rescaling is left out"),
    "",
)

PASTED["generator"] = Pasted(
    """
changed = ImageDataGenerator(rescale=1./255, zoom_range=0.2, horizontal_flip=True)
training_data = changed.flow_from_directory('pictures/train', target_size=(64, 64), batch_size=32, class_mode='binary')
net = tf.keras.models.Sequential()
net.add(tf.keras.layers.Conv2D(filters=32, kernel_size=3, activation='relu', input_shape=[64, 64, 3]))
net.add(tf.keras.layers.MaxPool2D(pool_size=2, strides=2))
net.add(tf.keras.layers.Flatten())
net.add(tf.keras.layers.Dense(units=128, activation='relu'))
net.add(tf.keras.layers.Dense(units=1, activation='sigmoid'))
net.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
net.fit(x=training_data, validation_data=test_data, epochs=25)
import numpy as np
from keras.preprocessing import image
mine = image.load_img('mine.jpg', target_size=(64, 64))
mine = image.img_to_array(mine)
mine = np.expand_dims(mine, axis=0)
said = net.predict(mine)
if said[0][0] == 1:
    animal = 'dog'
else:
    animal = 'cat'
print(animal)
""",
    "Conv2D MaxPooling2D Flatten Dense Dense",
    "",
    ("This if is left out",),
    "",
)

PASTED["gan part"] = Pasted(
    """
generator = Sequential([
    Dense(128, input_dim=100), LeakyReLU(0.2),
    Dense(784, activation='tanh'), Reshape((28, 28, 1))])
discriminator = Sequential([Flatten(input_shape=(28,28,1)), Dense(128), LeakyReLU(0.2), Dense(1, activation='sigmoid')])
discriminator.compile(loss='binary_crossentropy', optimizer=Adam(0.0002, 0.5), metrics=['accuracy'])
discriminator.trainable = False
gan = Sequential([generator, discriminator])
gan.compile(loss='binary_crossentropy', optimizer=Adam(0.0002, 0.5))
for epoch in range(100):
    noise = np.random.normal(0, 1, (32, 100))
    g_loss = gan.train_on_batch(noise, np.ones((32, 1)))
""",
    "Sequential Sequential",
    "",
    ("train_on_batch is left out",),
    "",
)

PASTED["pdf damage"] = Pasted(
    """
model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation=’relu’, input shape=(28, 28, 1)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation=’relu’))
model.add(layers.Flatten())
model.add(layers.Dense(64, activation=’relu’))
model.add(layers.Dense(10, activation=’softmax’))
model.compile(optimizer=’adam’,
loss=’sparse categorical crossentropy’,
metrics=[’accuracy’])
Page 12
model.fit(train images, train labels, epochs=5, batch size=64)
""",
    "Conv2D MaxPooling2D Conv2D Flatten Dense Dense",
    "small digits",
    ("Page numbers left out",),
    "",
)

PASTED["imdb"] = Pasted(
    """
from keras.datasets import imdb
from keras.preprocessing import sequence
vocabulary = 5000
longest = 200
(x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=vocabulary)
print(len(x_train), 'train sequences')
x_train = sequence.pad_sequences(x_train, maxlen=longest)
x_test = sequence.pad_sequences(x_test, maxlen=longest)
model = Sequential()
model.add(Embedding(vocabulary, 32))
model.add(SimpleRNN(32))
model.add(Dense(1, activation='sigmoid'))
model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['acc'])
history = model.fit(x_train, y_train, epochs=10, batch_size=128, validation_split=0.2)
learned = history.history['acc']
held = history.history['val_acc']
epochs = range(1, len(learned) + 1)
plt.plot(epochs, learned, 'r.', label='Training acc')
plt.plot(epochs, held, 'k', label='Validation acc')
plt.title('How it learned')
plt.legend()
plt.show()
""",
    "Embedding SimpleRNN Dense",
    "",
    ("The program loads imdb",),
    "",
)

PASTED["subclass"] = Pasted(
    """
class MyModel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d1 = Dense(128, activation='relu')
    def call(self, x):
        return self.d1(x)
model = MyModel()
model.compile('adam', 'mse')
""",
    refused=((2, "Classes of your own are not read", "Write the network with Sequential"),),
)

PASTED["lambda vae"] = Pasted(
    """
inputs = Input(shape=(784,))
h = Dense(256, activation='relu')(inputs)
z_mean = Dense(2)(h)
z_log_var = Dense(2)(h)
def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(K.shape(z_mean)[0], 2))
    return z_mean + K.exp(0.5 * z_log_var) * epsilon
z = Lambda(sampling)([z_mean, z_log_var])
out = Dense(784, activation='sigmoid')(z)
vae = Model(inputs, out)
vae.compile(optimizer='adam', loss='binary_crossentropy')
""",
    refused=((10, "The layer Lambda is not here", "A function of your own cannot be read"),),
)

PASTED["pytorch"] = Pasted(
    """
import torch
import torch.nn as nn
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
""",
    refused=(
        (2, "torch is another framework", "Paste a program that uses keras"),
        (3, "torch.nn is another framework", ""),
    ),
)

PASTED["typo"] = Pasted(
    """
model = Sequential()
model.add(Dens(10, activaton='relu', input_shape=(4,)))
model.add(Dense(3, activation='sofmax'))
model.compile(optimizer='adamm', loss='categorical_crosentropy')
""",
    refused=(
        (3, "Did you mean 'Dense'?", ""),
        (4, "Did you mean 'softmax'?", ""),
        (5, "Did you mean 'adam'?", ""),
    ),
)
