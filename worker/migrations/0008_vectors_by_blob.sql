-- Where a latent's vectors are. As with its other blobs, their name is their own: until now it was the key, and who deleted
-- those of one that was gone might delete what somebody else had just put. Empty where there are none.
ALTER TABLE latents ADD COLUMN vectors_blob TEXT NOT NULL DEFAULT '';
UPDATE latents SET vectors_blob = 'vectors/latents/' || key || '.safetensors';

CREATE INDEX latents_by_vectors ON latents (vectors_blob);
