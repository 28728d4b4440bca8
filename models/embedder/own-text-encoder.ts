import type { Checkpoint } from '../checkpoint/folder.ts';

/**
 * An embedder reads the states of the text encoder it was trained beside; of another one they mean something else, and
 * nothing would look wrong. Its config says which one that was: `text_encoder`, the SHA-256 of the weight file.
 * @throws CheckpointError when the folder has another one. A config that does not say is believed.
 */
export async function expectOwnTextEncoder({ files, embedder, texts }: Checkpoint): Promise<void> {
  const trainedBeside = embedder?.config.value('text_encoder');
  if (!embedder || trainedBeside === undefined) return;
  const { file } = texts[0]!.encoder.weights;
  const found = await files.sha256(file);
  if (trainedBeside === found) return;
  throw embedder.config.error(
    'text_encoder',
    `"${found}", the digest of ${file} (train the embedder again)`,
    trainedBeside,
  );
}
