"""The preview: small pictures of latents on their way, made without a network."""
