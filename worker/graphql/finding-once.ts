import type { Services } from '../../schema/context.ts';
import type { LaboratoryService } from '../../schema/laboratory-service.ts';
import { findingTogether } from './finding-together.ts';

/**
 * The same services for one response, in which each generation, contact sheet, latent and checkpoint is looked up once, however many
 * ways lead to it: from images to latents to generations to images they go round in circles. Latents that are wanted at
 * the same moment are looked up together. It also makes a response agree with itself about a generation that goes on
 * meanwhile.
 */
export function findingOnce(services: Services): Services {
  const { checkpoints, generations, contactSheets, latents } = services;
  const states = new Once(findingTogether(ids => generations.findMany(ids)));
  const sheets = new Once((id: string) => contactSheets.find(id));
  const stored = new Once(findingTogether(keys => latents.findMany(keys)));
  const pictured = new Once(async (key: string) => latents.image((await stored.get(key))!));
  const named = new Once((name: string | null) => checkpoints.find(name));
  const cards = new Once((digest: string) => checkpoints.findByDigest(digest));
  const listed = new Once(() => checkpoints.list());
  const loaded = new Once(() => checkpoints.loaded());
  // The mutations of a request run one after the other: what was found before may be over.
  const forgetStates = () => {
    states.forget();
    sheets.forget();
  };
  return {
    ...services,
    laboratory: forgetful(services.laboratory, () => {
      stored.forget();
      pictured.forget();
    }),
    checkpoints: {
      list: () => listed.get(null),
      find: name => named.get(name),
      findByDigest: digest => cards.get(digest),
      loaded: () => loaded.get(null),
      defaultName: checkpoints.defaultName,
    },
    generations: {
      async create(request) {
        forgetStates();
        return generations.create(request);
      },
      takesWebhooks: generations.takesWebhooks,
      webhookIssue: address => generations.webhookIssue(address),
      find: id => states.get(id),
      findMany: ids => known(ids, id => states.get(id)),
      async cancel(id) {
        forgetStates();
        return generations.cancel(id);
      },
      // Never remembered: it is asked to hear of what is new.
      watch: (id, seen) => generations.watch(id, seen),
      async delete(id) {
        forgetStates();
        stored.forget();
        return generations.delete(id);
      },
      isId: text => generations.isId(text),
      wait: (id, milliseconds) => generations.wait(id, milliseconds),
      async list(page) {
        const found = await generations.list(page);
        for (const generation of found) states.know(generation.id, generation);
        return found;
      },
      count: status => generations.count(status),
    },
    contactSheets: {
      async create(request) {
        forgetStates();
        return contactSheets.create(request);
      },
      find: id => sheets.get(id),
      async cancel(id) {
        forgetStates();
        return contactSheets.cancel(id);
      },
      async delete(id) {
        forgetStates();
        stored.forget();
        return contactSheets.delete(id);
      },
      wait: (id, milliseconds) => contactSheets.wait(id, milliseconds),
    },
    latents: {
      find: key => stored.get(key),
      findMany: keys => known(keys, key => stored.get(key)),
      async list(page) {
        const found = await latents.list(page);
        for (const latent of found) stored.know(latent.key, latent);
        return found;
      },
      count: checkpointDigest => latents.count(checkpointDigest),
      async delete(key) {
        stored.forget();
        pictured.forget();
        return latents.delete(key);
      },
      url: key => latents.url(key),
      image(latent) {
        stored.know(latent.key, latent);
        return pictured.get(latent.key);
      },
    },
  };
}

/** The laboratory makes latents: after whatever it does, what was looked for in vain may be there. */
function forgetful(laboratory: LaboratoryService, forget: () => void): LaboratoryService {
  const after = async <Value>(made: Promise<Value>) => {
    try {
      return await made;
    } finally {
      forget();
    }
  };
  return {
    read: (...given) => after(laboratory.read(...given)),
    readPicture: (...given) => after(laboratory.readPicture(...given)),
    encode: (...given) => after(laboratory.encode(...given)),
    reconstruct: (...given) => after(laboratory.reconstruct(...given)),
    compress: (...given) => after(laboratory.compress(...given)),
    interpolate: (...given) => after(laboratory.interpolate(...given)),
    randomPixels: (...given) => laboratory.randomPixels(...given),
    randomLatent: (...given) => after(laboratory.randomLatent(...given)),
    randomPrompt: (...given) => laboratory.randomPrompt(...given),
    discriminate: (...given) => after(laboratory.discriminate(...given)),
    likeness: (...given) => laboratory.likeness(...given),
    embed: (...given) => after(laboratory.embed(...given)),
  };
}

async function known<Value>(
  keys: readonly string[],
  find: (key: string) => Promise<Value | null>,
): Promise<ReadonlyMap<string, Value>> {
  const values = await Promise.all(keys.map(find));
  const found = new Map<string, Value>();
  for (const [i, value] of values.entries()) if (value !== null) found.set(keys[i]!, value);
  return found;
}

/** Answers of a lookup, failures too: what fails once would fail for every way that leads there. */
class Once<Key, Value> {
  readonly #look: (key: Key) => Promise<Value>;
  readonly #answers = new Map<Key, Promise<Value>>();

  constructor(look: (key: Key) => Promise<Value>) {
    this.#look = look;
  }

  get(key: Key): Promise<Value> {
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = this.#look(key);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  know(key: Key, value: Value): void {
    if (!this.#answers.has(key)) this.#answers.set(key, Promise.resolve(value));
  }

  forget(): void {
    this.#answers.clear();
  }
}
