import { describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig, type Setting, variables } from '../../src/config/index.ts';
import { HoldfastError } from '../../src/error.ts';

function load(text: string | null, parts: Partial<ConfigSources> = {}, path = '.holdfast.yaml') {
  return loadConfig({ flags: [], env: {}, file: text === null ? null : { path, text }, ...parts });
}

async function failureOf(text: string | null, parts: Partial<ConfigSources> = {}): Promise<string> {
  try {
    await load(text, parts);
  } catch (error) {
    if (error instanceof HoldfastError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'loaded';
}

const flag = (from: string, key: Setting['key'], value: Setting['value']): Setting => ({ from, key, value });

/** A file with one rule; what is said again counts. */
function ruleOf(more: string): string {
  const said = ['apiVersion: example.com/v1', 'kind: Widget'].filter(
    (pair) => !more.includes(pair.split(':')[0] ?? ''),
  );
  return `rules:\n  - { ${[...said, more].join(', ')} }`;
}

describe('the configuration', () => {
  it('has defaults for all but the backup', async () => {
    expect(await load(null)).toEqual({
      backup: null,
      naming: '{host}/{path}',
      pin: 'digest',
      paths: [],
      exclude: { images: [], namespaces: ['kube-system'], paths: [] },
      includePrivate: false,
      includeOther: false,
      referrers: true,
      foreignLayers: false,
      convertSchema1: false,
      createRepositories: false,
      pullSecret: null,
      platforms: 'all',
      concurrency: 8,
      updates: 'report',
      registries: {},
      rules: [],
      pullRequest: {
        base: null,
        labels: [],
        reviewers: [],
        teamReviewers: [],
        assignees: [],
        milestone: null,
        draft: false,
        group: 'repository',
        author: null,
        maxRequests: null,
        maxFiles: null,
        maxImages: null,
      },
      watch: {
        mode: 'eager',
        listen: ':8080',
        upstreamMinutes: 60,
        events: false,
        readPullSecrets: false,
      },
      repositories: [],
    });
    expect(await load('')).toEqual(await load(null));
    expect(await load('# nothing yet\n')).toEqual(await load(null));
  });

  it('reads the file of the documentation', async () => {
    const text = `backup: ghcr.io/acme/backup        # where copies go
naming: "{host}/{path}"
pin: digest                        # or tag
paths: [clusters/**, apps/**]
exclude: { images: ["*.dkr.ecr.*.amazonaws.com/**"], namespaces: [kube-system], paths: [test/**] }
includePrivate: false
pullSecret: { name: backup-pull, attach: pod }
platforms: all                     # or a list
concurrency: 8                     # images at a time
updates: report
registries:
  docker.io: { mirrors: [https://mirror.gcr.io] }
  registry.corp: { endpoint: https://10.0.0.8:5000, caFile: corp.pem, clientCert: { cert: c.pem, key: /k.pem }, username: \${CORP_USER}, password: \${CORP_PASSWORD} }
rules: []
pullRequest: { base: main, labels: [images], reviewers: [], group: repository }
`;
    const config = await load(
      text,
      { env: { CORP_USER: 'u', CORP_PASSWORD: 'p: ${X}' } },
      'infra/.holdfast.yaml',
    );
    expect(config).toMatchObject({
      backup: 'ghcr.io/acme/backup',
      paths: ['clusters/**', 'apps/**'],
      pullSecret: { name: 'backup-pull', attach: 'pod' },
      pullRequest: { base: 'main', labels: ['images'] },
    });
    expect(config.registries).toEqual({
      'docker.io': { mirrors: ['https://mirror.gcr.io'] },
      'registry.corp': {
        endpoint: 'https://10.0.0.8:5000',
        caFile: 'infra/corp.pem',
        clientCert: { cert: 'infra/c.pem', key: '/k.pem' },
        username: 'u',
        password: 'p: ${X}',
      },
    });
  });

  it('has an account for pushes apart, and a floor for pulls', async () => {
    const text =
      'registries:\n  r.io: { username: u, password: p, push: { username: bot, password: ${PUSH} }, stopAt: 20 }\n';
    expect((await load(text, { env: { PUSH: 'hidden' } })).registries).toEqual({
      'r.io': { username: 'u', password: 'p', push: { username: 'bot', password: 'hidden' }, stopAt: 20 },
    });
    expect(await failureOf(text)).toMatch(
      /:2: registries\.r\.io\.push\.password needs the environment variable PUSH/,
    );
    expect(await failureOf('registries: { r.io: { push: { username: u } } }')).toMatch(
      /push\.password: it is missing/,
    );
    expect(await failureOf('registries: { r.io: { stopAt: -1 } }')).toMatch(/stopAt: it must be at least 0/);
  });

  it('takes flags over environment over file over defaults, key by key', async () => {
    const text = 'pin: tag\nconcurrency: 2\nupdates: ignore\npullSecret: { name: file, attach: none }';
    const config = await load(text, {
      env: { HOLDFAST_CONCURRENCY: '3', HOLDFAST_UPDATES: 'propose', HOLDFAST_NAMING: '{name}' },
      flags: [flag('--updates', 'updates', 'report'), flag('--pull-secret', 'pullSecret.name', 'flag')],
    });
    expect(config).toMatchObject({
      pin: 'tag',
      concurrency: 3,
      updates: 'report',
      naming: '{name}',
      pullSecret: { name: 'flag', attach: 'none' },
    });
  });

  it('replaces a list by a list, but never loses the safe namespaces', async () => {
    const text = 'exclude: { images: [a], namespaces: [x] }';
    const config = await load(text, { env: { HOLDFAST_EXCLUDE_NAMESPACES: 'y, z-*' } });
    expect(config.exclude).toEqual({ images: ['a'], namespaces: ['kube-system', 'y', 'z-*'], paths: [] });
  });

  it('joins what is said of a registry under any of its names', async () => {
    const config = await load('registries: { index.docker.io: { username: u } }', {
      env: { HOLDFAST_ENDPOINT: 'docker.io=http://127.0.0.1:5000' },
      flags: [flag('--plain-http', 'registries.*.plainHttp', ['Docker.io', 'localhost:5001'])],
    });
    expect(config.registries).toEqual({
      'docker.io': { username: 'u', endpoint: 'http://127.0.0.1:5000', plainHttp: true },
      'localhost:5001': { plainHttp: true },
    });
  });

  it('normalises the backup', async () => {
    expect((await load('backup: Index.Docker.io/acme/')).backup).toBe('docker.io/acme');
    expect((await load('backup: localhost:5000')).backup).toBe('localhost:5000');
  });

  it('has a variable for every key, and reads each', async () => {
    const values: Record<string, string> = {
      HOLDFAST_BACKUP: 'ghcr.io/a/b',
      HOLDFAST_NAMING: '{tail}',
      HOLDFAST_PIN: 'tag',
      HOLDFAST_PATHS: 'a/{b,c}/**, d',
      HOLDFAST_EXCLUDE_IMAGES: 'x\ny',
      HOLDFAST_EXCLUDE_NAMESPACES: 'n',
      HOLDFAST_EXCLUDE_PATHS: 'p',
      HOLDFAST_INCLUDE_PRIVATE: 'TRUE',
      HOLDFAST_INCLUDE_OTHER: 'true',
      HOLDFAST_REFERRERS: 'no',
      HOLDFAST_FOREIGN_LAYERS: '1',
      HOLDFAST_CONVERT_SCHEMA1: 'yes',
      HOLDFAST_CREATE_REPOSITORIES: 'true',
      HOLDFAST_PULL_SECRET_NAME: 's',
      HOLDFAST_PULL_SECRET_ATTACH: 'serviceAccount',
      HOLDFAST_PLATFORMS: 'linux/amd64,linux/arm/v7',
      HOLDFAST_CONCURRENCY: ' 4 ',
      HOLDFAST_UPDATES: 'ignore',
      HOLDFAST_REGISTRIES: '{"a.io": {"password": "${SECRET}"}}',
      HOLDFAST_ENDPOINT: 'b.io=https://c.io',
      HOLDFAST_PLAIN_HTTP: 'd.io',
      HOLDFAST_RULES: '[{ apiVersion: v1, kind: K, field: spec.image }]',
      HOLDFAST_PULL_REQUEST_BASE: 'b',
      HOLDFAST_PULL_REQUEST_LABELS: 'l,m',
      HOLDFAST_PULL_REQUEST_REVIEWERS: 'r',
      HOLDFAST_PULL_REQUEST_TEAM_REVIEWERS: 't',
      HOLDFAST_PULL_REQUEST_ASSIGNEES: 'a',
      HOLDFAST_PULL_REQUEST_MILESTONE: '7',
      HOLDFAST_PULL_REQUEST_DRAFT: '1',
      HOLDFAST_PULL_REQUEST_GROUP: 'directory',
      HOLDFAST_PULL_REQUEST_AUTHOR: 'Backup Bot <bot@acme.example>',
      HOLDFAST_PULL_REQUEST_MAX_REQUESTS: '1',
      HOLDFAST_PULL_REQUEST_MAX_FILES: '2',
      HOLDFAST_PULL_REQUEST_MAX_IMAGES: '3',
      HOLDFAST_WATCH_MODE: 'failover',
      HOLDFAST_WATCH_LISTEN: '127.0.0.1:9',
      HOLDFAST_WATCH_UPSTREAM_MINUTES: '5',
      HOLDFAST_WATCH_EVENTS: 'yes',
      HOLDFAST_WATCH_READ_PULL_SECRETS: 'yes',
      HOLDFAST_REPOSITORIES: '[{ url: https://g.io/a/b, namespaces: [shop-*] }]',
    };
    expect([...variables.keys()].toSorted()).toEqual(Object.keys(values).toSorted());
    expect(await load(null, { env: { ...values, SECRET: 'hidden' } })).toEqual({
      backup: 'ghcr.io/a/b',
      naming: '{tail}',
      pin: 'tag',
      paths: ['a/{b,c}/**', 'd'],
      exclude: { images: ['x', 'y'], namespaces: ['kube-system', 'n'], paths: ['p'] },
      includePrivate: true,
      includeOther: true,
      referrers: false,
      foreignLayers: true,
      convertSchema1: true,
      createRepositories: true,
      pullSecret: { name: 's', attach: 'serviceAccount' },
      platforms: ['linux/amd64', 'linux/arm/v7'],
      concurrency: 4,
      updates: 'ignore',
      registries: {
        'a.io': { password: 'hidden' },
        'b.io': { endpoint: 'https://c.io' },
        'd.io': { plainHttp: true },
      },
      rules: [{ apiVersion: 'v1', kind: 'K', field: 'spec.image', format: 'reference' }],
      pullRequest: {
        base: 'b',
        labels: ['l', 'm'],
        reviewers: ['r'],
        teamReviewers: ['t'],
        assignees: ['a'],
        milestone: 7,
        draft: true,
        group: 'directory',
        author: { name: 'Backup Bot', email: 'bot@acme.example' },
        maxRequests: 1,
        maxFiles: 2,
        maxImages: 3,
      },
      watch: {
        mode: 'failover',
        listen: '127.0.0.1:9',
        upstreamMinutes: 5,
        events: true,
        readPullSecrets: true,
      },
      repositories: [{ url: 'https://g.io/a/b', path: '', branch: null, namespaces: ['shop-*'] }],
    });
  });

  it('counts an empty variable as not set', async () => {
    expect(await load(null, { env: { HOLDFAST_BACKUP: '', HOLDFAST_CONCURRENCY: ' ' } })).toEqual(
      await load(null),
    );
  });
});

describe('a wrong configuration', () => {
  const files: readonly (readonly [string, RegExp])[] = [
    ['- a', /^config \.holdfast\.yaml:1: it must be a map of keys/],
    ['a: [', /^config \.holdfast\.yaml:1: it is not valid YAML/],
    ['pin: tag\npin: tag', /:2: it is not valid YAML: Map keys must be unique/],
    ['pin: tag\nbakcup: x', /:2: bakcup: it is not a known key: did you mean "backup"\?/],
    ['\nexclude:\n  image: [x]', /:3: exclude\.image: it is not a known key: did you mean "images"\?/],
    ['registries:\n  docker.io:\n    mirror: x', /:3: registries\.docker\.io\.mirror: .* "mirrors"\?/],
    ['pullRequest: { frobnicate: 1 }', /write one of base, labels/],
    ['pullRequest: { author: nobody }', /author: it must be a name and an address/],
    ['pullRequest: { maxImages: 0 }', /maxImages: it must be at least 1/],
    ['pin: both', /pin: it must be digest or tag/],
    ['backup: acme/backup', /backup: the backup "acme\/backup" does not start with a registry/],
    ['naming: "{hosts}/{path}"', /naming: .* did you mean \{host\}\?/],
    ['concurrency: 0', /concurrency: it must be at least 1/],
    ['concurrency: 1.5', /concurrency: it must be a whole number/],
    ['concurrency: many', /concurrency: it must be a number/],
    ['includePrivate: "no"', /includePrivate: it must be true or false/],
    ['paths: apps/**', /paths: it must be a list/],
    ['paths: ["!x"]', /paths\[0\]: .* no negation/],
    ['platforms: [amd64]', /platforms\[0\]: it must be like linux\/amd64/],
    ['platforms: 3', /platforms: it must be all, or a list/],
    ['pullSecret: { attach: pod }', /pullSecret\.attach is set without a name/],
    ['pullSecret: { name: A_b }', /pullSecret\.name: it must be the name of a Secret/],
    ['registries: { "https://x.io": {} }', /leave out the scheme/],
    ['registries: { x.io: { endpoint: x.io } }', /endpoint: it must be a URL/],
    ['registries: { x.io: { mirrors: ["https://u:p@y.io"] } }', /mirrors\[0\]: it holds credentials/],
    ['registries: { x.io: { password: 1234 } }', /password: it must be text/],
    ['rules:\n  - kind: K', /:2: rules\[0\]\.apiVersion: it is missing/],
    [ruleOf('field: "spec.parts[0].image"'), /rules\[0\]\.field: one item .* write \[\] for each item/],
    [ruleOf('field: $.spec.image'), /rules\[0\]\.field: it starts at the object, without "\$"/],
    [ruleOf('field: spec..image'), /rules\[0\]\.field: it must be a path such as/],
    [ruleOf('field: spec.a, apiVersion: "*"'), /rules\[0\]\.apiVersion: it must be like example\.com\/v1/],
    [ruleOf('field: spec.a, kind: "*"'), /rules\[0\]\.kind: it must be the name of one kind/],
    [ruleOf('field: spec.version, format: tag'), /rules\[0\]\.format: a tag is no image by itself/],
    ['backup: ${REGISTRY}/x', /backup: \$\{…\} is expanded in username and password alone/],
    [
      'registries:\n  x.io: { username: ${NOT_SET} }',
      /:2: registries\.x\.io\.username needs the environment variable NOT_SET/,
    ],
  ];

  it.each(files)('%s', async (text, problem) => {
    expect(await failureOf(text)).toMatch(problem);
  });

  it.each([
    'spec.a',
    '.spec.a',
    'spec.a[].b',
    'spec.a[*].b',
    'spec.a.*',
    'args["--image="]',
    "m['a/b.c']",
    'a-b.c_d',
  ])('takes %s for a path', async (field) => {
    expect(await failureOf(ruleOf(`field: ${JSON.stringify(field)}`))).toBe('loaded');
  });

  it('names every problem of a file, in the order of its lines', async () => {
    const message = await failureOf('concurrency: 0\npin: x\nbakcup: y');
    expect(message.split('\n').map((line) => /:(\d): /.exec(line)?.[1])).toEqual(['1', '2', '3']);
  });

  it('names the flag or the variable', async () => {
    expect(await failureOf(null, { flags: [flag('--naming', 'naming', '{pat}')] })).toMatch(
      /^usage --naming: .*\{path\}/,
    );
    expect(await failureOf(null, { flags: [flag('--endpoint', 'registries.*.endpoint', ['x'])] })).toMatch(
      /^usage --endpoint: write it as REGISTRY=URL/,
    );
    expect(await failureOf(null, { env: { HOLDFAST_CONCURRENCY: 'x' } })).toMatch(
      /^config HOLDFAST_CONCURRENCY: it must be a number/,
    );
    expect(await failureOf(null, { env: { HOLDFAST_REGISTRIES: '{' } })).toMatch(
      /^config HOLDFAST_REGISTRIES: it is neither valid YAML nor JSON/,
    );
    expect(await failureOf(null, { env: { HOLDFAST_REGISTRIES: '{x.io: {passwrd: a}}' } })).toMatch(
      /x\.io\.passwrd: .* "password"\?/,
    );
  });

  it('takes a slip in the name of a variable for an error, but not what Kubernetes sets for a Service', async () => {
    expect(await failureOf(null, { env: { HOLDFAST_NAMNG: 'x' } })).toMatch(
      /HOLDFAST_NAMNG is not known: did you mean HOLDFAST_NAMING\?/,
    );
    expect(
      await failureOf(null, {
        env: {
          HOLDFAST_PORT: 'tcp://10.0.0.1',
          HOLDFAST_SERVICE_HOST: '10.0.0.1',
          HOLDFAST_PORT_80_TCP: 'x',
        },
      }),
    ).toBe('loaded');
  });

  it('never shows a secret', async () => {
    const secret = 'hunter2-very-secret';
    const texts = [
      `registries: { x.io: { password: ${secret}, passwort: ${secret} } }`,
      `registries: { x.io: { password: [${secret}] } }`,
      `registries: { x.io: { endpoint: "https://u:${secret}@x.io" } }`,
      `registries: { x.io: { password: ${secret}\n`,
      `registries:\n  x.io:\n    password: "${secret}\n`,
      `registries: { x.io: { password: \${A}${secret} } }`,
    ];
    for (const text of texts) {
      const message = await failureOf(text);
      expect(message).toMatch(/^config /);
      expect(message).not.toContain(secret);
    }
  });

  it('survives an alias bomb and a key named __proto__', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
    ].join('\n');
    expect(await failureOf(bomb)).toMatch(/aliases/);
    expect(await failureOf('__proto__: { backup: x }')).toMatch(/^config /);
  });
});
