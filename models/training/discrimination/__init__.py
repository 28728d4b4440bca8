"""The discriminator: does a picture look like the data? With the pictures that do not, and how well it tells."""
