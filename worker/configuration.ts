import { ConfigurationError } from './configuration-error.ts';
import { readSecret } from './webhooks/signature.ts';

export { ConfigurationError } from './configuration-error.ts';

/** What the deployer set, read once into what the rest of the worker wants to know. */
export interface Configuration {
  /** Addresses of GPU backends. */
  readonly backends: readonly string[];
  readonly backendSecret: string;
  readonly urlSecret: string;
  /** Where callers see this server, without a path; null where they see the address they asked. */
  readonly publicUrl: URL | null;
  /** Hosts to answer for, beside loopback names and the public one. Lower case, with or without a port. */
  readonly allowedHosts: readonly string[];
  /** Other origins whose pages may call. */
  readonly corsOrigins: readonly string[];
  /** Name of the checkpoint that is used when none is asked for; null: the first backend's own. */
  readonly defaultCheckpoint: string | null;
  readonly blockedTerms: readonly string[];
  readonly logPrompts: boolean;
  /** As much is kept of what can be made anew, together with what must be kept. */
  readonly cacheBytes: number;
  /** Of that, as much for x_t that similar prompts may go on from. */
  readonly reuseBytes: number;
  /** So many generations may be unfinished that ask for different things. */
  readonly backlog: number;
  /** How long they wait for a backend that has their checkpoint. */
  readonly backendPatienceMs: number;
  /** A backend that runs a job and says nothing for so long has lost it. */
  readonly backendSilenceMs: number;
  /** Generations that ended so long ago are deleted; null: never. */
  readonly retentionMs: number | null;
  /** What calls of webhooks are signed with, as `whsec_` and base64; null: there are none. */
  readonly webhookSecret: string | null;
  /** Whether webhooks may be on this machine and its networks, and called without TLS. */
  readonly webhookAllowPrivate: boolean;
}

const defaultCacheMegabytes = 10_000;
const defaultReuseMegabytes = 1_000;
const defaultBacklog = 2_000;
const defaultPatienceSeconds = 600;
const defaultSilenceSeconds = 600;

/** @throws ConfigurationError naming the variable, for what would otherwise fail later and less clearly */
export function readConfiguration(variables: Readonly<Record<string, unknown>>): Configuration {
  const text = (name: string): string => {
    const value = variables[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  const list = (name: string): string[] =>
    text(name)
      .split(',')
      .map(item => item.trim())
      .filter(item => item !== '');
  const secret = (name: string): string => {
    const value = text(name);
    // Short ones can be guessed, and an empty one would sign for everybody.
    if (value.length < 32) throw new ConfigurationError(`${name} must have at least 32 characters`);
    return value;
  };
  const url = (name: string, value: string): URL => {
    if (!/^https?:\/\//.test(value) || !URL.canParse(value)) {
      throw new ConfigurationError(`${name} holds "${value}": expected an http(s) address`);
    }
    return new URL(value);
  };
  // Pages, pictures and GraphQL are found from the root on: a path would be cut off without a word.
  const origin = (name: string, value: string): URL => {
    const { origin, href } = url(name, value);
    if (href !== `${origin}/`) {
      throw new ConfigurationError(`${name} holds "${value}": expected an address without a path, such as ${origin}`);
    }
    return new URL(origin);
  };
  const whole = (name: string, whenAbsent: number, least: 0 | 1, unit: string): number => {
    const value = text(name);
    if (value === '') return whenAbsent;
    if (!/^(0|[1-9]\d{0,8})$/.test(value) || Number(value) < least) {
      throw new ConfigurationError(`${name} holds "${value}": expected a whole number of ${unit}, at least ${least}`);
    }
    return Number(value);
  };
  const yes = (name: string): boolean => {
    const value = text(name);
    if (!['', 'true', 'false'].includes(value)) {
      throw new ConfigurationError(`${name} holds "${value}": expected true or false`);
    }
    return value === 'true';
  };
  const retentionDays = whole('RETENTION_DAYS', 0, 1, 'days');
  const webhookSecret = text('WEBHOOK_SECRET') || null;
  if (webhookSecret !== null) readSecret(webhookSecret);
  return {
    backends: list('BACKENDS').map(value => url('BACKENDS', value).href),
    backendSecret: secret('BACKEND_SECRET'),
    urlSecret: secret('URL_SECRET'),
    publicUrl: text('PUBLIC_URL') === '' ? null : origin('PUBLIC_URL', text('PUBLIC_URL')),
    allowedHosts: list('ALLOWED_HOSTS').map(host => host.toLowerCase()),
    corsOrigins: list('CORS_ORIGINS').map(value => origin('CORS_ORIGINS', value).origin),
    defaultCheckpoint: text('DEFAULT_CHECKPOINT') || null,
    blockedTerms: list('BLOCKED_TERMS'),
    logPrompts: yes('LOG_PROMPTS'),
    cacheBytes: whole('CACHE_MEGABYTES', defaultCacheMegabytes, 1, 'megabytes') * 1_000_000,
    reuseBytes: whole('REUSE_MEGABYTES', defaultReuseMegabytes, 0, 'megabytes') * 1_000_000,
    backlog: whole('BACKLOG', defaultBacklog, 1, 'generations'),
    backendPatienceMs: whole('BACKEND_PATIENCE_SECONDS', defaultPatienceSeconds, 1, 'seconds') * 1_000,
    backendSilenceMs: whole('BACKEND_SILENCE_SECONDS', defaultSilenceSeconds, 1, 'seconds') * 1_000,
    retentionMs: retentionDays === 0 ? null : retentionDays * 24 * 60 * 60_000,
    webhookSecret,
    webhookAllowPrivate: yes('WEBHOOK_ALLOW_PRIVATE'),
  };
}
