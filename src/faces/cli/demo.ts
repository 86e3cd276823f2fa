import { paintDiff, type Report } from '../../report/index.ts';
import { type DemoWorld, demoBackup, demoToken, openDemoWorld } from './demo-world.ts';
import type { Io } from './io.ts';
import { perform, show } from './present.ts';
import type { Invocation } from './program.ts';
import type { Session } from './session.ts';

/** The whole job on embedded registries and a temporary checkout, told step by step on stdout. */
export async function runDemo(invocation: Invocation, session: Session, io: Io): Promise<0> {
  const say = (text: string) => io.stdout.write(`${text}\n`);
  const title = (text: string) => say(`\n${session.paint('strong', text)}`);
  const world = await openDemoWorld(io.env);
  const shop = inShop(world, io);
  const run = async (command: Invocation['command']): Promise<Report> => {
    const report = await perform({ command, paths: [], values: {} }, session, shop);
    show(report, session, shop);
    return report;
  };
  try {
    title('A shop of manifests in a git checkout, and three public registries (embedded, on loopback)');
    say((await world.git('ls-files', '*.yaml', '*.json')).trimEnd());

    title('$ holdfast scan');
    await run('scan');

    title('$ holdfast rewrite');
    await run('rewrite');

    title('$ holdfast rewrite   (a second run changes nothing)');
    await run('rewrite');

    title('$ git stash --include-untracked   (now the same by pull request)');
    await world.git('stash', '--quiet', '--include-untracked');

    title('$ holdfast pr');
    const { changes, proposals } = await run('pr');
    for (const proposal of proposals)
      say(`\n${session.paint('strong', proposal.title ?? '')}\n\n${(proposal.body ?? '').trimEnd()}`);
    say(`\n${paintDiff(changes, session.paint).trimEnd()}`);

    title('$ holdfast pr   (a second run writes nothing)');
    await run('pr');

    title(`The backup registry (${demoBackup}) now holds`);
    for (const [repository, { tags }] of Object.entries(world.backup.snapshot()))
      say(`${repository}  ${Object.keys(tags).join(', ')}`);

    if (invocation.values['keep'] === true) await keep(world, io, title, say);
    return 0;
  } finally {
    await world.close();
  }
}

/** In the checkout, and deaf to the user's own settings, credentials and proxies. */
function inShop(world: DemoWorld, io: Io): Io {
  const { PATH, TERM, NO_COLOR } = io.env;
  const { url, apiUrl } = world.forge;
  const forge = { GITHUB_TOKEN: demoToken, GITHUB_SERVER_URL: url, GITHUB_API_URL: apiUrl };
  return { ...io, cwd: world.checkout, env: { PATH, TERM, NO_COLOR, HOME: world.checkout, ...forge } };
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
