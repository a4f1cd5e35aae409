"""What is looked at in a network: computed here, so that the window computes nothing."""
