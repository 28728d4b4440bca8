import { command } from '../command.ts';
import { table } from '../table.ts';

export const checkpoints = command({
  name: 'checkpoints',
  places: [],
  summary: 'lists the models that the server has',
  example: 'darkroom checkpoints',
  options: {},
  async run({ darkroom, signal }) {
    const found = await (await darkroom()).checkpoints({ signal });
    const rows = found.map(({ name, default: isDefault, parameterCount, defaults, discriminator, spaces, digest }) => [
      `${name}${isDefault ? ' (default)' : ''}`,
      `${(parameterCount / 1e6).toFixed(1)} M`,
      `${defaults.width}x${defaults.height}`,
      defaults.steps,
      defaults.scheduler,
      spaces.join(' ').toLowerCase(),
      discriminator ? 'yes' : 'no',
      digest.slice(0, 12),
    ]);
    const heads = ['name', 'parameters', 'size', 'steps', 'scheduler', 'spaces', 'discriminator', 'digest'];
    return { text: table(heads, rows), json: found };
  },
});
