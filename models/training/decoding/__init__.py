"""The decoder's second training, on latents as the UNet leaves them."""
