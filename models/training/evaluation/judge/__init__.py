"""A small classifier that names the thing in a picture, or says that it is none: it had no part in training."""
