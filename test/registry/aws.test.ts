import { describe, expect, it, onTestFinished } from 'vitest';
import { startRegistry } from '../../src/embedded/index.ts';
import { signAwsRequest } from '../../src/registry/aws-signature.ts';
import { blobOf, errorOf, openForTest, streamOf } from './opened.ts';
import { startServer } from './small-server.ts';

const bytes = Buffer.from('bytes');
const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const aws = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

it("signs as AWS' own example (aws-sig-v4-test-suite, post-vanilla)", () => {
  const headers = signAwsRequest(
    {
      url: new URL('https://example.amazonaws.com/'),
      region: 'us-east-1',
      service: 'service',
      headers: {},
      body: '',
      now: Date.parse('2015-08-30T12:36:00Z'),
    },
    aws,
  );
  expect(headers.authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  );
});

describe('ECR', () => {
  async function start() {
    const repositories: string[] = [];
    const registry = await startRegistry({ repositories });
    onTestFinished(() => registry.close());
    return { registry, repositories };
  }

  it('gets a missing repository where that is wished, once', async () => {
    const { registry, repositories } = await start();
    const api = await startServer((request, response, body) => {
      const { repositoryName } = JSON.parse(body.toString('utf8')) as { repositoryName: string };
      repositories.push(repositoryName);
      expect(request.headers['x-amz-target']).toBe('AmazonEC2ContainerRegistry_V20150921.CreateRepository');
      expect(request.headers.authorization).toContain('/eu-central-1/ecr/aws4_request');
      response.end('{}');
    });
    onTestFinished(() => api.close());
    const { registries } = openForTest({
      settings: { [host]: { endpoint: registry.url } },
      createRepositories: () => aws,
      ecrApi: api.url,
    });
    const push = registries.open(host, 'push');
    const other = Buffer.from('other');
    await Promise.all([
      push.putBlob('backup/web', blobOf(bytes), streamOf(bytes)),
      push.putBlob('backup/web', blobOf(other), streamOf(other)),
    ]);
    expect(registry.hasBlob('backup/web', blobOf(bytes).digest)).toBe(true);
    expect(repositories).toEqual(['backup/web']);
  });

  it('gets a missing repository of a public registry by the name without its alias', async () => {
    const { registry, repositories } = await start();
    const api = await startServer((request, response, body) => {
      expect(request.headers['x-amz-target']).toBe('SpencerFrontendService.CreateRepository');
      expect(request.headers.authorization).toContain('/us-east-1/ecr-public/aws4_request');
      expect(JSON.parse(body.toString('utf8'))).toEqual({ repositoryName: 'backup/web' });
      repositories.push('acme/backup/web');
      response.end('{}');
    });
    onTestFinished(() => api.close());
    const open = (options: object) =>
      openForTest({ settings: { 'public.ecr.aws': { endpoint: registry.url } }, ...options })
        .registries.open('public.ecr.aws', 'push')
        .putBlob('acme/backup/web', blobOf(bytes), streamOf(bytes));
    expect((await errorOf(open({}))).message).toContain('--create-repositories');
    await open({ createRepositories: () => aws, ecrApi: api.url });
    expect(registry.hasBlob('acme/backup/web', blobOf(bytes).digest)).toBe(true);
  });

  it('takes a repository that another process has just made', async () => {
    const { registry, repositories } = await start();
    const api = await startServer((_, response) => {
      repositories.push('backup/web');
      response.writeHead(400).end('{"__type":"RepositoryAlreadyExistsException","message":"it is there"}');
    });
    onTestFinished(() => api.close());
    const { registries } = openForTest({
      settings: { [host]: { endpoint: registry.url } },
      createRepositories: () => aws,
      ecrApi: api.url,
    });
    await registries.open(host, 'push').putBlob('backup/web', blobOf(bytes), streamOf(bytes));
    expect(registry.hasBlob('backup/web', blobOf(bytes).digest)).toBe(true);
  });

  it('says what the API says when it refuses', async () => {
    const { registry } = await start();
    const api = await startServer((_, response) => {
      response.writeHead(400).end('{"__type":"AccessDeniedException","message":"no"}');
    });
    onTestFinished(() => api.close());
    const { registries } = openForTest({
      settings: { [host]: { endpoint: registry.url } },
      createRepositories: () => aws,
      ecrApi: api.url,
    });
    const error = await errorOf(registries.open(host, 'push').putBlob('a/b', blobOf(bytes), streamOf(bytes)));
    expect(error.code).toBe('denied');
    expect(error.message).toContain('ecr:CreateRepository');
    expect(error.message).not.toContain(aws.secretAccessKey);
  });

  it('has an error that names the flag where it is not wished', async () => {
    const { registry } = await start();
    const { registries } = openForTest({ settings: { [host]: { endpoint: registry.url } } });
    const error = await errorOf(registries.open(host, 'push').putBlob('a/b', blobOf(bytes), streamOf(bytes)));
    expect(error.code).toBe('not-found');
    expect(error.message).toContain('--create-repositories');
  });
});
