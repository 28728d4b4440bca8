/** How a picture came about: every parameter, what was not computed again, how long each part took. */
import { type ComponentChildren, Fragment } from 'preact';
import type { Generation, Image, Reuse } from '../../../sdk/index.ts';
import { generationAddress, searchAddress } from '../../addresses.ts';
import { duration, moment } from '../../format.ts';
import { schedulers, stages } from '../../words.ts';

interface RecordProps {
  readonly generation: Generation;
  readonly image: Image | undefined;
}

export function Record({ generation, image }: RecordProps) {
  const { parameters: p, record, createdAt, finishedAt, timings } = generation;
  const reuse = image?.reuse ?? generation.reuse;
  const rows: readonly (readonly [name: string, value: ComponentChildren])[] = [
    ['Seed', String(image?.seed ?? p.seed)],
    ['Steps', `${p.steps}, ${schedulers[p.scheduler]}`],
    ['Guidance scale', String(p.guidanceScale)],
    ['Size', `${p.width} × ${p.height} px`],
    ...(p.startLatentKey === null
      ? []
      : ([
          ['Starts from', <a href={searchAddress(p.startLatentKey)}>a latent</a>],
          ['Done anew', `${Math.round((p.strength ?? 1) * 100)} %`],
        ] as const)),
    ...(image?.score
      ? ([
          ['Score', `${image.score.score.toFixed(2)}, ${image.score.real ? 'like the data' : 'unlike the data'}`],
        ] as const)
      : []),
    ...(reuse && reuse.kind !== 'NONE' ? ([['Used again', <Reused reuse={reuse} />]] as const) : []),
    ['Asked for', moment(createdAt)],
  ];
  return (
    <section class="stack" aria-label="Record">
      <dl class="record">
        <Rows rows={rows} />
      </dl>
      {timings.length > 0 && finishedAt !== null && <Timings timings={timings} />}
      {record && (
        <details class="fold">
          <summary>All that is needed to make it again, here or with diffusers</summary>
          <dl class="record">
            <Rows
              rows={[
                ['Checkpoint', p.checkpoint],
                ['Its digest', <span class="mono">{record.checkpointDigest}</span>],
                ...(image?.latent ? ([['Latent', <span class="mono">{image.latent.key}</span>]] as const) : []),
                ['Tokens', <span class="mono">{record.tokenIds.join(' ')}</span>],
                ...(record.negativeTokenIds.length === 0
                  ? []
                  : ([['Not to show', <span class="mono">{record.negativeTokenIds.join(' ')}</span>]] as const)),
                ['Scheduler', <span class="mono">{record.scheduler}</span>],
                ['Noise', record.noise],
                ['Numbers', record.dtype],
                ['Computed by', [record.runtime, record.executionProvider].filter(Boolean).join(', ')],
                ['Darkroom', record.darkroom],
              ]}
            />
          </dl>
        </details>
      )}
    </section>
  );
}

function Rows({ rows }: { readonly rows: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <>
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </>
  );
}

function Reused({ reuse }: { readonly reuse: Reuse }) {
  const { kind, skippedSteps, ofSteps, similarity, source, skippedTextEncoding } = reuse;
  if (skippedSteps === 0) return <>{skippedTextEncoding ? 'the prompt was read before' : 'nothing of its steps'}</>;
  const from = source?.generation?.id;
  const what = kind === 'APPROXIMATE' ? 'a similar picture' : 'the same picture';
  return (
    <>
      {skippedSteps} of {ofSteps} steps, from {from === undefined ? what : <a href={generationAddress(from)}>{what}</a>}
      {similarity === null ? '' : ` (prompts ${Math.round(similarity * 100)} % alike)`}
    </>
  );
}

function Timings({ timings }: { readonly timings: Generation['timings'] }) {
  const longest = Math.max(...timings.map(({ ms }) => ms));
  return (
    <details class="fold" open>
      <summary>Took {duration(timings.reduce((sum, { ms }) => sum + ms, 0))}</summary>
      <ul class="timings">
        {timings.map(({ stage, ms, cached }) => (
          <li key={stage}>
            <span>{stages[stage]}</span>
            <span>
              <span class="timings-bar" style={{ width: `${(100 * ms) / longest}%` }} />
            </span>
            <span>{cached ? 'was there' : duration(ms)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
