/** A kind of the API server, and where its pod spec stands. */
export interface WorkloadKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** The way to its pod spec. */
  readonly template: string;
  /** Objects that another one made say nothing that their owner does not. */
  readonly ownerless: boolean;
}

const inTemplate = 'spec.template.spec';

function kind(
  apiVersion: string,
  name: string,
  plural: string,
  ownerless: boolean,
  template = inTemplate,
): WorkloadKind {
  return { apiVersion, kind: name, plural, template, ownerless };
}

/** What makes Pods, in the order of a report. */
export const workloadKinds: readonly WorkloadKind[] = [
  kind('apps/v1', 'Deployment', 'deployments', false),
  kind('apps/v1', 'DaemonSet', 'daemonsets', false),
  kind('apps/v1', 'StatefulSet', 'statefulsets', false),
  kind('apps/v1', 'ReplicaSet', 'replicasets', true),
  kind('batch/v1', 'Job', 'jobs', true),
  kind('batch/v1', 'CronJob', 'cronjobs', false, 'spec.jobTemplate.spec.template.spec'),
  kind('v1', 'Pod', 'pods', true, 'spec'),
];

/** What can come back without a change in Git: earlier states that a rollback starts again. */
export const rollbackKinds: readonly WorkloadKind[] = [
  ...workloadKinds,
  kind('apps/v1', 'ControllerRevision', 'controllerrevisions', false, 'data.spec.template.spec'),
];

/** `/apis/apps/v1/deployments`. */
export function pathOf({ apiVersion, plural }: { readonly apiVersion: string; readonly plural: string }) {
  return `${apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`}/${plural}`;
}
