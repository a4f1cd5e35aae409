"""The layers, by the names that Keras gives them."""
