-- What a latent's picture is by IPTC's vocabulary of digital source types; null where that was not noted when it was made.
ALTER TABLE latents ADD COLUMN source_type TEXT;

-- Of those before, only this is certain: what a generation made of words and noise alone.
UPDATE latents SET source_type = 'trainedAlgorithmicMedia' WHERE EXISTS (
  SELECT 1 FROM uses JOIN generations ON generations.id = uses.generation_id
  WHERE uses.key = latents.key AND uses.role = 'IMAGE' AND json_extract(generations.state, '$.parameters.start') IS NULL
);
