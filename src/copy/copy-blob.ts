import type { Readable } from 'node:stream';
import type { BlobProof, Descriptor } from '../registry/index.ts';
import { CopyFailure, codeOf, registryOf } from './failure.ts';
import { emit, type Job, throwIfStopped } from './job.ts';
import { learnBlobs } from './learn-blobs.ts';
import { transfer } from './transfers.ts';
import { watchBytes } from './watch-bytes.ts';

/** From this size on, asking whether a blob is there costs less than the chance to send it in vain. */
const worthAsking = 4 * 1024 * 1024;
/** From this many bytes on, it pays to find out whether the backup registry proves digests itself. */
const worthProving = 32 * 1024 * 1024;
/** Failures of a whole registry: who waited for a transfer from it need not try again by themselves. */
const outages = new Set(['unavailable', 'unreachable', 'name-not-resolved', 'tls', 'rate-limited']);

/**
 * Makes sure that the blob is in the backup repository. Each digest comes from its source once per backup registry,
 * whoever asks first; every other repository mounts it.
 */
export async function ensureBlob(job: Job, blob: Descriptor): Promise<void> {
  const { at, tally } = job;
  const { contents, flights } = job.run;
  const anywhere = `blob ${at.registry} ${blob.digest}`;
  const here = `${anywhere} ${at.repository}`;
  for (;;) {
    throwIfStopped(job);
    const from = contents.findBlob(at.registry, blob.digest);
    if (from !== null) await requireSize(job, blob, from);
    if (contents.hasBlob(at, blob.digest)) {
      tally.present += 1;
      return;
    }
    const placing = flights.get(here);
    if (placing !== undefined) {
      await placing.catch(() => undefined);
      continue;
    }
    if (from !== null) {
      await flights.start(here, () => bringOver(job, blob, from));
      return;
    }
    const moving = flights.get(anywhere);
    if (moving === undefined && blob.size >= worthAsking && !job.run.learning.isDone) {
      await learnBlobs(job.run);
      continue;
    }
    if (moving === undefined) {
      await flights.start(anywhere, () => move(job, blob));
      return;
    }
    const problem = await moving.then(
      () => null,
      (error: unknown) => error,
    );
    if (isOutageOf(job.source.host, problem)) throw problem;
  }
}

/** Into a second repository of the same registry: by mount, else by its bytes, which the backup has already. */
async function bringOver(job: Job, blob: Descriptor, from: string): Promise<void> {
  if (await mount(job, blob, from)) return;
  if (await isThere(job, blob)) return;
  // A client of its own: with one pool of connections for both ways, transfers could wait for each other for ever.
  const copied = job.run.options.registries.open(job.at.registry, 'read');
  try {
    await send(job, blob, (signal, proof) => copied.openBlob(from, blob, signal, proof));
    job.tally.copied += 1;
  } catch {
    throwIfStopped(job);
    await moveBytes(job, blob);
  }
}

async function move(job: Job, blob: Descriptor): Promise<void> {
  const { source } = job.step;
  const isSameRegistry = source.registry === job.at.registry && source.repository !== job.at.repository;
  if (isSameRegistry && (await mount(job, blob, source.repository)))
    return demandSize(job, blob, job.at.repository);
  if (await isThere(job, blob)) return;
  await moveBytes(job, blob);
}

/** Nobody looks at the size of what is mounted or there: two manifests may name one blob, and one of them lie. */
async function requireSize(job: Job, blob: Descriptor, repository: string): Promise<void> {
  const { at, run } = job;
  if (run.contents.sizeOf(at.registry, blob.digest) !== blob.size) await demandSize(job, blob, repository);
}

async function demandSize({ backup, step, run }: Job, blob: Descriptor, repository: string): Promise<void> {
  if (await backup.headBlob(repository, blob, run.options.signal)) return;
  throw new CopyFailure(
    'invalid',
    `${step.canonical} is broken: ${blob.digest} does not have the ${blob.size} bytes that its manifest says; it was not copied.`,
  );
}

async function mount(job: Job, blob: Descriptor, from: string): Promise<boolean> {
  const isMounted = await job.backup.mountBlob(job.at.repository, blob, from, job.run.options.signal);
  if (!isMounted) return false;
  job.run.contents.addBlob(job.at, blob);
  job.tally.mounted += 1;
  return true;
}

/** Asks only where the answer can save something: of a repository that is new a small blob is just sent. */
async function isThere(job: Job, blob: Descriptor): Promise<boolean> {
  // A registry that keeps wrong bytes under a digest says that it has them.
  if (job.run.options.resend?.has(blob.digest) === true) return false;
  if (blob.size < worthAsking && !job.run.contents.isInhabited(job.at)) return false;
  if (!(await job.backup.headBlob(job.at.repository, blob, job.run.options.signal))) return false;
  job.run.contents.addBlob(job.at, blob);
  job.tally.present += 1;
  return true;
}

async function moveBytes(job: Job, blob: Descriptor): Promise<void> {
  const { run, tally, step } = job;
  tally.toMove += blob.size;
  emit(run, { kind: 'sized', step, bytes: tally.toMove });
  let shown = 0;
  const show = (bytes: number): void => {
    shown += bytes;
    emit(run, { kind: 'moved', step, bytes });
  };
  await send(job, blob, async (signal, proof, wasWrong) => {
    if (shown > 0) show(-shown);
    const stream = await job.source.openBlob(step.source.repository, blob, signal, proof, wasWrong);
    if (job.kept.has(blob.digest)) keep(job, blob, stream);
    return run.options.onEvent === undefined ? stream : watchBytes(stream, show);
  });
  tally.copied += 1;
  tally.bytes += blob.size;
}

function keep(job: Job, blob: Descriptor, stream: Readable): void {
  const chunks: Buffer[] = [];
  stream.pause();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.once('end', () => job.kept.set(blob.digest, Buffer.concat(chunks)));
}

async function send(
  job: Job,
  blob: Descriptor,
  open: (signal: AbortSignal, proof: BlobProof, wasWrong: boolean) => Promise<Readable>,
): Promise<void> {
  const { run, backup, at } = job;
  await transfer(run, async () => {
    throwIfStopped(job);
    const proof = await chooseProof(job, blob);
    const attempt = (signal: AbortSignal, wasWrong: boolean) => open(signal, proof, wasWrong);
    await backup.putBlob(at.repository, blob, attempt, run.options.signal);
  });
  run.contents.addBlob(at, blob);
}

/** We hash what passes until the backup registry was seen to refuse a wrong digest; then it proves the bytes. */
async function chooseProof(job: Job, blob: Descriptor): Promise<BlobProof> {
  const { run, backup, at } = job;
  const sent = (run.sent.get(at.registry) ?? 0) + blob.size;
  run.sent.set(at.registry, sent);
  if (sent < worthProving) return 'digest';
  return (await backup.verifiesDigests(at.repository, run.options.signal)) ? 'size' : 'digest';
}

function isOutageOf(host: string, problem: unknown): boolean {
  return registryOf(problem) === host && outages.has(codeOf(problem) ?? '');
}
