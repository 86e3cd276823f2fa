import { createHash } from 'node:crypto';

/**
 * One way to fail. Bytes are counted in the body of the answer, or of the request for the two `upload` kinds; a body
 * that is shorter than `afterBytes` passes whole.
 */
export type Fault =
  /** Answers at once, without doing what was asked. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Closes the connection before an answer, without doing what was asked. */
  | { readonly kind: 'drop' }
  /** Does what was asked, then closes the connection before the answer. */
  | { readonly kind: 'lost-answer' }
  /** Closes the connection in the middle of the answer. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Sends no more, and keeps the connection open until the client leaves. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Closes the connection in the middle of the request's body. */
  | { readonly kind: 'cut-upload'; readonly afterBytes: number }
  /** Reads no more of the request's body, and keeps the connection open until the client leaves. */
  | { readonly kind: 'stall-upload'; readonly afterBytes: number }
  /** Waits, then goes on as usual. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The right length, with a byte changed. */
  | { readonly kind: 'wrong-bytes' }
  /** A shorter body under an honest `content-length`. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** `docker-content-digest` names something else. */
  | { readonly kind: 'wrong-digest-header' }
  /** Headers of the answer set to another value, or removed by null. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | null>> }
  /** 307 to the same address, for ever. */
  | { readonly kind: 'redirect-loop' }
  /** A body without length or end. */
  | { readonly kind: 'endless' };

/** Which requests a fault is for. `nth` (from 1) is the first matching request that fails, `times` how many do. */
export interface FaultRule {
  readonly match: {
    readonly method?: string;
    /** Tried on the path with its query. */
    readonly path?: RegExp;
    readonly nth?: number;
    /** 1 when `nth` is given, else every one. */
    readonly times?: number;
  };
  readonly fault: Fault;
}

/** One request in `1 / rate` fails in a way drawn from `faults`. The same seed fails the same requests. */
export interface RandomFaults {
  readonly seed: number;
  /** 0..1 */
  readonly rate: number;
  readonly faults?: readonly Fault[];
  /** How often the same request (method and path) may fail. Without it there is no limit. */
  readonly atMost?: number;
  /** Only requests whose method and path (`GET /v2/…`) match. */
  readonly only?: RegExp;
}

export type Faults = readonly FaultRule[] | RandomFaults;

export interface FaultPlan {
  next(request: { readonly method: string; readonly path: string; readonly query: string }): Fault | null;
}

/** The faults that the random plan draws from; none of them lasts longer than a client's patience with a stall. */
export const everyFault: readonly Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
  { kind: 'drop' },
  { kind: 'lost-answer' },
  { kind: 'cut', afterBytes: 0 },
  { kind: 'cut', afterBytes: 1000 },
  { kind: 'cut-upload', afterBytes: 0 },
  { kind: 'cut-upload', afterBytes: 1000 },
  { kind: 'delay', ms: 20 },
  { kind: 'wrong-bytes' },
];

/** A plan that remembers what it has already injected. */
export function planFaults(faults: Faults): FaultPlan {
  return 'seed' in faults ? planRandomFaults(faults) : planRules(faults);
}

function planRules(rules: readonly FaultRule[]): FaultPlan {
  const seen = rules.map(() => 0);
  return {
    next({ method, path, query }) {
      let found: Fault | null = null;
      rules.forEach((rule, index) => {
        const { match } = rule;
        if (match.method !== undefined && match.method !== method) return;
        if (match.path !== undefined && !match.path.test(path + query)) return;
        const count = (seen[index] ?? 0) + 1;
        seen[index] = count;
        const first = match.nth ?? 1;
        const times = match.times ?? (match.nth === undefined ? Number.POSITIVE_INFINITY : 1);
        if (count >= first && count < first + times) found ??= rule.fault;
      });
      return found;
    },
  };
}

/**
 * The draw depends on the seed, the request and how often it was made, not on the order of different requests: a
 * client that works in parallel meets the same faults every time.
 */
function planRandomFaults(plan: RandomFaults): FaultPlan {
  const made = new Map<string, number>();
  const failed = new Map<string, number>();
  const faults = plan.faults ?? everyFault;
  return {
    next({ method, path }) {
      const key = `${method} ${path.replace(/(\/uploads\/).+/, '$1')}`;
      if (plan.only && !plan.only.test(key)) return null;
      const count = made.get(key) ?? 0;
      made.set(key, count + 1);
      const failures = failed.get(key) ?? 0;
      if (failures >= (plan.atMost ?? Number.POSITIVE_INFINITY)) return null;
      const draw = createHash('sha256').update(`${plan.seed} ${key} ${count}`).digest();
      if (draw.readUInt32BE(0) / 2 ** 32 >= plan.rate) return null;
      failed.set(key, failures + 1);
      return faults[draw.readUInt32BE(4) % faults.length] ?? null;
    },
  };
}
