import { signAwsRequest } from './aws-signature.ts';
import { readBody } from './body.ts';
import type { Clock } from './clock.ts';
import type { Connections } from './connections.ts';
import { exchange } from './exchange.ts';
import { findConnectionFailure } from './failure.ts';
import type { Pace } from './pace.ts';
import type { Redactor } from './redactor.ts';
import { RegistryError } from './registry-error.ts';
import { PassingFailure, withRetries } from './retry.ts';
import { isPassingStatus } from './retry-policy.ts';
import { parseServerMessage } from './server-message.ts';
import type { AwsCredentials } from './settings.ts';

const hostForm = /^(\d{12})\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)$/;

/** Where and how a repository is made. */
interface EcrApi {
  readonly url: string;
  readonly region: string;
  /** For the signature. */
  readonly service: string;
  /** `x-amz-target`. */
  readonly operation: string;
  readonly body: (repository: string) => object;
}

/** AWS' models of `ecr` and `ecr-public`: the public one is in one region, and its names have no alias before them. */
function findEcrApi(host: string): EcrApi | null {
  if (host === 'public.ecr.aws')
    return {
      url: 'https://api.ecr-public.us-east-1.amazonaws.com/',
      region: 'us-east-1',
      service: 'ecr-public',
      operation: 'SpencerFrontendService.CreateRepository',
      body: (repository) => ({ repositoryName: repository.replace(/^[^/]*\//, '') }),
    };
  const [, account, fips, region, domain] = hostForm.exec(host) ?? [];
  if (account === undefined || region === undefined) return null;
  return {
    url: `https://${fips === undefined ? 'api.ecr' : 'ecr-fips'}.${region}.${domain}/`,
    region,
    service: 'ecr',
    operation: 'AmazonEC2ContainerRegistry_V20150921.CreateRepository',
    body: (repository) => ({ registryId: account, repositoryName: repository }),
  };
}

/** Whether missing repositories can be made there by AWS' API. */
export function isEcr(host: string): boolean {
  return findEcrApi(host) !== null;
}

interface EcrOptions {
  readonly host: string;
  readonly findCredentials: () => AwsCredentials;
  /** Where the API answers instead of at AWS: for tests and private end points. */
  readonly api: string | undefined;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly redactor: Redactor;
  readonly idleTimeout: number;
}

/** Makes repositories of an ECR registry by its API; null for the host of another registry. */
export function createEcrRepositories(
  options: EcrOptions,
): ((repository: string, signal: AbortSignal | undefined) => Promise<void>) | null {
  const api = findEcrApi(options.host);
  if (api === null) return null;
  const { region, service, operation, body: toBody } = api;
  const { redactor, clock, pace, host: registry } = options;
  const url = new URL(options.api ?? api.url);

  return (repository, signal) =>
    withRetries(() => create(repository, signal), { registry, clock, pace, signal });

  async function create(repository: string, signal: AbortSignal | undefined): Promise<void> {
    const { status, text } = await ask(repository, signal);
    if (status === 200) return;
    const said = parseServerMessage(Buffer.from(text), undefined);
    const kind = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1] ?? '';
    // Another process was faster.
    if (kind === 'RepositoryAlreadyExistsException') return;
    const detail = redactor.clean([kind, said.text].filter(Boolean).join(': '));
    const problem = `the repository could not be created: the AWS credentials need ${service}:CreateRepository`;
    const error = new RegistryError('denied', problem, { registry, repository, status, detail });
    throw isPassingStatus(status) || kind === 'ThrottlingException' ? new PassingFailure(error) : error;
  }

  async function ask(repository: string, signal: AbortSignal | undefined) {
    const aws = options.findCredentials();
    redactor.hide(aws.secretAccessKey);
    redactor.hide(aws.sessionToken ?? '');
    const body = JSON.stringify(toBody(repository));
    const headers = signAwsRequest(
      {
        url,
        region,
        service,
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': operation,
        },
        body,
        now: clock.now(),
      },
      aws,
    );
    try {
      const answer = await exchange({
        method: 'POST',
        url,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        body: Buffer.from(body),
        agent: options.connections.agentFor(url, 'other', false),
        idleTimeout: options.idleTimeout,
        signal,
      });
      const text = (await readBody(answer, 64 * 1024, options.idleTimeout)).toString('utf8');
      return { status: answer.statusCode ?? 0, text };
    } catch (cause) {
      const failure = findConnectionFailure(cause);
      if (failure === null) throw cause;
      const error = new RegistryError(failure.code, failure.problem, { registry, repository, cause });
      throw failure.isWorthRetrying ? new PassingFailure(error) : error;
    }
  }
}
