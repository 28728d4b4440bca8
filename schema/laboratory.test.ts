import { describe, expect, it } from 'vitest';
import { ask } from './testing/ask.ts';
import { memoryServices, plainCard, testCard } from './testing/services.ts';

const full = {
  ...testCard,
  discriminator: true,
  realFrom: 0.5,
  embedder: true,
  embedding: { size: 256, logitScale: 10 },
};
const services = () => memoryServices([full, plainCard]);
const error = '... on Error { code message } ... on InputError { issues { path message } }';
const image = '{ data: "a picture" }';
const key = 'a'.repeat(64);

async function mutate(field: string, selection: string, of = services()) {
  const { data, errors } = await ask(of, `mutation { made: ${field} { __typename ${selection} ${error} } }`);
  expect(errors).toBeUndefined();
  return data.made;
}

describe('encodeImage', () => {
  it('answers with the latent, of a picture or of a latent', async () => {
    const of = services();
    const made = await mutate(
      `encodeImage(input: { image: ${image} })`,
      '... on EncodeImageSuccess { latent { key } }',
      of,
    );
    expect(made).toEqual({ __typename: 'EncodeImageSuccess', latent: { key } });
    await mutate('encodeImage(input: { image: { data: "latent" } })', '', of);
    expect(of.asked).toEqual(['read for shipped', 'encode PICTURE', 'read for shipped', 'encode LATENT'].slice(0, 4));
  });

  it('says where what is wrong with the image is', async () => {
    expect(await mutate('encodeImage(input: { image: { data: "broken" } })', '')).toMatchObject({
      code: 'INPUT_INVALID',
      issues: [{ path: ['input', 'image', 'data'], message: 'broken' }],
    });
  });

  it('is done by the checkpoint that is named', async () => {
    const of = services();
    await mutate(`encodeImage(input: { image: ${image}, checkpoint: "plain" })`, '', of);
    expect(of.asked).toContain('read for plain');
    const unknown = await mutate(`encodeImage(input: { image: ${image}, checkpoint: "none" })`, '', of);
    expect(unknown).toMatchObject({ __typename: 'RequestError', code: 'NOT_FOUND' });
  });

  it('looks at only so many pictures a request', async () => {
    const { data, errors } = await ask(
      services(),
      `mutation { a: encodeImage(input: { image: ${image} }) { __typename } b: encodeImage(input: { image: ${image} }) { ${error} } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.a.__typename).toBe('EncodeImageSuccess');
    expect(data.b).toMatchObject({ code: 'TOO_COMPLEX' });
  });
});

describe('reconstruct', () => {
  it('answers with picture, latent, errors and verdict', async () => {
    const selection =
      '... on Reconstruction { image { width } latent { key } mse psnr outlierScore outlier bitsPerPixelIn bitsPerPixelLatent }';
    expect(await mutate(`reconstruct(input: { image: ${image} })`, selection)).toEqual({
      __typename: 'Reconstruction',
      image: { width: 128 },
      latent: { key },
      mse: 4,
      psnr: 42.11,
      outlierScore: 0.25,
      outlier: false,
      bitsPerPixelIn: 2,
      bitsPerPixelLatent: 4,
    });
  });

  it('refuses a latent, which has no original', async () => {
    expect(await mutate('reconstruct(input: { image: { data: "latent" } })', '')).toMatchObject({
      issues: [{ path: ['input', 'image', 'data'], message: expect.stringContaining('a picture is needed') }],
    });
  });
});

describe('compress', () => {
  it('answers with the file and its rivals', async () => {
    const of = services();
    const selection =
      '... on Compression { bytes bitsPerPixel psnr url image { id } latent { key } rivals { codec quality bytes psnr } }';
    expect(await mutate(`compress(input: { image: ${image} })`, selection, of)).toMatchObject({
      bytes: 600,
      url: 'https://darkroom.test/latents/x.dklat',
      rivals: [{ codec: 'JPEG', quality: 3, bytes: 590, psnr: 21.5 }],
    });
    expect(of.asked).toContain('compress PICTURE to 5');
  });

  it.each([1, 9, -1])('refuses %i bits before anything is read', async bits => {
    const of = services();
    expect(await mutate(`compress(input: { image: ${image}, bits: ${bits} })`, '', of)).toMatchObject({
      issues: [{ path: ['input', 'bits'], message: `bits is ${bits}: 2 to 8` }],
    });
    expect(of.asked).toEqual([]);
  });
});

describe('interpolate', () => {
  const way = (from: string, to: string, more = '') => {
    return mutate(
      `interpolate(input: { fromKey: "${from.repeat(64)}", toKey: "${to.repeat(64)}" ${more} })`,
      '... on Interpolation { images { id } }',
    );
  };

  it('answers with so many pictures', async () => {
    expect((await way('a', '1')).images).toHaveLength(5);
    expect((await way('a', '1', 'count: 64')).images).toHaveLength(64);
  });

  it.each([1, 65])('refuses %i pictures', async count => {
    expect(await way('a', '1', `count: ${count}`)).toMatchObject({ issues: [{ path: ['input', 'count'] }] });
  });

  it('refuses latents of two checkpoints, what is no key, and what is not there', async () => {
    expect(await way('a', '4')).toMatchObject({
      issues: [{ path: ['input', 'toKey'], message: 'toKey is a latent of another checkpoint than fromKey' }],
    });
    expect(await way('x', '1')).toMatchObject({ issues: [{ path: ['input', 'fromKey'] }] });
    expect(await way('f', '1')).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('randomImage', () => {
  const random = (input: string, of = services()) => {
    return mutate(
      `randomImage(input: { ${input} })`,
      '... on RandomImageSuccess { seed image { width height seed latent { key } } }',
      of,
    );
  };

  it('PIXELS was never a latent', async () => {
    expect(await random('kind: PIXELS, seed: 7, width: 64, height: 128')).toMatchObject({
      seed: 7,
      image: { width: 64, height: 128, seed: 7, latent: null },
    });
  });

  it('LATENT is the picture of one, and a seed is drawn where none is given', async () => {
    const { seed, image } = await random('kind: LATENT');
    expect(image).toMatchObject({ seed, latent: { key } });
    expect((await random('kind: LATENT')).seed).not.toBe(seed);
  });

  it('DATA is a generation of a random prompt', async () => {
    const of = services();
    of.generations.wait = async id => {
      of.generations.change(id, { images: of.generations.add().images, status: 'SUCCEEDED' });
      return of.generations.find(id);
    };
    const made = await random('kind: DATA, seed: 5', of);
    expect(made).toMatchObject({ __typename: 'RandomImageSuccess', seed: 5 });
    expect(of.generations.requests[0]).toMatchObject({
      prompt: 'a dog',
      parameters: { seed: 5, count: 1, width: 128 },
    });
  });

  it('DATA tells why there is none', async () => {
    const of = services();
    of.generations.wait = async id => {
      of.generations.change(id, {
        status: 'FAILED',
        failure: { code: 'MODEL_FAILED', message: 'NaN', stage: null, retryable: false },
      });
      return of.generations.find(id);
    };
    expect(await random('kind: DATA', of)).toMatchObject({ code: 'MODEL_FAILED', message: 'NaN' });
    expect(await random('kind: DATA, seed: 13', of)).toMatchObject({ code: 'PROMPT_REFUSED' });
    expect(await random('kind: DATA, checkpoint: "plain"', of)).toMatchObject({ code: 'UNSUPPORTED' });
    const slow = services();
    slow.generations.wait = async id => slow.generations.find(id);
    expect(await random('kind: DATA', slow)).toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });

  it('refuses sizes that no generation may have', async () => {
    expect(await random('kind: PIXELS, width: 100, height: 100000')).toMatchObject({
      issues: [{ path: ['input', 'width'] }, { path: ['input', 'height'] }],
    });
  });
});

describe('discriminate', () => {
  it('answers with a score', async () => {
    const made = await mutate(`discriminate(input: { image: ${image} })`, '... on Score { score real }');
    expect(made).toEqual({ __typename: 'Score', score: 0.75, real: true });
  });

  it('is not supported without a discriminator', async () => {
    expect(await mutate(`discriminate(input: { image: ${image}, checkpoint: "plain" })`, '')).toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

describe('classify', () => {
  const classify = (input: string, of = services()) => {
    return mutate(
      `classify(input: { image: ${image} ${input} })`,
      '... on Classifications { classes { label probability similarity } }',
      of,
    );
  };

  it('sorts the labels by their likeness, with probabilities among all of them', async () => {
    const { classes } = await classify('labels: ["a cat", "a dog", "a bus"], first: 2');
    expect(classes.map(({ label }: { label: string }) => label)).toEqual(['a bus', 'a dog']);
    const powers = [0, 1 / 3, 2 / 3].map(similarity => Math.exp(10 * similarity));
    const sum = powers.reduce((a, b) => a + b);
    expect(classes[0].probability).toBeCloseTo(powers[2]! / sum, 12);
    expect(classes[1].similarity).toBeCloseTo(1 / 3, 12);
  });

  it('takes the things of the vocabulary where no labels are given', async () => {
    const { classes } = await classify('');
    expect(classes.map(({ label }: { label: string }) => label)).toEqual(['pizza', 'cat', 'dog']);
  });

  it.each([
    ['labels: []', 'labels', 'labels are none: at least 1'],
    ['labels: ["a", "b", "a"]', 'labels', 'labels have "a" twice'],
    ['first: 0', 'first', 'first is 0: 1 to 256'],
  ])('refuses %s', async (input, name, message) => {
    expect(await classify(input)).toMatchObject({ issues: [{ path: ['input', name], message }] });
  });

  it('says which labels are no texts that it takes', async () => {
    expect(await classify('labels: ["a", "", "forbidden"]')).toMatchObject({
      issues: [
        { path: ['input', 'labels', '1'], message: 'label is empty' },
        { path: ['input', 'labels', '2'], message: 'label has a forbidden word' },
      ],
    });
  });

  it('is not supported without an embedder', async () => {
    expect(await classify('checkpoint: "plain"')).toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('asks for labels where the vocabulary has none', async () => {
    expect(await classify('', memoryServices([{ ...full, vocabulary: null }]))).toMatchObject({
      issues: [{ path: ['input', 'labels'] }],
    });
  });
});

describe('embed', () => {
  const embed = (input: string, of = services()) => {
    return mutate(`embed(input: { ${input} })`, '... on Embeddings { dimensions url vectors }', of);
  };

  it('answers with images first, then texts', async () => {
    const of = services();
    const made = await embed(`images: [${image}, ${image}], texts: ["a dog"]`, of);
    expect(made).toMatchObject({ dimensions: 256, url: 'https://darkroom.test/embeddings/x.safetensors' });
    expect(made.vectors.map((vector: number[]) => vector[0])).toEqual([0, 1, 2]);
    expect(of.asked).toContain('EMBEDDING of 2 images and 1 texts');
  });

  it('leaves vectors out that are too many to read', async () => {
    const texts = (count: number) => `texts: [${Array.from({ length: count }, (_, i) => `"t${i}"`)}]`;
    expect((await embed(texts(256))).vectors).toHaveLength(256);
    const latents = Array.from({ length: 33 }, () => image).join();
    expect(await embed(`images: [${latents}], space: LATENT`)).toMatchObject({ dimensions: 2_048, vectors: null });
    expect(await embed(texts(257))).toMatchObject({ issues: [{ path: ['input'] }] });
  });

  it('refuses nothing at all, and texts that it does not take', async () => {
    expect(await embed('')).toMatchObject({ issues: [{ message: 'images and texts are 0 together: 1 to 256' }] });
    expect(await embed('texts: ["ok", "forbidden"]')).toMatchObject({
      issues: [{ path: ['input', 'texts', '1'], message: 'text has a forbidden word' }],
    });
  });
});
