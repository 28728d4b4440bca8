-- Where a latent's blobs are. They are named by what they hold, not by the key: two who make the same latent at once
-- must not write over each other, and the row decides whose stays. Until now the key was the name.
ALTER TABLE latents ADD COLUMN latent_blob TEXT NOT NULL DEFAULT '';
ALTER TABLE latents ADD COLUMN pixels_blob TEXT NOT NULL DEFAULT '';
UPDATE latents SET
  latent_blob = 'latents/' || key || '.safetensors',
  pixels_blob = 'pixels/' || key || '.safetensors';
