import { paintDiff, renderPullRequest } from '../../report/index.ts';
import { type DemoWorld, demoBackup, openDemoWorld } from './demo-world.ts';
import type { Io } from './io.ts';
import { perform, show } from './present.ts';
import type { Invocation } from './program.ts';
import type { Session } from './session.ts';

/** The whole job on embedded registries and a temporary checkout, told step by step on stdout. */
export async function runDemo(invocation: Invocation, session: Session, io: Io): Promise<0> {
  const say = (text: string) => io.stdout.write(`${text}\n`);
  const title = (text: string) => say(`\n${session.paint('strong', text)}`);
  const world = await openDemoWorld(io.env);
  try {
    title('A shop of manifests in a git checkout, and three public registries (embedded, on loopback)');
    say((await world.git('ls-files', '*.yaml', '*.json')).trimEnd());

    title('$ holdfast scan');
    show(await perform(call('scan'), session, inShop(world, io)), session, inShop(world, io));

    title('$ holdfast rewrite');
    const report = await perform(call('rewrite'), session, inShop(world, io));
    show(report, session, inShop(world, io));

    title('$ git diff');
    say(paintDiff(report.changes, session.paint).trimEnd());

    title('What the pull request will say');
    const sizes = new Map(report.copies.map(({ source, bytes }) => [source, bytes] as const));
    const request = renderPullRequest({ report, pullSecret: null, sizes });
    say(`${session.paint('strong', request.title)}\n\n${request.body.trimEnd()}`);

    title('$ holdfast rewrite   (a second run changes nothing)');
    show(await perform(call('rewrite'), session, inShop(world, io)), session, inShop(world, io));

    title(`The backup registry (${demoBackup}) now holds`);
    for (const [repository, { tags }] of Object.entries(world.backup.snapshot()))
      say(`${repository}  ${Object.keys(tags).join(', ')}`);

    if (invocation.values['keep'] === true) await keep(world, io, title, say);
    return 0;
  } finally {
    await world.close();
  }
}

function call(command: 'scan' | 'rewrite'): Invocation {
  return { command, paths: [], values: {} };
}

/** In the checkout, and deaf to the user's own settings, credentials and proxies. */
function inShop(world: DemoWorld, io: Io): Io {
  const { PATH, TERM, NO_COLOR } = io.env;
  return { ...io, cwd: world.checkout, env: { PATH, TERM, NO_COLOR, HOME: world.checkout } };
}

/** Waits for Ctrl-C, so that the user can look around. */
async function keep(
  world: DemoWorld,
  io: Io,
  title: (text: string) => void,
  say: (text: string) => void,
): Promise<void> {
  title('Kept until you press Ctrl-C');
  say(`cd ${world.checkout}`);
  say('git diff');
  say('holdfast check');
  say(`curl ${world.backup.url}/v2/_catalog`);
  if (io.signal.aborted) return;
  await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }));
}
