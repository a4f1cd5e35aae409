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

PASTED["notebook with a saved model"] = Pasted(
    """
import tensorflow as tf
import matplotlib.pyplot as plt
(pictures, kinds), (held, held_kinds) = tf.keras.datasets.fashion_mnist.load_data()
pictures.shape
plt.imshow(pictures[0])
pictures, held = pictures / 255.0, held / 255.0
net = tf.keras.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(40, activation=tf.nn.relu),
    tf.keras.layers.Dense(10, activation=tf.nn.softmax),
])
net.compile(optimizer=tf.optimizers.Adam(), loss=tf.losses.SparseCategoricalCrossentropy(), metrics=['accuracy'])
net.fit(pictures, kinds, epochs=3)
net.save('kinds.keras')
again = tf.keras.models.load_model('kinds.keras')
best = lambda row: row.argmax()
while True:
    break
""",
    "Flatten Dense Dense",
    "small digits",
    (
        "The program loads fashion_mnist",
        "A saved model cannot be read from source.",
        "This line comes after the training and is left out: Functions of your own are not read.",
        "This line comes after the training and is left out: while is not read.",
    ),
    "",
)

PASTED["constraints and decay"] = Pasted(
    """
from keras.constraints import max_norm
from keras.utils import np_utils
y_train = np_utils.to_categorical(y_train)
kinds = y_train.shape[1]
model = Sequential()
model.add(Conv2D(6, (3, 3), input_shape=X_train.shape[1:], padding='same', kernel_constraint=max_norm(2)))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(kinds, activation='softmax'))
passes, speed = 4, 0.02
model.compile(loss='categorical_crossentropy', optimizer=SGD(lr=speed, momentum=0.8, decay=speed / passes), metrics=['accuracy'])
model.fit(X_train, y_train, epochs=passes, batch_size=20)
""",
    "Conv2D MaxPooling2D Flatten Dense",
    "small digits",
    ("kernel_constraint is left out", "lr is called learning_rate", "decay is left out"),
    "rows of zeros and a one",
)

PASTED["pictures from folders"] = Pasted(
    """
maker = ImageDataGenerator(rescale=1./255, validation_split=0.25)
part = maker.flow_from_directory('leaves', target_size=(28, 28), color_mode='grayscale', subset='training')
rest = maker.flow_from_directory('leaves', target_size=(28, 28), color_mode='grayscale', subset='validation')
net = models.Sequential()
net.add(layers.Conv2D(4, (3, 3), activation='relu', input_shape=(28, 28, 1)))
net.add(layers.Flatten())
net.add(layers.Dense(part.num_classes, activation='softmax'))
net.compile(loss='categorical_crossentropy', optimizer=optimizers.RMSprop(learning_rate=1e-3), metrics=['acc'])
learned = net.fit_generator(part, steps_per_epoch=80, epochs=6, validation_data=rest, validation_steps=20)
plt.plot(range(6), learned.history['val_acc'])
""",
    "Conv2D Flatten Dense",
    "small digits",
    (
        "num_classes is not told: 10 is taken",
        "steps_per_epoch is left out: an epoch goes through all data once",
        "validation_steps is left out: all held-out data are looked at",
    ),
    "rows of zeros and a one",
)

PASTED["two models"] = Pasted(
    """
small = Sequential([Dense(4, activation='relu', input_shape=(2,)), Dense(1, activation='sigmoid')])
small.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
one = small.fit(X_train, y_train, epochs=3, validation_data=(X_test, y_test))
large = Sequential([Dense(9, activation='relu', input_shape=(2,)), Dense(9, activation='relu'), Dense(1, activation='sigmoid')])
large.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
two = large.fit(X_train, y_train, epochs=3, validation_data=(X_test, y_test))
plt.plot(one.history['val_loss']); plt.plot(two.history['val_loss'])
""",
    "Dense Dense Dense",
    "circle",
    ("The program trains 2 networks: the last, sequential_1, is taken.",),
    "",
)

PASTED["a function that builds"] = Pasted(
    """
def build(width=8, depth=2, share=0.25):
    net = keras.Sequential()
    net.add(layers.Input(shape=(4,)))
    for number in range(depth):
        net.add(layers.Dense(width, activation='relu', name=f'inner_{number}'))
        if share > 0:
            net.add(layers.Dropout(share))
    net.add(layers.Dense(3, activation='softmax'))
    return net
net = build(width=6, depth=3, share=0.0)
net.compile(keras.optimizers.Adam(3e-3), keras.losses.CategoricalCrossentropy(), [keras.metrics.CategoricalAccuracy(name='right')])
rows = keras.utils.to_categorical(y, 3)
net.fit(X, rows, validation_split=0.2, epochs=5, callbacks=[keras.callbacks.EarlyStopping(patience=2)])
""",
    "Dense Dense Dense Dense",
    "four",
    ("Imports are missing: keras, layers",),
    "rows of zeros and a one",
)

PASTED["pipelines of tf.data"] = Pasted(
    """
import tensorflow_datasets as tfds
(learn, held), about = tfds.load('mnist', split=['train', 'test'], as_supervised=True, with_info=True)
def scaled(picture, digit):
  return tf.cast(picture, tf.float32) / 255., digit
learn = learn.map(scaled, num_parallel_calls=tf.data.AUTOTUNE).cache()
learn = learn.shuffle(about.splits['train'].num_examples).batch(64).prefetch(tf.data.AUTOTUNE)
held = held.map(scaled).batch(64)
net = tf.keras.Sequential([tf.keras.layers.Flatten(input_shape=(28, 28)), tf.keras.layers.Dense(10)])
net.compile(tf.keras.optimizers.Adam(0.001), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), [tf.keras.metrics.SparseCategoricalAccuracy()])
net.fit(learn, epochs=2, validation_data=held)
""",
    "Flatten Dense",
    "small digits",
    ("load is not run. Data come from the data set that you choose.",),
    "",
)

PASTED["wide and deep"] = Pasted(
    """
houses = fetch_california_housing()
X_rest, X_test, y_rest, y_test = train_test_split(houses.data, houses.target)
X_train, X_held, y_train, y_held = train_test_split(X_rest, y_rest, random_state=1)
scale = StandardScaler()
X_train = scale.fit_transform(X_train)
X_held = scale.transform(X_held)
entry = keras.layers.Input(shape=X_train.shape[1:])
deep = keras.layers.Dense(7, activation="relu")(entry)
both = keras.layers.concatenate([entry, deep])
price = keras.layers.Dense(1)(both)
net = keras.models.Model(inputs=[entry], outputs=[price])
net.compile(loss="mean_squared_error", optimizer=keras.optimizers.SGD(learning_rate=1e-3))
net.fit(X_train, y_train, epochs=4, validation_data=(X_held, y_held))
pd.DataFrame(net.history.history).plot()
""",
    "Dense Concatenate Dense",
    "circle",
    ("X_train, y_train, X_held, y_held",),
    "",
)

PASTED["two outputs with weights"] = Pasted(
    """
left = keras.layers.Input(shape=[1], name="left")
right = keras.layers.Input(shape=[1], name="right")
deep = keras.layers.Dense(5, activation="relu")(right)
joined = keras.layers.concatenate([left, deep])
main = keras.layers.Dense(1, activation="sigmoid", name="main")(joined)
early = keras.layers.Dense(1, activation="sigmoid", name="early")(deep)
net = keras.models.Model(inputs=[left, right], outputs=[main, early])
net.compile(loss=["binary_crossentropy", "binary_crossentropy"], loss_weights=[0.8, 0.2], optimizer="sgd", metrics=["accuracy"])
net.fit([X_left, X_right], [y_train, y_train], epochs=3, validation_data=([V_left, V_right], [y_val, y_val]))
""",
    "Dense Concatenate Dense Dense",
    "circle",
    ("Each of the 2 outputs gets all of these metrics.",),
    "Each of the 2 outputs gets the same targets.",
)

PASTED["letters of a file"] = Pasted(
    """
words = open('stories.txt', encoding='utf8').read().lower()
letters = sorted(set(words))
number_of = dict((letter, n) for n, letter in enumerate(letters))
window, jump = 12, 4
parts, nexts = [], []
for start in range(0, len(words) - window, jump):
    parts.append(words[start: start + window])
    nexts.append(words[start + window])
x = np.zeros((len(parts), window, len(letters)), dtype=bool)
y = np.zeros((len(parts), len(letters)), dtype=bool)
for n, part in enumerate(parts):
    for place, letter in enumerate(part):
        x[n, place, number_of[letter]] = 1
    y[n, number_of[nexts[n]]] = 1
net = Sequential()
net.add(LSTM(5, input_shape=(window, len(letters))))
net.add(Dense(len(letters), activation='softmax'))
net.compile(loss='categorical_crossentropy', optimizer=RMSprop(learning_rate=0.01))
net.fit(x, y, batch_size=64, epochs=1)
""",
    "LSTM Dense",
    "",
    (
        "The file is not opened. Data come from the data set that you choose.",
        "This loop is left out",
        "num_classes is not told: 10 is taken",
    ),
    "",
)

PASTED["slides"] = Pasted(
    """
Networks for pictures in Keras
• The layers come from the library
from keras. models import Sequential
from keras. layers import Dense , Conv2D , Flatten
• Now the network
net = Sequential ()
net . add ( Conv2D (6 , kernel size =3 , activation = ’ relu ’ , input shape =(28 ,28 ,1)))
net . add ( Flatten ())
net . add ( Dense (10 , activation = ’ softmax ’))
• And its training
net . compile ( optimizer = ’ adam ’, loss = ’ categorical crossentropy ’, metrics =[ ’ accuracy ’])
net . fit ( X train , y train , validation data =( X test , y test ) , epochs =3)
8/31
""",
    "Conv2D Flatten Dense",
    "small digits",
    ("Words between the code taken as a comment", "Page numbers left out"),
    "rows of zeros and a one",
)

PASTED["words by their numbers"] = Pasted(
    """
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences
numbers = Tokenizer(num_words=500, oov_token="?")
numbers.fit_on_texts(train_sentences)
rows = pad_sequences(numbers.texts_to_sequences(train_sentences), maxlen=12, padding='post')
net = tf.keras.Sequential([
    tf.keras.layers.Embedding(500, 8, input_length=12),
    tf.keras.layers.GlobalAveragePooling1D(),
    tf.keras.layers.Dense(1, activation='sigmoid')])
net.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
net.fit(rows, train_labels, epochs=5, verbose=2)
""",
    "Embedding GlobalAveragePooling1D Dense",
    "",
    ("rows, train_labels: the data set that you choose stands for them.",),
    "",
)

PASTED["a generator of batches"] = Pasted(
    """
def batches(count=16):
    while True:
        x = np.random.normal(size=(count, 2))
        y = x.sum(axis=1) > 0
        yield x, y
net = keras.Sequential([layers.Dense(5, activation="relu", input_shape=(2,)), layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy")
net.fit(batches(), steps_per_epoch=30, epochs=2)
""",
    "Dense Dense",
    "circle",
    ("batches is not run: the data set that you choose stands for what it yields.",),
    "",
)

PASTED["residual blocks"] = Pasted(
    """
def block(x, maps):
    kept = x
    x = Conv2D(maps, 3, padding='same', activation='relu')(x)
    x = BatchNormalization()(x)
    x = Conv2D(maps, 3, padding='same')(x)
    return Activation('relu')(Add()([kept, x]))
entry = Input((28, 28, 1))
x = Conv2D(3, 3, strides=4, padding='same')(entry)
for _ in range(2):
    x = block(x, 3)
out = Dense(10, activation='softmax')(GlobalAveragePooling2D()(x))
net = Model(entry, out)
net.compile('adam', 'sparse_categorical_crossentropy', ['accuracy'])
net.fit(x_train, y_train, batch_size=16, epochs=2)
""",
    "Conv2D Conv2D BatchNormalization Conv2D Add Activation Conv2D BatchNormalization Conv2D Add "
    "Activation GlobalAveragePooling2D Dense",
    "small digits",
    ("Imports are missing",),
    "",
)

PASTED["windows of a wave"] = Pasted(
    """
t = np.linspace(0, 60, 300)
wave = np.sin(t) + 0.1 * np.random.randn(300)
def cut(values, back=10):
    x, y = [], []
    for i in range(len(values) - back):
        x.append(values[i:i + back])
        y.append(values[i + back])
    return np.array(x), np.array(y)
x, y = cut(wave)
x = x.reshape(x.shape[0], x.shape[1], 1)
border = int(0.8 * len(x))
net = Sequential([GRU(4, input_shape=(10, 1)), Dense(1)])
net.compile('adam', 'mse')
net.fit(x[:border], y[:border], epochs=2, validation_data=(x[border:], y[border:]))
""",
    "GRU Dense",
    "",
    (),
    "",
)

PASTED["a table and class weights"] = Pasted(
    """
table = pd.read_csv("people.csv").drop(columns=["name"])
table["age"].fillna(table["age"].mean(), inplace=True)
X = table.drop("left", axis=1).values
y = table["left"].values
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y)
net = Sequential([Dense(6, activation="relu", input_shape=(X_train.shape[1],)), Dropout(0.4), Dense(1, activation="sigmoid")])
net.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", "AUC"])
net.fit(X_train, y_train, epochs=6, validation_split=0.1, class_weight={0: 1.0, 1: 2.0})
said = (net.predict(X_test) > 0.5).astype(int)
print(confusion_matrix(y_test, said))
""",
    "Dense Dropout Dense",
    "circle",
    ("read_csv is not run",),
    "",
)

PASTED["a loss of one's own"] = Pasted(
    """
def root(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true)))
net = Sequential([Dense(4, input_shape=(3,)), Dense(1)])
net.compile(optimizer='adam', loss=root, metrics=['mae', root])
net.fit(X, y, epochs=3)
""",
    refused=(
        (
            5,
            "root is a function of the program’s own: it is not run, and its slope is not known.",
            'Use a loss by its name, such as loss="mse".',
        ),
    ),
)

PASTED["by hand with a tape"] = Pasted(
    """
W = tf.Variable(tf.random.normal([2, 1]))
step = tf.optimizers.SGD(0.1)
for _ in range(50):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((tf.matmul(X, W) - y) ** 2)
    step.apply_gradients(zip(tape.gradient(loss, [W]), [W]))
""",
    refused=((1, "No network is made in this text.", "Paste the lines with the layers"),),
)

PASTED["a file alone"] = Pasted(
    """
net = keras.models.load_model('yesterday.keras')
net.evaluate(x_test, y_test)
""",
    refused=(
        (2, "A saved model cannot be read from source.", "Write its layers, or open its file"),
    ),
)

PASTED["another network of Keras"] = Pasted(
    """
base = tf.keras.applications.ResNet50(include_top=False, input_shape=(96, 96, 3))
base.trainable = False
net = tf.keras.Sequential([base, tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(4)])
net.compile('adam', 'mse')
""",
    refused=((2, "ResNet50 is not here.", "Use VGG16, or write the layers."),),
)
