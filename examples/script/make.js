/** node make.js "a cat on a red background" cat.png */
import { writeFile } from 'node:fs/promises';
import { Darkroom, isDarkroomError } from 'darkroom-client';

const [prompt = 'a cat on a red background', file = 'cat.png'] = process.argv.slice(2);
const darkroom = new Darkroom({ url: process.env.DARKROOM_URL ?? 'http://127.0.0.1:8787' });

try {
  const handle = darkroom.generate({ prompt });
  for await (const { status, progress } of handle) console.log(status, `${progress.step}/${progress.steps}`);
  const { images, report } = await handle;
  for (const { word, suggestions } of report.unknownWords) {
    console.warn(`It was never taught "${word}"; it knows ${suggestions.join(', ')}`);
  }
  await writeFile(file, (await darkroom.download(images[0].url)).stream());

  const { nodes } = await darkroom.similar({ latentKey: images[0].latent.key }, { space: 'PROMPT', first: 3 });
  for (const { similarity, latent } of nodes) console.log(similarity.toFixed(3), latent.generation?.prompt);
} catch (error) {
  if (!isDarkroomError(error)) throw error;
  console.error(`${error.kind}: ${error.message}`);
  process.exitCode = 1;
}
